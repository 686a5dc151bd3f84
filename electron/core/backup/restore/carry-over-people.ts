import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'

/** Who may come in after a restore: who might before it, or who is in the backup, with every token ended. */
export type PeopleAfterRestore = 'kept' | 'of-backup'

/** The tables of who may come in, and their columns; the ones that others point at go last, and come first. */
const tables = {
  token: 'token, hash, name, account, role, methods, made_at, made_by, expires_at, used_at, revoked_at',
  passkey: 'passkey, account, title, public_key, counter, transports, is_backed_up, added_at, used_at',
  oidc_provider: 'id, settings, secret',
  account: 'name, display_name, role, handle, password, subject, is_disabled, added_at, added_by, signed_in_at',
} as const
type Table = keyof typeof tables
const names = Object.keys(tables) as Table[]

/**
 * What becomes of the people. A console without accounts tells nothing of those of a backup: it may be a new machine.
 * @param before accounts of the store that is replaced; null: it is not there, or cannot be read
 */
export function peopleAfterRestore(of: { before: number | null; backup: number }): PeopleAfterRestore {
  return of.before !== null && (of.before > 0 || of.backup === 0) ? 'kept' : 'of-backup'
}

/** Accounts of an open store; one of an older version has none. */
export function countAccounts(db: Database.Database): number {
  return hasTable(db, 'account') ? db.prepare<[], number>('SELECT count(*) FROM account').pluck().get()! : 0
}

/**
 * A restore must not let in again whom somebody has shut out since, nor let everybody in because the backup is older than the first account:
 * accounts, passkeys, tokens and the provider are taken over from the store that is replaced. Where it cannot be read, every token ends.
 * Everybody signs in anew. Call it in a transaction.
 * @param oldFile fleet.db as it was moved aside; null: there was none
 */
export function carryOverPeople(
  { db, sessions }: Pick<FleetStore, 'db' | 'sessions'>,
  oldFile: string | null,
  at: number,
): PeopleAfterRestore {
  sessions.clear()
  const old = oldFile === null ? null : readOld(oldFile)
  const after = peopleAfterRestore({ before: old?.account.length ?? null, backup: countAccounts(db) })
  if (old === null || after === 'of-backup') {
    db.prepare('UPDATE token SET revoked_at = ? WHERE revoked_at IS NULL').run(at)
    return 'of-backup'
  }
  for (const name of names) db.prepare(`DELETE FROM ${name}`).run()
  for (const name of names.toReversed()) {
    const columns = tables[name].split(', ')
    const put = db.prepare(`INSERT INTO ${name} (${tables[name]}) VALUES (${columns.map((column) => `@${column}`).join(', ')})`)
    for (const row of old[name]) put.run(row)
  }
  return after
}

type OldPeople = Record<Table, Record<string, unknown>[]>

function readOld(file: string): OldPeople | null {
  if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return null
  let db: Database.Database | null = null
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    const read = (name: Table): Record<string, unknown>[] =>
      hasTable(db!, name) ? db!.prepare<[], Record<string, unknown>>(`SELECT ${tables[name]} FROM ${name}`).all() : []
    return { token: read('token'), passkey: read('passkey'), oidc_provider: read('oidc_provider'), account: read('account') }
  } catch {
    return null
  } finally {
    db?.close()
  }
}

function hasTable(db: Database.Database, name: Table): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined
}
