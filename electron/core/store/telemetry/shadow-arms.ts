import type { ReadDb } from '../open.ts'
import { shadowColumns, sumsOf, type ShadowSums, type StoredShadow } from './shadow-totals.ts'

/** What a shadow did on one device beside one active bundle, since the device first had it. */
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
  /** Sums that were last added to before this are left out. */
  from: number
}

/** Sums of the shadows of named devices, by the index on deployment and digest. */
export function shadowArms(db: ReadDb, { deployment, digest, devices, from }: ShadowArmsQuestion): ShadowArm[] {
  const wanted = new Set(devices)
  const rows = db.prepare<[string, string, number], StoredShadow>(
    `SELECT ${shadowColumns} FROM shadow_total WHERE deployment = ? AND digest = ? AND last_at >= ? ORDER BY device, against`,
  )
  const arms: ShadowArm[] = []
  for (const row of rows.iterate(deployment, digest, from)) {
    if (wanted.has(row.device)) arms.push({ device: row.device, against: row.against, sums: sumsOf(row) })
  }
  return arms
}
