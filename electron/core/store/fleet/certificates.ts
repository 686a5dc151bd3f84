import type { WriteDb } from '../open.ts'

/** A certificate that the fleet issued to a device. */
export interface CertificateRow {
  /** Hex, lower case. */
  serial: string
  device: string
  /** SHA-256 of the public key, hex. */
  fingerprint: string
  /** PEM. */
  certificate: string
  notBefore: number
  notAfter: number
  issuedAt: number
  /** When a connection first came in with it; null: not yet. */
  firstUsedAt: number | null
  revokedAt: number | null
  revokedWhy: string | null
}

const columns = `serial, device, fingerprint, certificate, not_before AS notBefore, not_after AS notAfter, issued_at AS issuedAt,
  first_used_at AS firstUsedAt, revoked_at AS revokedAt, revoked_why AS revokedWhy`

export type CertificateTable = ReturnType<typeof openCertificateTable>

/** The certificates of devices: which let in, and which never again. */
export function openCertificateTable(db: WriteDb) {
  const add = db.prepare(`INSERT INTO device_certificate (serial, device, fingerprint, certificate, not_before, not_after, issued_at)
    VALUES (@serial, @device, @fingerprint, @certificate, @notBefore, @notAfter, @issuedAt)`)
  const ofDevice = db.prepare<[string], CertificateRow>(
    `SELECT ${columns} FROM device_certificate WHERE device = ? ORDER BY issued_at DESC, serial`,
  )
  const find = db.prepare<[string], CertificateRow>(`SELECT ${columns} FROM device_certificate WHERE serial = ?`)
  const valid = db.prepare<[number], CertificateRow>(
    `SELECT ${columns} FROM device_certificate WHERE revoked_at IS NULL AND not_after > ? ORDER BY device, issued_at`,
  )
  const revoked = db.prepare<[number], { serial: string; revokedAt: number }>(
    'SELECT serial, revoked_at AS revokedAt FROM device_certificate WHERE revoked_at IS NOT NULL AND not_after > ? ORDER BY revoked_at, serial',
  )
  const revokeAll = db.prepare(
    'UPDATE device_certificate SET revoked_at = @at, revoked_why = @why WHERE device = @device AND revoked_at IS NULL',
  )
  const revokeOlder = db.prepare(
    `UPDATE device_certificate SET revoked_at = @at, revoked_why = 'superseded'
      WHERE device = @device AND revoked_at IS NULL AND serial <> @serial AND issued_at <= @issuedAt`,
  )
  const use = db.prepare('UPDATE device_certificate SET first_used_at = ? WHERE serial = ? AND first_used_at IS NULL')
  return {
    add: (row: Omit<CertificateRow, 'firstUsedAt' | 'revokedAt' | 'revokedWhy'>): void => void add.run(row),
    find: (serial: string): CertificateRow | null => find.get(serial) ?? null,
    /** The newest first. */
    ofDevice: (device: string): CertificateRow[] => ofDevice.all(device),
    /** Those that let a device in now, by device. */
    valid: (now: number): Map<string, CertificateRow[]> => Map.groupBy(valid.all(now), (row) => row.device),
    /** What a revocation list must name: a certificate that has expired is refused anyway. */
    revoked: (now: number): { serial: string; revokedAt: number }[] => revoked.all(now),
    revokeAll: (device: string, at: number, why: string): number => revokeAll.run({ device, at, why }).changes,
    /**
     * Notes the first connection with a certificate, and takes the older ones of its device back: the device has shown that the new one works.
     * @returns true if this was the first time
     */
    noteUse(serial: string, at: number): boolean {
      const row = find.get(serial)
      if (row === undefined || use.run(at, serial).changes === 0) return false
      revokeOlder.run({ device: row.device, serial, at, issuedAt: row.issuedAt })
      return true
    },
  }
}
