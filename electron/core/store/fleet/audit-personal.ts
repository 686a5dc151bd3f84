import { hash, randomBytes } from 'node:crypto'
import type { WriteDb } from '../open.ts'

const SALT_BYTES = 16

/** A personal text of the log with what proves that it belongs to its reference. */
export interface PersonalText {
  ref: string
  salt: Uint8Array
  text: string
}

export type PersonalTable = ReturnType<typeof openPersonalTable>

/** Id of a text under a salt: the first 32 hex digits of SHA-256 over both. Without the salt nobody finds the text by trying. */
export function personalRef(salt: Uint8Array, text: string): string {
  return hash('sha256', Buffer.concat([salt, Buffer.from(text)])).slice(0, 32)
}

/** What is personal in the audit log, once per text; entries carry the reference. */
export function openPersonalTable(db: WriteDb) {
  const byText = db.prepare<[string], { ref: string }>('SELECT ref FROM audit_personal WHERE text = ?')
  const byRef = db.prepare<[string], PersonalText>('SELECT ref, salt, text FROM audit_personal WHERE ref = ?')
  const add = db.prepare('INSERT INTO audit_personal (ref, salt, text) VALUES (?, ?, ?)')
  const erase = db.prepare('DELETE FROM audit_personal WHERE ref = ?')
  const containing = db.prepare<[string], { ref: string }>('SELECT ref FROM audit_personal WHERE instr(lower(text), ?) > 0')
  const all = db.prepare<[], PersonalText>('SELECT ref, salt, text FROM audit_personal')
  return {
    /** The reference of a text; a new one gets a salt of its own. */
    refer(text: string): string {
      const known = byText.get(text)
      if (known !== undefined) return known.ref
      const salt = randomBytes(SALT_BYTES)
      const ref = personalRef(salt, text)
      add.run(ref, salt, text)
      return ref
    },
    find: (ref: string): PersonalText | null => byRef.get(ref) ?? null,
    textOf: (ref: string): string | null => byRef.get(ref)?.text ?? null,
    /** References of texts that hold a part, whatever its case. */
    containing: (part: string): string[] => containing.all(part.toLowerCase()).map(({ ref }) => ref),
    all: (): PersonalText[] => all.all(),
    /** Takes a text out for ever; the entries that carry its reference stay as they are. @returns true if there was one */
    erase: (ref: string): boolean => erase.run(ref).changes > 0,
  }
}
