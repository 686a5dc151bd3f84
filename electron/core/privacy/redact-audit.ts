import type Database from 'better-sqlite3'
import { openAuditTable, type AuditTable } from '../store/fleet/audit.ts'
import type { WriteDb } from '../store/open.ts'
import { hasColumn, hasTable, type PredictionKey } from './erase-rows.ts'

/**
 * Makes entries unreadable that name predictions of somebody who was erased: the id of a prediction is chosen by a client, and may hold a name.
 * Their hashes stay, so that the log still verifies. Call it in a transaction.
 * @param because adds the entry that says why, with what it makes unreadable, where there is something to redact, and gives its number
 * @returns how many entries
 */
export function redactNamed(
  { audit, db }: { audit: AuditTable; db: Database.Database },
  predictions: readonly PredictionKey[],
  because: (redacted: Record<string, string>) => number,
): number {
  if (predictions.length === 0) return 0
  const entries = db.prepare<[], { seq: number; detail: string }>(
    `SELECT seq, detail FROM audit WHERE action >= 'labelling.' AND action < 'labelling/' AND redacted_by IS NULL`,
  )
  const named = entries.all().filter(({ detail }) => predictions.some(({ prediction }) => detail.includes(prediction)))
  return audit.redact(
    named.map(({ seq }) => seq),
    because,
  )
}

/** The same in a copy of a fleet.db, whose log goes on from there if it is restored; one from before that was possible stays as it is. */
export function redactCopy(db: Database.Database, predictions: readonly PredictionKey[], at: number): number {
  if (!hasTable(db, 'audit') || !hasColumn(db, 'audit', 'redacted_by')) return 0
  const audit = openAuditTable(db as WriteDb)
  return redactNamed({ audit, db }, predictions, (redacted) =>
    audit.recordSystem({ at, action: 'privacy.copyErased', detail: { predictions: predictions.length, redacted } }),
  )
}
