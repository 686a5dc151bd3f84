import { Problem, problemFrom, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import type { ProbeResult, RuntimeDeployment } from '../runtime/messages.ts'
import type { BundleSet } from '../supervise/bundle-set.ts'
import type { Bundles } from './bundles.ts'
import type { JournalState } from './journal.ts'
import { demote, rejectBeside, revert, type TakeBackParts } from './take-back.ts'
import { deploymentOf, reverted, withDeployment } from './transitions.ts'
import { wantedSet, type SetEntry } from './wanted-set.ts'

/** What loading works with. */
export interface LoadParts extends TakeBackParts {
  bundles: Bundles
}

/** A bundle of a set that has not passed yet, and the budget of its median, ms. */
export interface Untried {
  entry: SetEntry
  latencyBudgetMs: number | null
}

/** The set that a state of the journal asks for. */
export function setOf(state: JournalState): SetEntry[] {
  return wantedSet(state.order?.assignment ?? null, state.deployments)
}

/**
 * The set with all that the runtime needs to load it. A bundle whose files are damaged gives way in the journal before this throws.
 * @throws Problem `store.corrupt` naming it
 */
export function loadable({ bundles, ...parts }: LoadParts, set: readonly SetEntry[], untried: Untried | null): RuntimeDeployment[] {
  return set.map((entry) => {
    const isCandidate = entry === untried?.entry
    try {
      return bundles.runtimeDeployment(entry, isCandidate ? { latencyBudgetMs: untried.latencyBudgetMs } : null)
    } catch (error) {
      // What is tried is in nobody's way yet: whoever tries it decides.
      if (!isCandidate) giveWay(parts, entry, reportOf(error))
      throw error
    }
  })
}

/** The result that stands for the failure of a generation, if one failed: the bundle that is tried, else the first. */
export function failureIn(results: readonly ProbeResult[], set: readonly SetEntry[], untried: SetEntry | null): FailedEntry | null {
  const failed = set.flatMap((entry) => {
    const problem = results.find((one) => one.deployment === entry.deployment && one.digest === entry.content.digest)?.problem ?? null
    return problem === null ? [] : [{ entry, problem }]
  })
  return failed.find(({ entry }) => entry === untried) ?? failed[0] ?? null
}

/** A bundle of a set that did not load or did not pass. */
export interface FailedEntry {
  entry: SetEntry
  problem: ProblemReport
}

/** The runtime cannot load a bundle that served: damaged files are fetched again, a sound active bundle gives way to the last good one, if there is one. */
export async function giveUp(parts: LoadParts, { entry, problem }: FailedEntry): Promise<void> {
  try {
    await parts.bundles.verifyFiles(entry.content.digest)
  } catch (error) {
    giveWay(parts, entry, reportOf(error))
    return
  }
  const { active, lastGood } = deploymentOf(parts.journal.state, entry.deployment)
  if (entry.role.kind !== 'active') rejectBeside(parts, entry.deployment, problem)
  else if (active?.digest !== entry.content.digest) return
  // With nothing to fall back to, or on a machine that may just be busy, it is tried again as a candidate while the others serve.
  else if (lastGood === null || problem.code === 'probe.timeout') demote(parts, entry.deployment, problemFrom(problem).toReport())
  else revert(parts, entry.deployment, problem)
}

/** The set that going back from the newest watched switch would need: while it is watched, that set stays warm. */
export function setToKeepWarm(state: JournalState): BundleSet | null {
  const newest = Object.entries(state.deployments)
    .filter(([, { watch, lastGood }]) => watch !== null && lastGood !== null)
    .sort(([, a], [, b]) => (b.active?.since ?? 0) - (a.active?.since ?? 0))[0]
  if (newest === undefined) return null
  const after = reverted(newest[1], 0, new Problem('watch.failed', '').toReport())
  return bundleSet(setOf(withDeployment(state, newest[0], after)))
}

function bundleSet(set: readonly SetEntry[]): BundleSet {
  return set.map(({ deployment, content, role }) => ({ deployment, digest: content.digest, role }))
}

function giveWay(parts: TakeBackParts, { deployment, content, role }: SetEntry, problem: ProblemReport): void {
  const before = deploymentOf(parts.journal.state, deployment)
  if (role.kind === 'active') {
    if (before.active?.digest === content.digest) demote(parts, deployment, problem)
  } else if (before.beside !== null) {
    // It stands beside again once it was fetched again.
    const beside = { ...before.beside, state: 'fetching' as const, problem }
    parts.journal.saveOrHold(withDeployment(parts.journal.state, deployment, { ...before, beside }))
  }
}
