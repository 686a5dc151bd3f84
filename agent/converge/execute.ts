import type { Clock } from '../../shared/domain/clock.ts'
import { Problem } from '../../shared/domain/problem.ts'
import type { BundleReference } from '../../shared/protocol/assignment.ts'
import type { ConvergenceState } from '../../shared/protocol/reported.ts'
import type { FetchProgress } from '../artifact/receive.ts'
import type { Happening } from '../telemetry/events.ts'
import { probeSlot, serveActive, tuneServing, type ActivateParts } from './activate.ts'
import { besideMoved, besideUnprobed, joined, parted, recast } from './beside.ts'
import { MAX_UNFINISHED_PROBES } from './causes.ts'
import { fetchBundle, type FetchParts } from './fetch-bundle.ts'
import type { JournalDeployment } from './journal.ts'
import { ownOf } from './own-of.ts'
import { besideKey, type BundleContent, type Executors, type Slot, type StepArgs } from './steps.ts'
import { named } from './take-back.ts'
import { began, deploymentOf, moved, restored, settled, unprobed, withDeployment, withoutDeployment } from './transitions.ts'

/** What the steps work with. */
export interface ExecuteParts extends ActivateParts, FetchParts {
  clock: Clock
  /** The bounded walker over a model file. @throws Problem `model.*` */
  preflight(path: string): unknown
  /** Told by subject: the deployment, or the key of what stands beside. */
  onProgress(subject: string, progress: FetchProgress | null): void
  tell(happening: Happening): void
}

/** The executors over real parts. Each writes the journal before the act that depends on it, and may be repeated after a sudden death. */
export function createExecutors(parts: ExecuteParts): Executors {
  const { journal, bundles } = parts
  return {
    serve: (_, signal) => serveActive(parts, signal),
    tune: async () => tuneServing(parts),
    ...journalSteps(parts),
    fetch: (step, signal) => fetchSlot(parts, step, signal),
    async preflight({ deployment, slot }) {
      const { digest } = slotOf(parts, deployment, slot)
      await parts.preflight(parts.store.path(bundles.manifest(digest).artifacts.model.sha256))
      move(parts, { deployment, slot }, 'preflighted')
    },
    async stage({ deployment, slot }) {
      const content = slotOf(parts, deployment, slot)
      bundles.checkGolden(bundles.complete(content))
      move(parts, { deployment, slot }, 'staged')
      const { beside } = deploymentOf(journal.state, deployment)
      if (slot === 'beside' && beside?.role === 'staged') {
        const message = `${named(content)} waits on the disk for its turn in ${deployment}.`
        parts.tell({ name: 'model.staged', severity: 'info', message, detail: { deployment, digest: content.digest } })
      }
    },
    async probe({ deployment, slot }, signal) {
      const before = deploymentOf(journal.state, deployment)
      if ((slot === 'candidate' ? before.attempts : (before.beside?.attempts ?? 0)) >= MAX_UNFINISHED_PROBES) {
        throw new Problem('probe.load-failed', `The agent did not outlive ${MAX_UNFINISHED_PROBES} probes of this bundle.`)
      }
      move(parts, { deployment, slot }, 'probing')
      try {
        await probeSlot(parts, deployment, slot, signal)
      } catch (error) {
        if (signal.aborted) {
          const now = deploymentOf(journal.state, deployment)
          journal.saveOrHold(withDeployment(journal.state, deployment, slot === 'candidate' ? unprobed(now) : besideUnprobed(now)))
        }
        throw error
      }
      collect(parts)
    },
  }
}

/** Steps that only write the journal. */
function journalSteps(parts: ExecuteParts): Pick<Executors, 'forget' | 'settle' | 'restore' | 'begin' | 'join' | 'recast' | 'part'> {
  const { journal, clock, tell } = parts
  const before = (deployment: string): JournalDeployment => deploymentOf(journal.state, deployment)
  return {
    async forget({ deployment }) {
      const { active } = before(deployment)
      journal.save(withoutDeployment(journal.state, deployment))
      const message = `${deployment} is no longer assigned${active === null ? '' : `; ${active.model} ${active.version} is unloaded`}.`
      tell({ name: 'deployment.removed', severity: 'info', message, detail: { deployment, digest: active?.digest ?? null } })
    },
    async settle({ deployment }) {
      put(parts, deployment, settled(before(deployment)))
      collect(parts)
    },
    restore: async ({ deployment }) => restore(parts, deployment),
    async begin({ deployment, content, state }) {
      put(parts, deployment, began(before(deployment), content, { now: clock.now(), state }))
    },
    async join({ deployment, content, state, casting }) {
      put(parts, deployment, joined(before(deployment), content, { now: clock.now(), state, casting }))
    },
    async recast({ deployment, casting }) {
      put(parts, deployment, recast(before(deployment), casting))
    },
    async part({ deployment }) {
      const { beside } = before(deployment)
      put(parts, deployment, parted(before(deployment)))
      const message = `${named(beside?.content ?? null)} no longer stands beside in ${deployment}.`
      tell({ name: 'model.parted', severity: 'info', message, detail: { deployment, digest: beside?.content.digest ?? null } })
      collect(parts)
    },
  }
}

