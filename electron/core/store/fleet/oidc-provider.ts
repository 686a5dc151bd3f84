import type { OidcChoice } from '../../../../shared/rpc/contract/people.ts'
import { openSecretBox, type SecretBox, type StoredSecret } from '../../trust/secret-box.ts'
import type { WriteDb } from '../open.ts'

/** The provider of the organisation, with its secret while it is in memory. */
export interface OidcProviderRow {
  settings: OidcChoice
  /** It has a secret that was sealed under a key that is not here. */
  isShut: boolean
}

/** Where people of an organisation sign in: one provider or none. @param box seals the secret */
export function openOidcProviderTable(db: WriteDb, box: SecretBox = openSecretBox(null)) {
  const read = db.prepare<[], { settings: string; secret: string | null }>('SELECT settings, secret FROM oidc_provider WHERE id = 1')
  const put = db.prepare(`INSERT INTO oidc_provider (id, settings, secret) VALUES (1, ?, ?)
    ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, secret = excluded.secret`)
  const remove = db.prepare('DELETE FROM oidc_provider')
  return {
    get(): OidcProviderRow | null {
      const raw = read.get()
      if (raw === undefined) return null
      const secret = raw.secret === null ? null : box.open(JSON.parse(raw.secret) as StoredSecret)
      return { settings: { ...(JSON.parse(raw.settings) as OidcChoice), secret }, isShut: raw.secret !== null && secret === null }
    },
    set(settings: OidcChoice): void {
      const secret = settings.secret === null ? null : JSON.stringify(box.seal(settings.secret))
      put.run(JSON.stringify({ ...settings, secret: null }), secret)
    },
    remove: (): void => void remove.run(),
  }
}
