import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'

interface OldFleet {
  devices: string[]
  certificates: Record<string, unknown>[]
  marks: {
    device: string
    revokedAt: number | null
    revokedBy: string
    revokedWhy: string
    quarantinedAt: number | null
    quarantinedBy: string
    quarantinedWhy: string
  }[]
}

/**
 * A restore must not let in again whom somebody has shut out since: revocations, quarantines and removals of devices are taken over from the
 * store that is replaced, as far as it can be read. Call it in a transaction.
 * @param oldFile fleet.db as it was moved aside
 * @returns how many certificates and devices it concerned; null: the old store cannot be read
 */
export function carryOverExclusions(store: FleetStore, oldFile: string, of: { actor: string; at: number }): number | null {
  const old = readOld(oldFile)
  if (old === null) return null
  const { db, deviceTrust, devices } = store
  const put = db.prepare(`INSERT OR REPLACE INTO device_certificate
    (serial, device, fingerprint, certificate, not_before, not_after, issued_at, first_used_at, revoked_at, revoked_why)
    VALUES (@serial, @device, @fingerprint, @certificate, @not_before, @not_after, @issued_at, @first_used_at, @revoked_at, @revoked_why)`)
  for (const row of old.certificates) put.run(row)
  let shut = old.certificates.length
  const known = new Set(devices.all().map(({ device }) => device))
  for (const mark of old.marks.filter(({ device }) => known.has(device))) {
    const { device } = mark
    const before = deviceTrust.find(device)
    if (mark.revokedAt !== null && before?.revoked == null) {
      deviceTrust.revoke(device, { at: mark.revokedAt, by: mark.revokedBy, why: mark.revokedWhy })
      shut += 1
    }
    if (mark.quarantinedAt !== null && before?.quarantined == null) {
      deviceTrust.quarantine(device, { at: mark.quarantinedAt, by: mark.quarantinedBy, why: mark.quarantinedWhy })
      shut += 1
    }
  }
  for (const device of known) {
    if (old.devices.includes(device)) continue
    deviceTrust.quarantine(device, { at: of.at, by: of.actor, why: 'It was taken out after the backup that was restored.' })
    shut += 1
  }
  return shut
}

/** A store of an older version has no marks and no certificates; a damaged one tells nothing. */
function readOld(file: string): OldFleet | null {
  if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return null
  let db: Database.Database | null = null
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    const has = (table: string): boolean =>
      db!.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined
    const devices = db.prepare<[], string>('SELECT device FROM device').pluck().all()
    const certificates = has('device_certificate')
      ? db.prepare<[], Record<string, unknown>>('SELECT * FROM device_certificate WHERE revoked_at IS NOT NULL').all()
      : []
    const marks = has('device_trust')
      ? db
          .prepare<[], OldFleet['marks'][number]>(
            `SELECT device, revoked_at AS revokedAt, revoked_by AS revokedBy, revoked_why AS revokedWhy, quarantined_at AS quarantinedAt,
            quarantined_by AS quarantinedBy, quarantined_why AS quarantinedWhy FROM device_trust
            WHERE revoked_at IS NOT NULL OR quarantined_at IS NOT NULL`,
          )
          .all()
      : []
    return { devices, certificates, marks }
  } catch {
    return null
  } finally {
    db?.close()
  }
}
