import type { OtlpChoice } from '../../../../shared/rpc/contract/metrics.ts'
import { openSecretBox, type SecretBox, type StoredSecret } from '../../trust/secret-box.ts'
import type { WriteDb } from '../open.ts'

/** The receiver of metrics and logs, with its secret while it is in memory. */
export interface OtlpExportRow {
  settings: OtlpChoice
  /** It has a secret that was sealed under a key that is not here. */
  isShut: boolean
}

/** Where metrics and logs are exported to: one receiver or none. @param box seals the secret */
export function openOtlpExportTable(db: WriteDb, box: SecretBox = openSecretBox(null)) {
  const read = db.prepare<[], { settings: string; secret: string | null }>('SELECT settings, secret FROM otlp_export WHERE id = 1')
  const put = db.prepare(`INSERT INTO otlp_export (id, settings, secret) VALUES (1, ?, ?)
    ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, secret = excluded.secret`)
  const remove = db.prepare('DELETE FROM otlp_export')
  return {
    get(): OtlpExportRow | null {
      const raw = read.get()
      if (raw === undefined) return null
      const secret = raw.secret === null ? null : box.open(JSON.parse(raw.secret) as StoredSecret)
      return { settings: { ...(JSON.parse(raw.settings) as OtlpChoice), secret }, isShut: raw.secret !== null && secret === null }
    },
    set(settings: OtlpChoice): void {
      const secret = settings.secret === null ? null : JSON.stringify(box.seal(settings.secret))
      put.run(JSON.stringify({ ...settings, secret: null }), secret)
    },
    remove: (): void => void remove.run(),
  }
}
