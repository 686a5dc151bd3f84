import type { WriteDb } from '../open.ts'

/** What the fleet holds of a device beyond its certificates. */
export interface DeviceTrustRow {
  device: string
  /** Raw Ed25519 public key, base64; null: none was sent. */
  signingKey: string | null
  revoked: Mark | null
  quarantined: Mark | null
  /** Signs that two machines use the identity; taken back when a person releases the device. */
  cloned: { at: number; why: string } | null
}

/** Something that somebody did to a device, and why. */
export interface Mark {
  at: number
  by: string
  why: string
}

interface Raw {
  device: string
  signing_key: string | null
  revoked_at: number | null
  revoked_by: string
  revoked_why: string
  quarantined_at: number | null
  quarantined_by: string
  quarantined_why: string
  cloned_at: number | null
  cloned_why: string
}

export type DeviceTrustTable = ReturnType<typeof openDeviceTrustTable>

/** Keys, revocation, quarantine and signs of a clone, by device; a device without a row has none of it. */
export function openDeviceTrustTable(db: WriteDb) {
  const all = db.prepare<[], Raw>('SELECT * FROM device_trust ORDER BY device')
  const find = db.prepare<[string], Raw>('SELECT * FROM device_trust WHERE device = ?')
  const upsert = (column: string, values: string): string =>
    `INSERT INTO device_trust (device, ${column}) VALUES (@device, ${values}) ON CONFLICT (device) DO UPDATE SET `
  const setKey = db.prepare(`${upsert('signing_key', '@key')} signing_key = excluded.signing_key`)
  const mark = (name: 'revoked' | 'quarantined') =>
    db.prepare(
      `${upsert(`${name}_at, ${name}_by, ${name}_why`, '@at, @by, @why')}
        ${name}_at = excluded.${name}_at, ${name}_by = excluded.${name}_by, ${name}_why = excluded.${name}_why`,
    )
  const revoke = mark('revoked')
  const quarantine = mark('quarantined')
  const clone = db.prepare(
    `${upsert('cloned_at, cloned_why', '@at, @why')} cloned_at = excluded.cloned_at, cloned_why = excluded.cloned_why`,
  )
  const admit = db.prepare('UPDATE device_trust SET revoked_at = NULL, quarantined_at = NULL, cloned_at = NULL WHERE device = ?')
  const release = db.prepare('UPDATE device_trust SET quarantined_at = NULL, cloned_at = NULL WHERE device = ?')
  return {
    all: (): DeviceTrustRow[] => all.all().map(rowOf),
    find(device: string): DeviceTrustRow | null {
      const raw = find.get(device)
      return raw === undefined ? null : rowOf(raw)
    },
    setSigningKey: (device: string, key: string): void => void setKey.run({ device, key }),
    revoke: (device: string, { at, by, why }: Mark): void => void revoke.run({ device, at, by, why }),
    quarantine: (device: string, { at, by, why }: Mark): void => void quarantine.run({ device, at, by, why }),
    noteClone: (device: string, at: number, why: string): void => void clone.run({ device, at, why }),
    /** A device that is enrolled anew begins without a mark. */
    admit: (device: string): void => void admit.run(device),
    release: (device: string): void => void release.run(device),
  }
}

function rowOf(raw: Raw): DeviceTrustRow {
  const markOf = (at: number | null, by: string, why: string): Mark | null => (at === null ? null : { at, by, why })
  return {
    device: raw.device,
    signingKey: raw.signing_key,
    revoked: markOf(raw.revoked_at, raw.revoked_by, raw.revoked_why),
    quarantined: markOf(raw.quarantined_at, raw.quarantined_by, raw.quarantined_why),
    cloned: raw.cloned_at === null ? null : { at: raw.cloned_at, why: raw.cloned_why },
  }
}
