import { COUNTS_AHEAD_MS } from '../../store/telemetry/counted-at.ts'
import type { WriteDb } from '../../store/open.ts'
import type { RetainedName } from '../../store/telemetry/retained.ts'

/** Rows that one step takes away: some milliseconds. */
export const STEP_ROWS = 500

/**
 * Takes away some of what is older than a time, and says from when on the rest is whole.
 * @returns true if there may be more
 */
export type RemoveStep = (before: number, raise: (name: RetainedName, since: number) => void) => boolean

type ArrivedTable = 'window' | 'distribution' | 'shadow' | 'sample' | 'event' | 'dropped' | 'quarantine' | 'resources' | 'ledger' | 'labels'

/** Rows of a table that is appended to, by their arrival: a late record stays as long as any other. */
export function arrivedStep(db: WriteDb, { table, key, folded }: { table: ArrivedTable; key: 'id' | 'rowid'; folded?: true }): RemoveStep {
  const limit =
    folded === true
      ? `min((SELECT max(${key}) - 1 FROM ${table}), (SELECT cursor FROM fold WHERE name = '${table}'))`
      : `(SELECT max(${key}) - 1 FROM ${table})`
  const oldest = db.prepare<[number], { id: number | null; receivedAt: number | null }>(
    `SELECT max(id) AS id, max(received_at) AS receivedAt FROM
      (SELECT ${key} AS id, received_at FROM ${table} WHERE ${key} <= ${limit} ORDER BY ${key} LIMIT ${STEP_ROWS}) WHERE received_at < ?`,
  )
  const remove = db.prepare<[number, number]>(`DELETE FROM ${table} WHERE ${key} <= ? AND received_at < ?`)
  return (before, raise) => {
    const { id, receivedAt } = oldest.get(before)!
    if (id === null || receivedAt === null) return false
    // A record counts at most so long after its arrival.
    if (table === 'window' || table === 'distribution' || table === 'event' || table === 'ledger')
      raise(`${table} 0`, receivedAt + COUNTS_AHEAD_MS + 1)
    return remove.run(id, before).changes > 0
  }
}

type BucketTable = 'minute_traffic' | 'minute_quality' | 'rollup_traffic' | 'rollup_distribution'

/** Sums of whole buckets. Those of records that come later go with the next step. */
export function bucketStep(db: WriteDb, { table, unitMs, mark }: { table: BucketTable; unitMs: number; mark: RetainedName }): RemoveStep {
  const remove =
    table === 'minute_quality'
      ? db.prepare<[number]>(`DELETE FROM ${table} WHERE minute < (SELECT min(max(minute) + 1, ?) FROM
          (SELECT minute FROM ${table} ORDER BY minute LIMIT ${STEP_ROWS}))`)
      : db.prepare<[number]>(
          `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${table === 'minute_traffic' ? '' : `level = ${unitMs} AND `}${
            table === 'minute_traffic' ? 'minute' : 'bucket'
          } < ? LIMIT ${STEP_ROWS})`,
        )
  return (before, raise) => {
    const bucket = Math.floor(before / unitMs)
    const { changes } = remove.run(bucket)
    if (changes > 0) raise(mark, bucket * unitMs)
    return changes > 0
  }
}
