import { randomBytes } from 'node:crypto'
import { personName } from '../../../shared/domain/actor.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { PersonRole } from '../../../shared/domain/people.ts'
import type { Person } from '../../../shared/rpc/contract/people.ts'
import type { AccountRow } from '../store/fleet/accounts.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { isOpenSession } from './sessions.ts'
import { tokenState } from './tokens.ts'

/** @throws Problem `people.not-found` */
export function requireAccount({ accounts }: Pick<FleetStore, 'accounts'>, name: string): AccountRow {
  const row = accounts.find(name)
  if (row === null) throw new Problem('people.not-found', `There is no account '${name.slice(0, 64)}'.`)
  return row
}

/** Adds a local account. @throws Problem `people.exists`, `people.first-admin` */
export function addAccount(
  { accounts }: Pick<FleetStore, 'accounts'>,
  of: { name: string; displayName: string; role: PersonRole; password: string; at: number; by: string },
): AccountRow {
  if (accounts.find(of.name) !== null) throw new Problem('people.exists', `There is an account '${of.name}' already.`)
  if (of.role !== 'admin' && !accounts.any())
    throw new Problem('people.first-admin', 'With the first account people begin to sign in, so it must be one that may add others.')
  accounts.add({
    ...{ name: of.name, displayName: shownName(of.displayName, of.name), role: of.role, password: of.password, subject: null },
    ...{ handle: newHandle(), addedAt: of.at, addedBy: of.by.slice(0, 200) },
  })
  return accounts.find(of.name)!
}

/** Changes an account. @throws Problem `people.not-found`, `people.last-admin` */
export function changeAccount(
  store: Pick<FleetStore, 'accounts'>,
  change: { name: string; displayName?: string | undefined; role?: PersonRole | undefined; isDisabled?: boolean | undefined },
): AccountRow {
  const before = requireAccount(store, change.name)
  const after = {
    ...before,
    displayName: change.displayName === undefined ? before.displayName : shownName(change.displayName, before.name),
    role: change.role ?? before.role,
    isDisabled: change.isDisabled ?? before.isDisabled,
  }
  if (isLocalAdmin(before) && !isLocalAdmin(after) && store.accounts.all().filter(isLocalAdmin).length === 1)
    throw new Problem('people.last-admin', `${before.name} is the last admin of this console with a password of its own; it stays one.`)
  store.accounts.set(after)
  return after
}

/** An admin who gets in whatever becomes of a provider elsewhere. */
function isLocalAdmin(row: AccountRow): boolean {
  return row.role === 'admin' && !row.isDisabled && row.subject === null
}

/** What authenticators know an account by: random, so that it says nothing. */
export function newHandle(): string {
  return randomBytes(32).toString('base64url')
}

/** A name as it is shown; without one the name of the account. */
export function shownName(displayName: string, name: string): string {
  return personName(displayName) ?? name
}

/** An account as admins see it. */
export function personOfRow(store: FleetStore, row: AccountRow, now: number): Person {
  return {
    ...{ name: row.name, displayName: row.displayName, role: row.role, isDisabled: row.isDisabled },
    ...{ hasPassword: row.password !== null, isFromProvider: row.subject !== null },
    passkeys: store.passkeys.of(row.name).length,
    sessions: store.sessions.of(row.name).filter((session) => isOpenSession(session, now)).length,
    tokens: store.tokens.all().filter((token) => token.account === row.name && tokenState(store, token, now) === 'valid').length,
    ...{ addedAt: row.addedAt, addedBy: row.addedBy, signedInAt: row.signedInAt },
  }
}
