import { Problem } from '../../../shared/domain/problem.ts'
import type { RolloutEvent } from '../../../shared/domain/rollout/event.ts'
import { engineActor } from './engine/draft.ts'
import type { NewEvent } from './engine/facts.ts'
import type { Live } from './engine/live.ts'
import type { RolloutParts } from './rollout-parts.ts'
import type { RolloutRun } from './rollout-run.ts'
import type { RunBook } from './run-book.ts'

type Parts = Pick<RolloutParts, 'store' | 'registry' | 'halts'> & { runs: RunBook }

/** Kinds of event after which the halt list may be another one. */
const braking: readonly string[] = ['pause', 'halted', 'resume', 'stop', 'revert', 'complete']

/** What events change besides the rollout itself: penalties, the halt list, the alias at the end. Call it in the transaction of the events. */
export function consequencesOf(parts: Parts, live: Live, events: readonly RolloutEvent[]): void {
  for (const event of events) {
    if (event.kind === 'penalty') keepPenalty(parts, live.run, event)
    else if (event.kind === 'penalty-lifted') liftPenalty(parts, live.run, event)
  }
  if (events.some(({ kind, device }) => device === null && kind === 'complete')) moveAlias(parts, live, events.at(-1)!.at)
  if (events.some(({ kind, device }) => device === null && braking.includes(kind))) brake(parts, live.run, events.at(-1)!.at)
}

/** A penalty that says how often the device failed is a new one; the others repeat one that is kept already. */
function keepPenalty({ store }: Parts, { id, target }: RolloutRun, { device, detail }: RolloutEvent): void {
  const { until, failures, problem } = detail as { until?: number; failures?: number; problem?: { code: string; message: string } | null }
  if (device === null || target === null || until === undefined || failures === undefined) return
  store.penalties.put({ ...target, device, failures, until, problem: problem ?? null, rollout: id })
}

function liftPenalty({ store }: Parts, { target }: RolloutRun, { device }: RolloutEvent): void {
  if (device !== null && target !== null) store.penalties.lift(device, target.model, target.version)
}

function moveAlias({ store, registry, runs }: Parts, live: Live, at: number): void {
  const { plan, target } = live.run
  const { alias } = plan.whenDone
  if (alias === null || target === null) return
  // Who joins later lets a rollout be done once more; what the alias stands for by then is for people.
  const of = { rollout: live.run.id, device: null, kinds: ['complete'], isWithoutDevices: true }
  if (store.rolloutEvents.page(of, { before: null, limit: 2 }).length > 1) return
  if (live.tally.byState.committed.size === 0)
    return void runs.record(live, [said('note', 'The alias was not moved: no device committed the version.', { alias })], at)
  const { model, version } = target
  try {
    const { fromVersion } = registry.aliases.set({ model, alias, version, actor: engineActor, at })
    if (fromVersion === version) return
    runs.record(live, [said('alias-moved', `${alias} stands for ${model} ${version} now.`, { alias, from: fromVersion, to: version })], at)
  } catch (error) {
    // A version got the name of the alias meanwhile: the rollout is done all the same.
    if (!(error instanceof Problem)) throw error
    runs.record(live, [said('note', `The alias was not moved: ${error.message}`, { alias })], at)
  }
}

function said(kind: string, sentence: string, detail: Record<string, unknown>): NewEvent {
  return { kind, actor: engineActor, device: null, wave: null, from: null, to: null, sentence: sentence.slice(0, 1000), detail }
}

/**
 * Puts a halt list right that names rollouts which are not halted any more, as after a stop whose orders could not be placed at once.
 * @param isWaiting its orders are still to come
 */
export function healHalts(
  parts: Pick<RolloutParts, 'store' | 'registry' | 'halts' | 'now'> & { runs: RunBook },
  isWaiting: (id: number) => boolean,
): boolean {
  const halts = parts.store.settings.get('haltList')?.halts ?? []
  const isStale = halts.some(({ rollout }) => !isWaiting(rollout) && parts.runs.find(rollout)?.run.isHalted !== true)
  if (isStale) parts.store.transact(() => brake(parts, null, parts.now()))
  return isStale
}

/** Tells the fleet which bundles no device may begin to use. */
function brake({ store, runs, halts }: Parts, run: RolloutRun | null, at: number): void {
  const others = runs.watched().flatMap((id) => (id === run?.id ? [] : (runs.find(id)?.run ?? [])))
  const halted = [...others, ...(run === null ? [] : [run])].flatMap((one) => {
    if (!one.isHalted || one.target === null) return []
    const [brakedBy] = store.rolloutEvents.page(
      { rollout: one.id, device: null, kinds: ['pause', 'halted'], isWithoutDevices: true },
      { before: null, limit: 1 },
    )
    const reason = (brakedBy?.sentence ?? 'The rollout is paused.').slice(0, 500)
    return [{ rollout: one.id, deployment: one.plan.deployment, digest: one.target.digest, since: brakedBy?.at ?? at, reason }]
  })
  halts.set(halted, at)
}
