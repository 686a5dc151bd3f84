import { errorCodeOf, Problem } from '../../../../shared/domain/problem.ts'
import { whereBundlesRun } from '../../deployments/where-it-runs.ts'
import { nextAttempt } from '../../monitor/channels/backoff.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { SourceTag } from '../../store/fleet/source-tags.ts'
import type { SourceRow } from '../../store/fleet/sources.ts'
import { stageOfRow } from '../../store/fleet/version-decisions.ts'
import type { MlflowClient } from '../mlflow/client.ts'
import type { Registry } from '../registry.ts'

const MOST_AT_ONCE = 200
const LONGEST_WAIT_MS = 4 * 3_600_000

/** What is told of the versions of a fleet. */
export interface TagParts {
  store: FleetStore
  registry: Pick<Registry, 'version'>
  fleetName(): string
  now(): number
  random(): number
}

/**
 * Says of every version that came from a tracking server what its tags are to be: the fleet, the name of the version here, its stage, and on how
 * many devices it is ordered and reported to run. Nothing is sent. @returns how many tags are to be other ones than before
 */
export function wantTags({ store, registry, fleetName }: TagParts): number {
  const sources = new Map(store.sources.all().map((row) => [row.source, row]))
  const told = store.sources.origins().flatMap((one) => {
    const settings = sources.get(one.source)?.settings
    // A source of the same name may lead to another server by now: it is told nothing of versions that it never had.
    const isThere = settings?.kind === 'mlflow' && settings.writesTags && one.origin.kind === 'mlflow' && one.origin.url === settings.url
    return isThere && one.origin.kind === 'mlflow' ? [{ ...one, remote: one.origin }] : []
  })
  if (told.length === 0) return 0
  const runs = whereBundlesRun(store.roster.all())
  const stages = new Map(store.versionDecisions.standings().map((row) => [`${row.model}@${row.version}`, stageOfRow(row)]))
  let changed = 0
  for (const { source, model, version, remote } of told) {
    const name = `${model}@${version}`
    const where = runs.get(registry.version(model, version).digest)
    const tags = {
      'muster.fleet': fleetName(),
      'muster.version': name,
      'muster.stage': stages.get(name) ?? 'draft',
      'muster.ordered': String(where?.desired.length ?? 0),
      'muster.deployed': String(where?.active.length ?? 0),
    }
    for (const [key, wanted] of Object.entries(tags)) {
      if (store.sourceTags.want(source, { remoteModel: remote.model, remoteVersion: remote.version, key, wanted })) changed += 1
    }
  }
  return changed
}

/**
 * Writes the tags of a source that are not written yet, one after the other. The first failure ends it; the next attempt waits, longer each time.
 * @returns how many were written
 */
export async function writeTags({ store, now, random }: TagParts, row: SourceRow, client: () => MlflowClient): Promise<number> {
  // A time further ahead than any wait is of a clock that was wrong.
  if (row.tagNextAt !== null && row.tagNextAt > now() && row.tagNextAt <= now() + LONGEST_WAIT_MS) return 0
  const due = store.sourceTags.unwritten(row.source, MOST_AT_ONCE)
  if (due.length === 0) return 0
  let written = 0
  try {
    const server = client()
    for (const tag of due) {
      await write(server, tag)
      store.transact(() => store.sourceTags.noteWritten(row.source, tag))
      written += 1
    }
    if (row.tagAttempts > 0) store.transact(() => store.sources.noteTags(row.source, 0, null))
  } catch (error) {
    if (error instanceof Problem && error.code === 'cancelled') return written
    const attempts = row.tagAttempts + 1
    const at = now()
    const nextAt = nextAttempt({ attempts, createdAt: at, now: at, random: random() }) ?? at + LONGEST_WAIT_MS
    store.transact(() => store.sources.noteTags(row.source, attempts, nextAt))
    throw error
  }
  return written
}

/** A version that was deleted there has nobody who is to be told; a 404 of anybody but MLflow says nothing of it. */
async function write(client: MlflowClient, { remoteModel, remoteVersion, key, wanted }: SourceTag): Promise<void> {
  try {
    await client.setTag({ name: remoteModel, version: remoteVersion, key, value: wanted })
  } catch (error) {
    if (!(error instanceof Problem) || errorCodeOf(error.cause) !== 'RESOURCE_DOES_NOT_EXIST') throw error
  }
}
