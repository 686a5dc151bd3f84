import type { FieldMark } from '../../../../shared/domain/privacy/mark.ts'
import type { WriteDb } from '../open.ts'

/** What was found of a subject and taken out, by place. */
export interface ErasedCounts {
  samples: number
  labels: number
  deskRows: number
  unreadable: number
  backups: number
  copies: number
}

/** Somebody who was erased. */
export interface Erasure {
  id: number
  /** The keyed hash that devices make of the subject. */
  subject: string
  reason: string
  by: string
  at: number
  /** Everything that this console holds is clean since; null: not yet. */
  doneAt: number | null
  found: Partial<ErasedCounts>
  /** Why it is not done. */
  problem: string | null
}

type RawErasure = Omit<Erasure, 'found'> & { found: string }

const columns = 'id, subject, reason, by, at, done_at AS doneAt, found, problem'

export type PrivacyTable = ReturnType<typeof openPrivacyTable>

/** Marked fields, erasures, and what devices have confirmed of them. */
export function openPrivacyTable(db: WriteDb) {
  const marks = db.prepare<[], FieldMark>(
    'SELECT field, kind, mask, reason, set_by AS setBy, set_at AS setAt FROM privacy_field ORDER BY field',
  )
  const putMark = db.prepare(`INSERT OR REPLACE INTO privacy_field (field, kind, mask, reason, set_by, set_at)
    VALUES (@field, @kind, @mask, @reason, @setBy, @setAt)`)
  const removeMark = db.prepare('DELETE FROM privacy_field WHERE field = ?')
  return {
    marks: (): FieldMark[] => marks.all(),
    putMark: (mark: FieldMark): void => void putMark.run(mark),
    removeMark: (field: string): boolean => removeMark.run(field).changes > 0,
    ...openErasures(db),
    ...openConfirmations(db),
  }
}

function openErasures(db: WriteDb) {
  const all = db.prepare<[], RawErasure>(`SELECT ${columns} FROM privacy_erasure ORDER BY id DESC`)
  const bySubject = db.prepare<[string], RawErasure>(`SELECT ${columns} FROM privacy_erasure WHERE subject = ?`)
  const add = db.prepare('INSERT INTO privacy_erasure (subject, reason, by, at) VALUES (@subject, @reason, @by, @at)')
  const note = db.prepare('UPDATE privacy_erasure SET done_at = @doneAt, found = @found, problem = @problem WHERE id = @id')
  const again = db.prepare('UPDATE privacy_erasure SET done_at = NULL WHERE done_at IS NOT NULL')
  return {
    /** The newest first. */
    erasures: (): Erasure[] => all.all().map(erasureOf),
    erasure(subject: string): Erasure | null {
      const row = bySubject.get(subject)
      return row === undefined ? null : erasureOf(row)
    },
    addErasure: (of: Pick<Erasure, 'subject' | 'reason' | 'by' | 'at'>): number => Number(add.run(of).lastInsertRowid),
    noteErasure: (of: Pick<Erasure, 'id' | 'doneAt' | 'found' | 'problem'>): void =>
      void note.run({ ...of, found: JSON.stringify(of.found) }),
    /** The stores are others than those that were cleaned, as after a restore. */
    doAgain: (): void => void again.run(),
  }
}

function openConfirmations(db: WriteDb) {
  const add = db.prepare('INSERT OR IGNORE INTO privacy_erasure_device (erasure, device) SELECT ?, device FROM device')
  const confirm = db.prepare(`UPDATE privacy_erasure_device SET confirmed_at = ? WHERE device = ? AND confirmed_at IS NULL
    AND erasure = (SELECT id FROM privacy_erasure WHERE subject = ?)`)
  const pending = db.prepare<[], { device: string; subject: string; erasure: number }>(`SELECT waiting.device AS device, subject, erasure
    FROM privacy_erasure_device AS waiting JOIN privacy_erasure ON privacy_erasure.id = waiting.erasure
    JOIN device ON device.device = waiting.device WHERE confirmed_at IS NULL ORDER BY erasure, waiting.device`)
  const ofDevice = db.prepare<[string], { subject: string }>(`SELECT subject FROM privacy_erasure_device
    JOIN privacy_erasure ON privacy_erasure.id = erasure WHERE device = ? AND confirmed_at IS NULL ORDER BY erasure LIMIT 256`)
  const confirmed = db
    .prepare<[number], number>('SELECT count(*) FROM privacy_erasure_device WHERE erasure = ? AND confirmed_at IS NOT NULL')
    .pluck()
  return {
    /** Every device of the fleet is to take it out. */
    askDevices: (erasure: number): void => void add.run(erasure),
    /** @returns true if it was pending */
    confirm: (device: string, subject: string, at: number): boolean => confirm.run(at, device, subject).changes > 0,
    /** What devices that are still of the fleet have not confirmed. */
    pending: () => pending.all(),
    pendingOf: (device: string): string[] => ofDevice.all(device).map(({ subject }) => subject),
    confirmed: (erasure: number): number => confirmed.get(erasure) ?? 0,
  }
}

function erasureOf(row: RawErasure): Erasure {
  return { ...row, found: JSON.parse(row.found) as Partial<ErasedCounts> }
}
