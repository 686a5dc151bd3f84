import type { PersonRole } from '../../../../shared/domain/people.ts'
import type { WriteDb } from '../open.ts'

/** A token of a program as it is stored, without its secret. */
export interface TokenRow {
  token: string
  name: string
  /** Whose it is; null: it was made before there were accounts, or by the owner of the machine. */
  account: string | null
  role: PersonRole
  /** null: all methods of its role. */
  methods: string[] | null
  madeAt: number
  madeBy: string
  expiresAt: number
  usedAt: number | null
  revokedAt: number | null
}

type Raw = Omit<TokenRow, 'methods'> & { methods: string | null }

const columns =
  'token, name, account, role, methods, made_at AS madeAt, made_by AS madeBy, expires_at AS expiresAt, used_at AS usedAt, revoked_at AS revokedAt'

/** Tokens of programs; those that count no more are kept for a while, so that people see what became of them. */
export function openTokenTable(db: WriteDb) {
  const all = db.prepare<[], Raw>(`SELECT ${columns} FROM token ORDER BY made_at DESC, token`)
  const one = db.prepare<[string], Raw>(`SELECT ${columns} FROM token WHERE token = ?`)
  const byHash = db.prepare<[string], Raw>(`SELECT ${columns} FROM token WHERE hash = ?`)
  const add = db.prepare(`INSERT INTO token (token, hash, name, account, role, methods, made_at, made_by, expires_at, used_at, revoked_at)
    VALUES (@token, @hash, @name, @account, @role, @methods, @madeAt, @madeBy, @expiresAt, NULL, NULL)`)
  const used = db.prepare('UPDATE token SET used_at = ? WHERE token = ?')
  const revoke = db.prepare('UPDATE token SET revoked_at = ? WHERE token = ? AND revoked_at IS NULL')
  const ownerless = db.prepare('UPDATE token SET revoked_at = ? WHERE account IS NULL AND revoked_at IS NULL AND expires_at > ?')
  const ofAccount = db.prepare('UPDATE token SET revoked_at = ? WHERE account = ? AND revoked_at IS NULL')
  const read = (raw: Raw | undefined): TokenRow | null =>
    raw === undefined ? null : { ...raw, methods: raw.methods === null ? null : (JSON.parse(raw.methods) as string[]) }
  return {
    all: (): TokenRow[] => all.all().map((raw) => read(raw)!),
    find: (token: string): TokenRow | null => read(one.get(token)),
    byHash: (hash: string): TokenRow | null => read(byHash.get(hash)),
    add: (row: Omit<TokenRow, 'usedAt' | 'revokedAt'> & { hash: string }): void =>
      void add.run({ ...row, methods: row.methods === null ? null : JSON.stringify(row.methods) }),
    noteUse: (token: string, at: number): void => void used.run(at, token),
    /** Those that no account made. @returns how many counted still */
    revokeOwnerless: (at: number): number => ownerless.run(at, at).changes,
    revokeOf: (account: string, at: number): void => void ofAccount.run(at, account),
    revoke: (token: string, at: number): boolean => revoke.run(at, token).changes > 0,
  }
}
