import { z } from 'zod'
import { GUEST, MAX_PASSWORD, personRoles } from '../../domain/people.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, entrance, query } from '../method.ts'

/** What a way in ends with: the session, which its holder shows from then on. */
const signedIn = z.object({
  session: text(256).describe('The secret of the session. It is given once, here.'),
  account: text(40),
  displayName: text(64),
  role: z.enum(personRoles),
  endsAt: epochMs.describe('At the latest.'),
})
/** Somebody who signed in. */
export type SignedIn = z.infer<typeof signedIn>

/** What browsers and authenticators say to each other passes through as it is; its reader checks it. */
const passed = z.record(z.string().max(64), z.unknown())

const session = z.object({
  session: text(32),
  way: z.enum(['password', 'passkey', 'oidc']),
  client: text(64).describe('What it was made with, as that said of itself.'),
  madeAt: epochMs,
  usedAt: epochMs,
  endsAt: epochMs,
  isThis: z.boolean(),
})

const passkey = z.object({
  passkey: text(1400),
  title: text(64),
  addedAt: epochMs,
  usedAt: epochMs.nullable(),
  isBackedUp: z.boolean().describe('Its maker keeps copies of it, as those of phones are.'),
})
/** A passkey of an account. */
export type Passkey = z.infer<typeof passkey>

const caller = z.object({
  actor: text(200).describe('As the audit log says it.'),
  role: z.enum([GUEST, ...personRoles]),
  by: z.enum(['guest', 'local', 'owner', 'session', 'token', 'console']),
  account: z
    .object({
      name: text(40),
      displayName: text(64),
      hasPassword: z.boolean(),
      isFromProvider: z.boolean(),
    })
    .nullable(),
  methods: z.array(text(64)).nullable().describe('The only methods that a token is for; null: all of its role.'),
})

const challenge = z.object({ challenge: text(64), options: passed })

export const accessMethods = {
  'access.show': query(
    'Who the caller is, and how one signs in.',
    z.strictObject({}),
    z.object({
      isGuarded: z.boolean().describe('There are accounts, so people sign in.'),
      caller,
      ways: z.object({
        password: z.boolean(),
        passkey: z.boolean().describe('Somebody has a passkey. Browsers offer them at http://localhost only.'),
        oidc: z.object({ title: text(64) }).nullable(),
      }),
    }),
    GUEST,
  ),
  'access.signIn': entrance(
    'Sign in with name and password.',
    z.strictObject({ name: text(64), password: text(MAX_PASSWORD), client: text(64).default('') }),
    signedIn,
    GUEST,
  ),
  'access.passkeyChallenge': entrance('Begin to sign in with a passkey.', z.strictObject({}), challenge, GUEST),
  'access.signInWithPasskey': entrance(
    'Sign in with what the authenticator answered.',
    z.strictObject({ challenge: text(64), response: passed, client: text(64).default('') }),
    signedIn,
    GUEST,
  ),
  'access.beginOidc': entrance(
    'Begin to sign in at the provider of the organisation.',
    z.strictObject({ redirectUri: text(200).describe('Address of this page to come back to: http://<loopback>:<port>/signed-in') }),
    z.object({ flow: text(64).describe('Kept by the page that began; whoever comes back without it is refused.'), url: text(4096) }),
    GUEST,
  ),
  'access.finishOidc': entrance(
    'Sign in with what the provider sent back.',
    z.strictObject({
      flow: text(64),
      parameters: text(8192).describe('What stood behind the ? of the address.'),
      client: text(64).default(''),
    }),
    signedIn,
    GUEST,
  ),
  'access.stayActive': entrance(
    'A person is at work with this session: it does not end for want of use.',
    z.strictObject({}),
    z.object({ endsAt: epochMs.nullable() }),
    'viewer',
  ),
  'access.signOut': command(
    'End this session, or all of this account.',
    z.strictObject({ everywhere: z.boolean().default(false) }),
    z.object({ ended: count }),
    'viewer',
  ),
  'access.sessions': query('Sessions of this account.', z.strictObject({}), z.object({ sessions: z.array(session) })),
  'access.endSession': command(
    'End one session of this account.',
    z.strictObject({ session: text(32) }),
    z.object({ ended: count }),
    'viewer',
  ),
  'access.preparePassword': entrance(
    'Hash a password and keep the hash for ten minutes under a ticket: commands carry the ticket, so that no password is ever stored or logged.',
    z.strictObject({
      password: text(MAX_PASSWORD),
      name: text(64).default('').describe('Of the account it is for: a password is not its name.'),
      current: text(MAX_PASSWORD).optional().describe('The password of the caller as it is; needed to change it.'),
    }),
    z.object({ ticket: text(64) }),
    'viewer',
  ),
  'access.setPassword': command(
    'Change the password of this account. All its other sessions end.',
    z.strictObject({ ticket: text(64).describe('Of access.preparePassword, with the current password.') }),
    z.object({ ended: count }),
    'viewer',
  ),
  'access.passkeys': query('Passkeys of this account.', z.strictObject({}), z.object({ passkeys: z.array(passkey) })),
  'access.passkeyOptions': entrance('Begin to make a passkey for this account.', z.strictObject({}), challenge, 'viewer'),
  'access.provePasskey': entrance(
    'Check what the authenticator made, and keep it for ten minutes under a ticket.',
    z.strictObject({ challenge: text(64), response: passed }),
    z.object({ ticket: text(64) }),
    'viewer',
  ),
  'access.addPasskey': command(
    'Add a passkey to this account.',
    z.strictObject({ ticket: text(64), title: text(64) }),
    z.object({ passkey }),
    'viewer',
  ),
  'access.removePasskey': command(
    'Remove a passkey of this account.',
    z.strictObject({ passkey: text(1400) }),
    z.object({ isChanged: z.boolean() }),
    'viewer',
  ),
} as const
