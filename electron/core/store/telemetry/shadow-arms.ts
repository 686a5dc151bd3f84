import type { ShadowBody } from '../../../../shared/protocol/telemetry.ts'
import type { ReadDb } from '../open.ts'
import { addShadow, shadowColumns, sumsOf, sumsOfBody, type ShadowSums, type StoredShadow } from './shadow-totals.ts'

/** What a shadow did on one device beside one active bundle in a period. */
export interface ShadowArm {
  device: string
  /** Digest of the active bundle. */
  against: string
  sums: ShadowSums
}

export interface ShadowArmsQuestion {
  deployment: string
  /** Of the shadow. */
  digest: string
  devices: readonly string[]
  /** Records that begin from here on count. */
  from: number
  /** Exclusive. */
  through: number
  /** So many records are read at most, the newest of each device; left out: 20,000. */
  mostRecords?: number
}

/** Some hundred milliseconds of reading. */
const MOST_RECORDS = 20_000

/**
 * What named devices saw of a shadow in a period. Sums have no time: one that lies within the period is taken as it is, of any other the records of the
 * period are read, as far as they are kept.
 */
export function shadowArms(db: ReadDb, question: ShadowArmsQuestion): ShadowArm[] {
  const { from, through } = question
  const rows = totalsAt(db, question)
  const isWithin = ({ firstAt, lastAt }: StoredShadow): boolean => firstAt >= from && lastAt <= through
  const others = rows.filter((row) => !isWithin(row)).length
  const limit = Math.max(1, Math.floor((question.mostRecords ?? MOST_RECORDS) / Math.max(1, others)))
  return rows.flatMap((row): ShadowArm[] => {
    const sums = isWithin(row) ? sumsOf(row) : sumsOfRecords(db, row, { from, through, limit })
    return sums === null ? [] : [{ device: row.device, against: row.against, sums }]
  })
}

/** Sums with a part in the period, by the index on deployment and digest. */
function totalsAt(db: ReadDb, { deployment, digest, devices, from, through }: ShadowArmsQuestion): StoredShadow[] {
  const wanted = new Set(devices)
  const rows = db.prepare<[string, string, number, number], StoredShadow>(
    `SELECT ${shadowColumns} FROM shadow_total WHERE deployment = ? AND digest = ? AND last_at >= ? AND first_at < ? ORDER BY device, against`,
  )
  return [...rows.iterate(deployment, digest, from, through)].filter(({ device }) => wanted.has(device))
}

/** The newest records of a device and pair that begin in a period, added up; null: there is none. */
function sumsOfRecords(
  db: ReadDb,
  { deployment, digest, device, against }: StoredShadow,
  { from, through, limit }: { from: number; through: number; limit: number },
): ShadowSums | null {
  const bodies = db
    .prepare<[string, string, string, string, number, number, number], string>(
      `SELECT body FROM shadow WHERE deployment = ? AND digest = ? AND device = ? AND against = ? AND started_at >= ? AND started_at < ?
        ORDER BY started_at DESC LIMIT ?`,
    )
    .pluck()
  let sums: ShadowSums | null = null
  for (const body of bodies.iterate(deployment, digest, device, against, from, through, limit)) {
    const record = sumsOfBody(JSON.parse(body) as ShadowBody)
    sums = sums === null ? record : addShadow(sums, record)
  }
  return sums
}
