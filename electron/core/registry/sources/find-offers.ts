import { Problem, reportOf } from '../../../../shared/domain/problem.ts'
import type { FolderSettings, MlflowSettings } from '../../../../shared/rpc/contract/sources.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { SourceRow } from '../../store/fleet/sources.ts'
import type { MlflowClient } from '../mlflow/client.ts'
import { scanFolder } from './folder-scan.ts'
import { requireReady } from './import-version.ts'
import type { createSettling } from './settle.ts'

interface FindParts {
  store: FleetStore
  now(): number
}

/** What one look at a place came to. */
export interface Look {
  /** Versions that were not known before. */
  found: number
  /** Subfolders that are still being filled. */
  settling: number
  problem: Problem | null
}

/** Looks at a watched folder and notes what is new or looks otherwise than when it was last tried. */
export function findInFolder(
  { store, now }: FindParts,
  of: { row: SourceRow; settings: FolderSettings; settling: ReturnType<typeof createSettling> },
): Look {
  const { row, settings } = of
  const look: Look = { found: 0, settling: 0, problem: null }
  try {
    const scan = scanFolder(settings.folder)
    of.settling.keepOnly(row.source, new Set(scan.found.map(({ name }) => name)))
    for (const one of scan.found) {
      if (store.sourceOffers.find(row.source, one.name)?.fingerprint === one.fingerprint) continue
      if (!of.settling.isSettled(row.source, one, now())) {
        look.settling += 1
        continue
      }
      const { name, fingerprint, model, version } = one
      store.transact(() =>
        store.sourceOffers.add({ source: row.source, name, fingerprint, remote: null, named: { model, version }, at: now() }),
      )
      look.found += 1
    }
  } catch (error) {
    look.problem = asProblem(error)
  }
  return look
}

/** Asks a tracking server what the watched aliases stand for; a version that was not seen there before is noted. */
export async function findByAlias(
  { store, now }: FindParts,
  of: { row: SourceRow; settings: MlflowSettings; client: () => MlflowClient },
): Promise<Look> {
  const { row, settings } = of
  const look: Look = { found: 0, settling: 0, problem: null }
  for (const { model, alias, as } of settings.watches) {
    try {
      const one = await of.client().versionOfAlias(model, alias)
      requireReady(one)
      const name = `${model}@${one.version}`
      // Numbers begin anew for a model that was deleted and registered again.
      const fingerprint = String(one.creation_timestamp ?? '')
      if (store.sourceOffers.find(row.source, name)?.fingerprint === fingerprint) continue
      const remote = { model, version: one.version, as }
      store.transact(() => store.sourceOffers.add({ source: row.source, name, fingerprint, remote, named: null, at: now() }))
      look.found += 1
    } catch (error) {
      look.problem = asProblem(error)
      // A model that is gone says nothing of the others; a server that is gone does.
      if (look.problem.code !== 'source.no-version') break
    }
  }
  return look
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem('internal', reportOf(error).message, { cause: error })
}
