import { lesserRole, reaches, type PersonRole } from '../../../shared/domain/people.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { isMethodName, contract } from '../../../shared/rpc/contract.ts'
import type { TokenShown } from '../../../shared/rpc/contract/tokens.ts'
import type { Caller } from '../../../shared/rpc/dispatch.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { TokenRow } from '../store/fleet/tokens.ts'
import { makeId } from './secrets.ts'

type Parts = Pick<FleetStore, 'accounts'>

/** Whoever is taken out at the provider does not sign in any more: nothing tells us, so that tokens of such accounts need a sign-in now and then. */
const PROVIDER_AWAY_MS = 30 * 86_400_000

/** How a token stands. */
export function tokenState({ accounts }: Parts, row: TokenRow, now: number): TokenShown['state'] {
  if (row.revokedAt !== null) return 'revoked'
  if (now >= row.expiresAt) return 'expired'
  if (row.account === null) return 'valid'
  const account = accounts.find(row.account)
  if (account === null || account.isDisabled) return 'account disabled'
  return account.subject !== null && now - (account.signedInAt ?? account.addedAt) > PROVIDER_AWAY_MS ? 'owner away' : 'valid'
}

/** A token never does more than whoever made it may do today. */
export function tokenRole({ accounts }: Parts, row: TokenRow): PersonRole {
  const account = row.account === null ? null : accounts.find(row.account)
  return account === null ? row.role : lesserRole(row.role, account.role)
}

/** What a token may be made of. @throws Problem `access.denied`, `access.token-exists`, `input.invalid` */
export function makeToken(
  { store, now }: { store: FleetStore; now: number },
  of: { name: string; role: PersonRole; methods: string[] | null; days: number; hash: string },
  caller: Caller,
): TokenRow {
  requirePerson(caller, 'A token cannot make another one.')
  if (!reaches(caller.role, of.role))
    throw new Problem('access.denied', `A token of yours has at most your role, ${caller.role}.`, {
      hint: `Make it with --role ${caller.role}, or ask somebody whose role reaches further.`,
    })
  for (const method of of.methods ?? []) {
    if (!isMethodName(method))
      throw new Problem('input.invalid', `There is no method '${method}'.`, { hint: '`muster call --list` shows them.' })
    if (!reaches(of.role, contract[method].role))
      throw new Problem('input.invalid', `'${method}' needs the role ${contract[method].role}, and the token has ${of.role}.`)
  }
  const account = caller.account ?? null
  const isTaken = store.tokens
    .all()
    .some((one) => one.name === of.name && one.account === account && tokenState(store, one, now) === 'valid')
  if (isTaken) throw new Problem('access.token-exists', `There is a token '${of.name}' already.`)
  const token = makeId()
  store.tokens.add({
    ...{ token, hash: of.hash, name: of.name, account, role: of.role, methods: of.methods },
    ...{ madeAt: now, madeBy: caller.actor.slice(0, 200), expiresAt: now + of.days * 86_400_000 },
  })
  return store.tokens.find(token)!
}

/** @throws Problem `access.denied` for a token: it could outlive its own end, or change who gets in */
export function requirePerson(caller: Caller, message: string): void {
  if (caller.by === 'token') throw new Problem('access.denied', message, { hint: 'Do it as a person: muster login' })
}

/** Tokens that a caller may see: its own, and an admin all. */
export function seesToken(caller: Caller, row: TokenRow): boolean {
  return caller.role === 'admin' || (row.account !== null && row.account === caller.account)
}

/** A token as it is shown. */
export function shownToken(store: FleetStore, row: TokenRow, now: number): TokenShown {
  const { token, name, account, methods, madeAt, madeBy, expiresAt, usedAt } = row
  return {
    ...{ token, name, account, role: tokenRole(store, row), methods, madeAt, madeBy, expiresAt, usedAt },
    state: tokenState(store, row, now),
  }
}
