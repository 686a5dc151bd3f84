import type { WriteDb } from '../open.ts'

export interface VersionName {
  model: string
  version: string
  digest: string
  importedAt: number
}

/** Names of the imported versions, without their manifests: for lists that only name them. */
export function openVersionNames(db: WriteDb) {
  const all = db.prepare<[], VersionName>(
    'SELECT model, version, digest, imported_at AS importedAt FROM model_version ORDER BY model, imported_at, version',
  )
  return {
    /** By model, then from the oldest import to the newest. */
    all: (): VersionName[] => all.all(),
    /** What records call a bundle is the word of a device; what it is called here is not. */
    byDigest: (): Map<string, VersionName> => new Map(all.all().map((one) => [one.digest, one])),
  }
}
