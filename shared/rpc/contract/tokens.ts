import { z } from 'zod'
import { MAX_TOKEN_DAYS, personRoles, tokenName } from '../../domain/people.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, entrance, query } from '../method.ts'

const token = z.object({
  token: text(32).describe('Its id; no secret.'),
  name: text(40),
  account: text(40).nullable().describe('Whose it is; null: made before there were accounts, or by the owner of the machine.'),
  role: z.enum(personRoles),
  methods: z.array(text(64)).nullable().describe('The only methods it is for; null: all of its role.'),
  madeAt: epochMs,
  madeBy: text(200),
  expiresAt: epochMs,
  usedAt: epochMs.nullable().describe('Last, to the minute.'),
  state: z.enum(['valid', 'expired', 'revoked', 'account disabled', 'owner away']),
})
/** A token for programs, without its secret. */
export type TokenShown = z.infer<typeof token>

export const tokensMethods = {
  'tokens.list': query(
    'Tokens for programs: those of this account; an admin sees all.',
    z.strictObject({}),
    z.object({ tokens: z.array(token) }),
  ),
  'tokens.prepare': entrance(
    'Make the secret of a token. It is shown here once, and counts when tokens.create has named its ticket.',
    z.strictObject({}),
    z.object({ ticket: text(64), secret: text(256) }),
    'viewer',
  ),
  'tokens.create': command(
    'Make a token for a program. It may do no more than whoever makes it, and acts in that name.',
    z.strictObject({
      ticket: text(64),
      name: tokenName,
      role: z.enum(personRoles),
      methods: z.array(text(64)).min(1).max(200).nullable().default(null),
      days: count.min(1).max(MAX_TOKEN_DAYS).describe('After so many it expires.'),
    }),
    token,
    'viewer',
  ),
  'tokens.revoke': command(
    'Revoke a token: connections that use it end within a second.',
    z.strictObject({ token: text(32) }),
    z.object({ token, isChanged: z.boolean() }),
    'viewer',
  ),
} as const
