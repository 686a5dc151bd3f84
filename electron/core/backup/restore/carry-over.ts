import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'

interface OldMarks {
  device: string
  signingKey: string | null
  revokedAt: number | null
  revokedBy: string
  revokedWhy: string
  quarantinedAt: number | null
  quarantinedBy: string
  quarantinedWhy: string
}

interface OldFleet {
  /** Hashes of the secrets, by device. */
  secrets: Map<string, string>
  certificates: (Record<string, unknown> & { device: string; revoked_at: number | null })[]
  marks: OldMarks[]
}

/**
 * Takes over from the store that is replaced, as far as it can be read, who may come in: a restore must not let in again whom somebody has shut out
 * since, by a revocation, quarantine or removal; nor shut out a device that has renewed its certificate, or was enrolled anew, since the backup.
 * Call it in a transaction.
 * @param oldFile fleet.db as it was moved aside
 * @returns how many certificates and devices stay shut out; null: the old store cannot be read
 */
export function carryOverAccess(store: FleetStore, oldFile: string, of: { actor: string; at: number }): number | null {
  const old = readOld(oldFile)
  if (old === null) return null
  const { deviceTrust, devices } = store
  const known = new Set(devices.all().map(({ device }) => device))
  let shut = carryOverCertificates(store, old, known)
  for (const [device, secretHash] of old.secrets) {
    const before = devices.find(device)
    if (before === null || before.secretHash === secretHash) continue
    // It was enrolled anew: with that a device begins without a mark.
    devices.setSecret(device, secretHash)
    deviceTrust.admit(device)
  }
  for (const mark of old.marks.filter(({ device }) => known.has(device))) {
    const { device } = mark
    const before = deviceTrust.find(device)
    if (mark.signingKey !== null) deviceTrust.setSigningKey(device, mark.signingKey)
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
    if (old.secrets.has(device)) continue
    deviceTrust.quarantine(device, { at: of.at, by: of.actor, why: 'It was taken out after the backup that was restored.' })
    shut += 1
  }
  return shut
}

/** All that were taken back, and those that let in a device which is there. @returns how many were taken back */
function carryOverCertificates({ db }: FleetStore, old: OldFleet, known: ReadonlySet<string>): number {
  const put = db.prepare(`INSERT OR REPLACE INTO device_certificate
    (serial, device, fingerprint, certificate, not_before, not_after, issued_at, first_used_at, revoked_at, revoked_why)
    VALUES (@serial, @device, @fingerprint, @certificate, @not_before, @not_after, @issued_at, @first_used_at, @revoked_at, @revoked_why)`)
  let revoked = 0
  for (const row of old.certificates) {
    if (row.revoked_at === null && !known.has(row.device)) continue
    put.run(row)
    if (row.revoked_at !== null) revoked += 1
  }
  return revoked
}

/** A store of an older version has no marks and no certificates; a damaged one tells nothing. */
function readOld(file: string): OldFleet | null {
  if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0) return null
  let db: Database.Database | null = null
  try {
    db = new Database(file, { readonly: true, fileMustExist: true })
    const has = (table: string): boolean =>
      db!.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table) !== undefined
    const secrets = db.prepare<[], { device: string; secretHash: string }>('SELECT device, secret_hash AS secretHash FROM device').all()
    const certificates = has('device_certificate')
      ? db.prepare<[], OldFleet['certificates'][number]>('SELECT * FROM device_certificate').all()
      : []
    const marks = has('device_trust')
      ? db
          .prepare<[], OldMarks>(
            `SELECT device, signing_key AS signingKey, revoked_at AS revokedAt, revoked_by AS revokedBy, revoked_why AS revokedWhy,
            quarantined_at AS quarantinedAt, quarantined_by AS quarantinedBy, quarantined_why AS quarantinedWhy FROM device_trust`,
          )
          .all()
      : []
    return { secrets: new Map(secrets.map(({ device, secretHash }) => [device, secretHash])), certificates, marks }
  } catch {
    return null
  } finally {
    db?.close()
  }
}
