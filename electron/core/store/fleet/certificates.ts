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

/** The one that counts of the certificates of a device, the newest first: the newest that was used; if none was, the newest. */
export function countingCertificate(rows: readonly CertificateRow[]): CertificateRow | null {
  const standing = rows.filter(({ revokedAt }) => revokedAt === null)
  return standing.find(({ firstUsedAt }) => firstUsedAt !== null) ?? standing[0] ?? null
}

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
  const shutOut = db.prepare<[{ since: number; now: number }], { device: string }>(
    `SELECT DISTINCT device FROM device_certificate
      WHERE revoked_at > @since AND not_after > @now AND revoked_why NOT IN ('superseded', 'never used') ORDER BY device`,
  )
  const revokeAll = db.prepare(
    'UPDATE device_certificate SET revoked_at = @at, revoked_why = @why WHERE device = @device AND revoked_at IS NULL',
  )
  const revokeOlder = db.prepare(
    `UPDATE device_certificate SET revoked_at = @at, revoked_why = 'superseded'
      WHERE device = @device AND revoked_at IS NULL AND serial <> @serial AND issued_at <= @issuedAt`,
  )
  const revoke = db.prepare(
    'UPDATE device_certificate SET revoked_at = @at, revoked_why = @why WHERE serial = @serial AND revoked_at IS NULL',
  )
  const notRevoked = db.prepare<[], CertificateRow>(
    `SELECT ${columns} FROM device_certificate WHERE revoked_at IS NULL ORDER BY device, issued_at`,
  )
  const use = db.prepare('UPDATE device_certificate SET first_used_at = ? WHERE serial = ? AND first_used_at IS NULL')
  return {
    add: (row: Omit<CertificateRow, 'firstUsedAt' | 'revokedAt' | 'revokedWhy'>): void => void add.run(row),
    find: (serial: string): CertificateRow | null => find.get(serial) ?? null,
    /** The newest first. */
    ofDevice: (device: string): CertificateRow[] => ofDevice.all(device),
    /** Those that let a device in now, by device. */
    valid: (now: number): Map<string, CertificateRow[]> => Map.groupBy(valid.all(now), (row) => row.device),
    /** Those that nobody has taken back, by device: whoever lets in compares their ends with the time of that moment. */
    notRevoked: (): Map<string, CertificateRow[]> => Map.groupBy(notRevoked.all(), (row) => row.device),
    /** What a revocation list must name: a certificate that has expired is refused anyway. */
    revoked: (now: number): { serial: string; revokedAt: number }[] => revoked.all(now),
    /** Devices that somebody has shut out since a time, with a certificate that counts where nobody was told of it. */
    shutOutSince: (since: number, now: number): string[] => shutOut.all({ since, now }).map(({ device }) => device),
    revokeAll: (device: string, at: number, why: string): number => revokeAll.run({ device, at, why }).changes,
    revoke: (serial: string, at: number, why: string): void => void revoke.run({ serial, at, why }),
    /**
     * Notes the first connection with a certificate, and takes the older ones of its device back: the device has shown that the new one works.
     * @param keepsOlder of two machines in quarantine that use one identity, the one that renews first must not shut out the other
     * @returns true if this was the first time
     */
    noteUse(serial: string, at: number, keepsOlder = false): boolean {
      const row = find.get(serial)
      if (row === undefined || use.run(at, serial).changes === 0) return false
      if (!keepsOlder) revokeOlder.run({ device: row.device, serial, at, issuedAt: row.issuedAt })
      return true
    },
  }
}
