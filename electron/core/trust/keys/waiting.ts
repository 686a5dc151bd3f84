import { createHash } from 'node:crypto'
import { Problem } from '../../../../shared/domain/problem.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import { openModelTable } from '../../store/fleet/models.ts'

/** A bundle of the store that no signed list names: it waits for a person with the targets key. */
export interface Waiting {
  digest: string
  sizeBytes: number
  /** Versions of models that it is, such as `digits 1.1.0`. */
  versions: string[]
}

/** Bundles that the list lacks. What is not what its digest says waits for nobody: it is damaged, or no work of this console. */
export function waitingFor({ db }: Pick<FleetStore, 'db'>, listed: ReadonlyMap<string, number>): Waiting[] {
  const table = openModelTable(db)
  const missing = [...table.bundleSizes()].filter(([digest]) => !listed.has(digest))
  if (missing.length === 0) return []
  const versions = table.versions()
  return missing
    .filter(([digest]) => isIntact(table.bundle(digest)?.manifest, digest))
    .map(([digest, sizeBytes]) => ({
      ...{ digest, sizeBytes },
      versions: versions.filter((one) => one.digest === digest).map(({ model, version }) => `${model} ${version}`),
    }))
}

/** Those that a person named. @throws Problem `trust.list-differs` if one of them does not wait */
export function chosenOf(waiting: readonly Waiting[], digests: readonly string[]): Waiting[] {
  const others = digests.filter((digest) => !waiting.some((one) => one.digest === digest))
  if (others.length > 0)
    throw new Problem('trust.list-differs', `These do not wait for the targets key: ${others.join(', ')}. Nothing was signed or unlocked.`)
  return waiting.filter(({ digest }) => digests.includes(digest))
}

/** Entries of a list whose manifest is in the store, with the bytes that the digest names. */
export function backedBy({ db }: Pick<FleetStore, 'db'>, listed: ReadonlyMap<string, number>): Map<string, number> {
  const table = openModelTable(db)
  return new Map(
    [...listed].filter(([digest, size]) => {
      const manifest = table.bundle(digest)?.manifest
      return manifest?.length === size && isIntact(manifest, digest)
    }),
  )
}

function isIntact(manifest: Buffer | undefined, digest: string): boolean {
  return manifest !== undefined && createHash('sha256').update(manifest).digest('hex') === digest
}