/** Back to the last good bundle, by order: it was proven here, so it needs no probe. Damaged files make it a candidate like any other. */
function restore(parts: ExecuteParts, deployment: string): void {
  const { journal, bundles, clock, tell } = parts
  const before = deploymentOf(journal.state, deployment)
  if (before.lastGood === null) throw new Problem('internal', `${deployment} has no last good bundle.`)
  try {
    bundles.complete(before.lastGood)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'store.corrupt') throw error
    const { digest, model, version } = before.lastGood
    const begun = began(before, { digest, model, version }, { now: clock.now(), state: 'fetching' })
    put(parts, deployment, { ...begun, lastGood: null, lastGoodWatch: null })
    return
  }
  put(parts, deployment, restored(before, clock.now()))
  tell({
    name: 'model.restored',
    severity: 'info',
    message: `${named(before.lastGood)} is back in ${deployment} by order; ${named(before.active)} stays at hand.`,
    detail: { deployment, digest: before.lastGood.digest, replaced: before.active?.digest ?? null },
  })
}

async function fetchSlot(parts: ExecuteParts, { deployment, slot }: StepArgs['fetch'], signal: AbortSignal): Promise<void> {
  const { journal, tell } = parts
  const content = slotOf(parts, deployment, slot)
  const reference = referenceOf(parts, deployment, slot)
  if (reference?.digest !== content.digest) throw new Problem('cancelled', 'The order changed before the fetch.')
  const subject = slot === 'candidate' ? deployment : besideKey(deployment)
  const onProgress = (progress: FetchProgress): void => parts.onProgress(subject, progress)
  try {
    const fetched = await fetchBundle(parts, { content, reference, state: journal.state }, onProgress, signal)
    // The order may have changed while the last block was on its way.
    if (slotOf(parts, deployment, slot).digest !== content.digest) throw new Problem('cancelled', 'The order changed during the fetch.')
    move(parts, { deployment, slot }, 'verified')
    tell({
      name: 'transfer.completed',
      severity: 'info',
      message: `${content.model} ${content.version} is on the device.`,
      detail: { deployment, digest: content.digest, ...fetched, elapsedMs: Math.round(fetched.elapsedMs) },
    })
  } finally {
    parts.onProgress(subject, null)
  }
}

function referenceOf({ journal }: ExecuteParts, deployment: string, slot: Slot): BundleReference | undefined {
  const assigned = ownOf(journal.state.order?.assignment.deployments ?? {}, deployment)
  return (slot === 'candidate' ? assigned : assigned?.beside)?.bundle
}

function slotOf({ journal }: ExecuteParts, deployment: string, slot: Slot): BundleContent {
  const { candidate, beside } = deploymentOf(journal.state, deployment)
  const content = slot === 'candidate' ? candidate : (beside?.content ?? null)
  if (content === null) throw new Problem('cancelled', `${deployment} has no ${slot} any more.`)
  return content
}

function move(parts: ExecuteParts, { deployment, slot }: { deployment: string; slot: Slot }, state: ConvergenceState): void {
  const before = deploymentOf(parts.journal.state, deployment)
  put(parts, deployment, slot === 'candidate' ? moved(before, state) : besideMoved(before, state))
}

function put({ journal }: ExecuteParts, deployment: string, next: JournalDeployment): void {
  journal.save(withDeployment(journal.state, deployment, next))
}

function collect({ journal, bundles, tell }: ExecuteParts): void {
  const removed = bundles.removeUnreferenced(journal.state)
  if (removed.length > 0)
    tell({ name: 'artifacts.removed', severity: 'info', message: `${removed.length} artifacts that nothing needs were removed.` })
}
