import type { PersonRole } from '../../../../shared/domain/people.ts'
import type { WriteDb } from '../open.ts'

/** An account as it is stored. */
export interface AccountRow {
  name: string
  displayName: string
  role: PersonRole
  /** Random; what authenticators know the account by. */
  handle: string
  /** Its hash; null: people sign in with something else. */
  password: string | null
  /** Issuer and subject at the provider that vouches for it; null: a local account. */
  subject: string | null
  isDisabled: boolean
  addedAt: number
  addedBy: string
  signedInAt: number | null
}

type Raw = Omit<AccountRow, 'isDisabled'> & { isDisabled: number }

const columns =
  'name, display_name AS displayName, role, handle, password, subject, is_disabled AS isDisabled, added_at AS addedAt, added_by AS addedBy, signed_in_at AS signedInAt'

export type AccountTable = ReturnType<typeof openAccountTable>

/** Accounts of people; none is ever removed, because the audit log speaks of them. */
export function openAccountTable(db: WriteDb) {
  const all = db.prepare<[], Raw>(`SELECT ${columns} FROM account ORDER BY name`)
  const one = db.prepare<[string], Raw>(`SELECT ${columns} FROM account WHERE name = ?`)
  const bySubject = db.prepare<[string], Raw>(`SELECT ${columns} FROM account WHERE subject = ?`)
  const byHandle = db.prepare<[string], Raw>(`SELECT ${columns} FROM account WHERE handle = ?`)
  const any = db.prepare<[], { one: number }>('SELECT 1 AS one FROM account LIMIT 1')
  const add =
    db.prepare(`INSERT INTO account (name, display_name, role, handle, password, subject, is_disabled, added_at, added_by, signed_in_at)
    VALUES (@name, @displayName, @role, @handle, @password, @subject, 0, @addedAt, @addedBy, NULL)`)
  const set = db.prepare('UPDATE account SET display_name = @displayName, role = @role, is_disabled = @isDisabled WHERE name = @name')
  const setPassword = db.prepare('UPDATE account SET password = ? WHERE name = ?')
  const signedIn = db.prepare('UPDATE account SET signed_in_at = ? WHERE name = ?')
  const read = (raw: Raw | undefined): AccountRow | null => (raw === undefined ? null : { ...raw, isDisabled: raw.isDisabled === 1 })
  return {
    all: (): AccountRow[] => all.all().map((raw) => read(raw)!),
    find: (name: string): AccountRow | null => read(one.get(name)),
    bySubject: (subject: string): AccountRow | null => read(bySubject.get(subject)),
    byHandle: (handle: string): AccountRow | null => read(byHandle.get(handle)),
    /** There are accounts, so people sign in. */
    any: (): boolean => any.get() !== undefined,
    add: (row: Omit<AccountRow, 'isDisabled' | 'signedInAt'>): void => void add.run(row),
    set: ({ name, displayName, role, isDisabled }: AccountRow): void =>
      void set.run({ name, displayName, role, isDisabled: isDisabled ? 1 : 0 }),
    setPassword: (name: string, password: string): void => void setPassword.run(password, name),
    noteSignIn: (name: string, at: number): void => void signedIn.run(at, name),
  }
}
