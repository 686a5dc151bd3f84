import type { WriteDb } from '../open.ts'

/** A passkey as it is stored. */
export interface PasskeyRow {
  /** Its id at the authenticator, base64url. */
  passkey: string
  account: string
  title: string
  publicKey: Uint8Array<ArrayBuffer>
  /** Uses that the authenticator has counted; a lower one tells of a copy. */
  counter: number
  transports: string[]
  isBackedUp: boolean
  addedAt: number
  usedAt: number | null
}

type Raw = Omit<PasskeyRow, 'publicKey' | 'transports' | 'isBackedUp'> & { publicKey: Buffer; transports: string; isBackedUp: number }

const columns =
  'passkey, account, title, public_key AS publicKey, counter, transports, is_backed_up AS isBackedUp, added_at AS addedAt, used_at AS usedAt'

/** Passkeys of accounts. */
export function openPasskeyTable(db: WriteDb) {
  const one = db.prepare<[string], Raw>(`SELECT ${columns} FROM passkey WHERE passkey = ?`)
  const of = db.prepare<[string], Raw>(`SELECT ${columns} FROM passkey WHERE account = ? ORDER BY added_at, passkey`)
  const any = db.prepare<[], { one: number }>('SELECT 1 AS one FROM passkey LIMIT 1')
  const add = db.prepare(`INSERT INTO passkey (passkey, account, title, public_key, counter, transports, is_backed_up, added_at, used_at)
    VALUES (@passkey, @account, @title, @publicKey, @counter, @transports, @isBackedUp, @addedAt, NULL)`)
  const used = db.prepare('UPDATE passkey SET counter = ?, used_at = ? WHERE passkey = ?')
  const remove = db.prepare('DELETE FROM passkey WHERE account = ? AND passkey = ?')
  const removeAll = db.prepare('DELETE FROM passkey WHERE account = ?')
  return {
    find(passkey: string): PasskeyRow | null {
      const raw = one.get(passkey)
      return raw === undefined ? null : fromRaw(raw)
    },
    of: (account: string): PasskeyRow[] => of.all(account).map(fromRaw),
    any: (): boolean => any.get() !== undefined,
    add: (row: Omit<PasskeyRow, 'usedAt'>): void =>
      void add.run({
        ...row,
        publicKey: Buffer.from(row.publicKey),
        transports: JSON.stringify(row.transports),
        isBackedUp: row.isBackedUp ? 1 : 0,
      }),
    noteUse: (passkey: string, counter: number, at: number): void => void used.run(counter, at, passkey),
    remove: (account: string, passkey: string): boolean => remove.run(account, passkey).changes > 0,
    removeAll: (account: string): number => removeAll.run(account).changes,
  }
}

function fromRaw({ publicKey, transports, isBackedUp, ...row }: Raw): PasskeyRow {
  return {
    ...row,
    publicKey: new Uint8Array(publicKey),
    transports: JSON.parse(transports) as string[],
    isBackedUp: isBackedUp === 1,
  }
}
