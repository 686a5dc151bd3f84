import type { TrustRole } from '../../../../shared/protocol/trust.ts'
import type { WriteDb } from '../open.ts'

/** One file of the trust metadata, as it was signed. */
export interface MetadataRow {
  name: string
  version: number
  bytes: Buffer
  createdAt: number
}

/** A key that people hold, or held. */
export interface TrustKeyRow {
  keyId: string
  role: 'root' | 'targets'
  label: string
  publicKey: string
  /** Where its file was written to. */
  kept: string | null
  createdAt: number
  endedAt: number | null
  endReason: string | null
}

export interface DrillRow {
  at: number
  actor: string
  keyId: string
  problem: string | null
}

export type TrustTable = ReturnType<typeof openTrustTable>

/** Versions of snapshot and targets that are kept: a device may be in the middle of asking for them. */
const KEPT_VERSIONS = 8

/** Trust metadata and the public halves of the keys of people. */
export function openTrustTable(db: WriteDb) {
  const put = db.prepare(
    `INSERT INTO trust_metadata (name, role, version, bytes, created_at) VALUES (@name, @role, @version, @bytes, @createdAt)
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, bytes = excluded.bytes, created_at = excluded.created_at`,
  )
  const columns = 'name, version, bytes, created_at AS createdAt'
  const find = db.prepare<[string], MetadataRow>(`SELECT ${columns} FROM trust_metadata WHERE name = ?`)
  const newest = db.prepare<[string], MetadataRow>(`SELECT ${columns} FROM trust_metadata WHERE role = ? ORDER BY version DESC LIMIT 1`)
  const versions = db.prepare<[string], MetadataRow>(`SELECT ${columns} FROM trust_metadata WHERE role = ? ORDER BY version DESC`)
  const tooOld = db.prepare<[string, number], { version: number }>(
    'SELECT version FROM trust_metadata WHERE role = ? ORDER BY version DESC LIMIT 1 OFFSET ?',
  )
  const prune = db.prepare('DELETE FROM trust_metadata WHERE role = ? AND version <= ?')
  const clear = db.prepare('DELETE FROM trust_metadata')
  const addKey = db.prepare(
    `INSERT INTO trust_key (key_id, role, label, public_key, kept, created_at) VALUES (@keyId, @role, @label, @publicKey, @kept, @createdAt)`,
  )
  const endKey = db.prepare('UPDATE trust_key SET ended_at = ?, end_reason = ? WHERE key_id = ? AND ended_at IS NULL')
  const keepKey = db.prepare('UPDATE trust_key SET kept = ? WHERE key_id = ?')
  const keys = db.prepare<[], TrustKeyRow>(
    `SELECT key_id AS keyId, role, label, public_key AS publicKey, kept, created_at AS createdAt, ended_at AS endedAt, end_reason AS endReason
    FROM trust_key ORDER BY ended_at IS NOT NULL, role, label, created_at`,
  )
  const addDrill = db.prepare('INSERT INTO trust_drill (at, actor, key_id, problem) VALUES (@at, @actor, @keyId, @problem)')
  const lastDrill = db.prepare<[string], DrillRow>(
    'SELECT at, actor, key_id AS keyId, problem FROM trust_drill WHERE key_id = ? ORDER BY id DESC LIMIT 1',
  )
  return {
    /** Stores a file under its version; of a timestamp there is only the newest. */
    put(role: TrustRole, file: { version: number; bytes: Buffer; createdAt: number }): void {
      put.run({ ...file, role, name: role === 'timestamp' ? role : `${role}-${file.version}` })
      if (role === 'snapshot' || role === 'targets') {
        // Versions follow the clock and have holes: the last few are counted, not reckoned.
        const first = tooOld.get(role, KEPT_VERSIONS)
        if (first !== undefined) prune.run(role, first.version)
      }
    },
    putIntroduction: (bytes: Buffer, createdAt: number): void =>
      void put.run({ name: 'introduction', role: 'introduction', version: 1, bytes, createdAt }),
    find: (name: string): MetadataRow | null => find.get(name) ?? null,
    newest: (role: TrustRole): MetadataRow | null => newest.get(role) ?? null,
    /** All that is kept of a role, the newest first. */
    versions: (role: TrustRole): MetadataRow[] => versions.all(role),
    /** Forgets all of it: only while nobody trusts it. */
    clear: (): void => void clear.run(),
    addKey: (row: Omit<TrustKeyRow, 'endedAt' | 'endReason'>): void => void addKey.run(row),
    endKey: (keyId: string, at: number, reason: string): void => void endKey.run(at, reason, keyId),
    /** Notes where the file of a key is kept now. */
    keepKey: (keyId: string, kept: string): void => void keepKey.run(kept, keyId),
    keys: (): TrustKeyRow[] => keys.all(),
    addDrill: (row: DrillRow): void => void addDrill.run(row),
    lastDrill: (keyId: string): DrillRow | null => lastDrill.get(keyId) ?? null,
  }
}
