import { z } from 'zod'
import { accountName, personRoles } from '../../domain/people.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const person = z.object({
  name: text(40),
  displayName: text(64),
  role: z.enum(personRoles),
  isDisabled: z.boolean(),
  hasPassword: z.boolean(),
  isFromProvider: z.boolean().describe('The provider of the organisation vouches for it; it has no password here.'),
  passkeys: count,
  sessions: count.describe('Open now.'),
  tokens: count.describe('Valid now.'),
  addedAt: epochMs,
  addedBy: text(200),
  signedInAt: epochMs.nullable().describe('Last.'),
})
/** An account. */
export type Person = z.infer<typeof person>

const name = z.strictObject({ name: accountName })
const ticket = text(64).describe('Of access.preparePassword.')
const displayName = text(64).describe('How people call the person; empty: the name.')

const roleRule = z.strictObject({ value: text(200).min(1), role: z.enum(personRoles) })

const oidcChoice = z.strictObject({
  title: text(64).min(1).describe('What stands on the button, such as "Plant Lyon".'),
  issuer: text(512).describe('https://…; without TLS on this machine only.'),
  clientId: text(256).min(1),
  secret: text(512).nullable().default(null).describe('Of the client; null: none, or the one that is stored.'),
  scopes: text(256).default('openid profile email'),
  nameClaim: text(64).default('preferred_username').describe('The claim that names the account.'),
  roleClaim: text(64).default('groups').describe('The claim that says the role: a text or a list of texts.'),
  roles: z.array(roleRule).max(40).default([]).describe('The highest role of the values that the claim has.'),
  otherwise: z.enum(personRoles).nullable().default(null).describe('Role of people for whom no rule holds; null: they do not get in.'),
})
const oidcShown = oidcChoice.omit({ secret: true }).extend({ hasSecret: z.boolean(), isShut: z.boolean() })
/** How people sign in at the provider of their organisation, without its secret. */
export type OidcShown = z.infer<typeof oidcShown>
export type OidcChoice = z.infer<typeof oidcChoice>

export const peopleMethods = {
  'people.list': query('The accounts.', z.strictObject({}), z.object({ people: z.array(person) }), 'admin'),
  'people.add': command(
    'Add an account. With the first one, an admin, people sign in from then on: the key of the console and tokens of before count no more.',
    z.strictObject({ name: accountName, displayName: displayName.default(''), role: z.enum(personRoles), ticket }),
    person.extend({ endedTokens: count.describe('Tokens of before the first account, which counted until then.') }),
    'admin',
  ),
  'people.set': command(
    'Change what is named: how a person is called, the role, whether the account may be used.',
    name.extend({ displayName: displayName.optional(), role: z.enum(personRoles).optional(), isDisabled: z.boolean().optional() }),
    person,
    'admin',
  ),
  'people.setPassword': command(
    'Set the password of an account. All its sessions end, and what else it comes in with, unless that is kept.',
    name.extend({ ticket, keepsOthers: z.boolean().default(false).describe('Its tokens and passkeys go on.') }),
    person,
    'admin',
  ),
  'people.endSessions': command('End all sessions of an account.', name, z.object({ ended: count }), 'admin'),
  'people.removePasskeys': command(
    'Remove all passkeys of an account, as when a key was lost.',
    name,
    z.object({ removed: count }),
    'admin',
  ),
  'people.oidc': query(
    'How people sign in at the provider of their organisation; null: they do not.',
    z.strictObject({}),
    z.object({ provider: oidcShown.nullable() }),
    'admin',
  ),
  'people.setOidc': command(
    'Let people sign in at the provider of their organisation, or no longer. Sessions made there end when it is taken away.',
    z.strictObject({ provider: oidcChoice.nullable() }),
    z.object({ provider: oidcShown.nullable() }),
    'admin',
  ),
  'people.checkOidc': query(
    'Ask the provider for what signing in needs, before it is stored.',
    z.strictObject({ issuer: text(512), clientId: text(256) }),
    z.object({ ok: z.boolean(), sentence: text(500) }),
    'admin',
  ),
} as const
