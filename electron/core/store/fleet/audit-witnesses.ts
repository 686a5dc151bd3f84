import type { WriteDb } from '../open.ts'

/** A checkpoint as it was signed. */
export interface CheckpointRow {
  size: number
  root: string
  at: number
  keyId: string
  /** JSON of the `checkpoint` message. */
  message: string
}

/** What a device says it keeps. */
export interface WitnessRow {
  device: string
  size: number
  root: string
  at: number
}

/** A device knows a log that ours does not extend. */
export interface Contradiction {
  device: string
  size: number
  root: string
  /** Entries of our log when it was found. */
  logSize: number
  foundAt: number
  acceptedAt: number | null
  acceptedBy: string | null
}

export type WitnessTable = ReturnType<typeof openWitnessTable>

/** Signed checkpoints of the audit log, and what devices keep of them. */
export function openWitnessTable(db: WriteDb) {
  const checkpointColumns = 'size, root, at, key_id AS keyId, message'
  const addCheckpoint = db.prepare(
    'INSERT OR IGNORE INTO audit_checkpoint (size, root, at, key_id, message) VALUES (@size, @root, @at, @keyId, @message)',
  )
  const newest = db.prepare<[], CheckpointRow>(`SELECT ${checkpointColumns} FROM audit_checkpoint ORDER BY size DESC LIMIT 1`)
  const page = db.prepare<[number, number], CheckpointRow>(
    `SELECT ${checkpointColumns} FROM audit_checkpoint WHERE size < ? ORDER BY size DESC LIMIT ?`,
  )
  const inOrder = db.prepare<[], CheckpointRow>(`SELECT ${checkpointColumns} FROM audit_checkpoint ORDER BY size`)
  const covering = db.prepare<[number], CheckpointRow>(
    `SELECT ${checkpointColumns} FROM audit_checkpoint WHERE size >= ? ORDER BY size LIMIT 1`,
  )
  const count = db.prepare<[], { count: number }>('SELECT count(*) AS count FROM audit_checkpoint')
  const note = db.prepare(`INSERT INTO audit_witness (device, size, root, at) VALUES (@device, @size, @root, @at)
    ON CONFLICT (device) DO UPDATE SET size = excluded.size, root = excluded.root, at = excluded.at`)
  const witness = db.prepare<[string], WitnessRow>('SELECT device, size, root, at FROM audit_witness WHERE device = ?')
  const witnesses = db.prepare<[], WitnessRow>('SELECT device, size, root, at FROM audit_witness ORDER BY size DESC, device')
  const contradictionColumns =
    'device, size, root, log_size AS logSize, found_at AS foundAt, accepted_at AS acceptedAt, accepted_by AS acceptedBy'
  const contradict = db.prepare(
    'INSERT OR IGNORE INTO audit_contradiction (device, size, root, log_size, found_at) VALUES (@device, @size, @root, @logSize, @foundAt)',
  )
  const contradictions = db.prepare<[], Contradiction>(`SELECT ${contradictionColumns} FROM audit_contradiction ORDER BY found_at, device`)
  const accept = db.prepare('UPDATE audit_contradiction SET accepted_at = ?, accepted_by = ? WHERE accepted_at IS NULL')
  return {
    addCheckpoint: (row: CheckpointRow): void => void addCheckpoint.run(row),
    newest: (): CheckpointRow | null => newest.get() ?? null,
    /** The newest first. @param before only smaller ones */
    page: (before: number, limit: number): CheckpointRow[] => page.all(before, limit),
    inOrder: (): CheckpointRow[] => inOrder.all(),
    /** The first checkpoint that an entry is part of. */
    covering: (seq: number): CheckpointRow | null => covering.get(seq) ?? null,
    count: (): number => count.get()!.count,
    witness: (device: string): WitnessRow | null => witness.get(device) ?? null,
    /** Those with the largest log first. */
    witnesses: (): WitnessRow[] => witnesses.all(),
    note: (row: WitnessRow): void => void note.run(row),
    /** @returns true if nobody had said that before */
    contradict: (row: Omit<Contradiction, 'acceptedAt' | 'acceptedBy'>): boolean => contradict.run(row).changes > 0,
    contradictions: (): Contradiction[] => contradictions.all(),
    /** A person knows why. @returns how many were open */
    accept: (at: number, by: string): number => accept.run(at, by).changes,
  }
}
