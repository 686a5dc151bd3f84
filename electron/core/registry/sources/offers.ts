import { Problem, reportOf } from '../../../../shared/domain/problem.ts'
import type { JobWork } from '../../jobs/jobs.ts'
import { nextAttempt } from '../../monitor/channels/backoff.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { OfferRow } from '../../store/fleet/source-offers.ts'
import { importRemote, importSubfolder, type BroughtVersion, type ImportParts } from './import-version.ts'

/** What taking an offer needs. */
export interface OfferParts extends ImportParts {
  store: FleetStore
  now(): number
  random(): number
  /** The console ends: what is cut off by that is tried again at the next start. */
  isStopping(): boolean
}

/** These may pass by themselves; whatever else an import says stays so until the files, or somebody, change it. */
const passing = /^(trust\.locked|source\.(unreachable|denied|secret)|store\.|internal$)/
const LONGEST_WAIT_MS = 4 * 3_600_000

/** Who the audit log says that it was; no person, so that any approver is another one. */
export const actorOfSource = (source: string): string => `source-${source}`

/**
 * Imports what was found. Its end is noted: as imported, with where it came from, in one transaction; or why it failed, and when it is tried again.
 * When the console stops in the middle nothing is noted, and it is tried at the next start.
 * @throws Problem why it failed
 */
export async function takeOffer(parts: OfferParts, offer: OfferRow, context: Parameters<JobWork>[0]): Promise<BroughtVersion> {
  const { store } = parts
  try {
    const brought = await bring(parts, offer, context)
    store.transact(() => noteImported(parts, offer, brought))
    return brought
  } catch (error) {
    if (!parts.isStopping()) store.transact(() => noteFailed(parts, offer, error))
    throw error
  }
}

function bring(parts: OfferParts, offer: OfferRow, context: Parameters<JobWork>[0]): Promise<BroughtVersion> {
  const row = parts.store.sources.find(offer.source)
  if (row === null) throw new Problem('source.not-found', `There is no source '${offer.source}' any more.`)
  const actor = actorOfSource(row.source)
  const { settings } = row
  if (settings.kind === 'mlflow' && offer.remote !== null)
    return importRemote(parts, { row, settings, remote: offer.remote, actor }, context)
  if (settings.kind === 'folder' && offer.model !== null && offer.version !== null)
    return importSubfolder(parts, { folder: settings.folder, name: offer.name, model: offer.model, version: offer.version, actor }, context)
  throw new Problem('source.not-found', `${offer.name} was found by a source of another kind.`)
}

function noteImported({ store, now }: OfferParts, offer: OfferRow, { imported, origin }: BroughtVersion): void {
  const at = now()
  const { model, version, digest } = imported
  store.sources.putOrigin({ model, version, source: offer.source, origin, at })
  store.sourceOffers.set({
    ...{ ...offer, state: 'imported', model, version, notes: origin.notes.slice(0, 20), problem: null },
    ...{ attempts: offer.attempts + 1, nextAt: null, endedAt: at },
  })
  const detail = { source: offer.source, name: offer.name, model, version, digest }
  store.audit.append({ at, actor: actorOfSource(offer.source), action: 'sources.imported', detail })
}

function noteFailed({ store, now, random }: OfferParts, offer: OfferRow, error: unknown): void {
  const at = now()
  const attempts = offer.attempts + 1
  const problem = reportOf(error)
  const again = nextAttempt({ attempts, createdAt: at, now: at, random: random() }) ?? at + LONGEST_WAIT_MS
  store.sourceOffers.set({ ...offer, state: 'failed', problem, attempts, nextAt: passing.test(problem.code) ? again : null, endedAt: at })
}
