import type { ProblemReport } from '../../shared/domain/problem.ts'
import type { ConvergenceState, SlotContent } from '../../shared/protocol/reported.ts'
import type { JournalBeside, JournalDeployment, JournalState, JournalWatch } from './journal.ts'
import { ownOf } from './own-of.ts'
import type { BundleContent } from './steps.ts'

/** Rejected bundles that are remembered per deployment; the oldest go. */
const MAX_REJECTED = 16

const untouched: JournalDeployment = {
  state: 'idle',
  active: null,
  candidate: null,
  lastGood: null,
  attempts: 0,
  problem: null,
  rejected: [],
  watch: null,
  lastGoodWatch: null,
  beside: null,
}

/** One deployment of a journal; one that nothing is known of is idle. */
export function deploymentOf(state: JournalState, deployment: string): JournalDeployment {
  return ownOf(state.deployments, deployment) ?? untouched
}

/** The journal with one deployment changed. */
export function withDeployment(state: JournalState, deployment: string, next: JournalDeployment): JournalState {
  return { ...state, deployments: { ...state.deployments, [deployment]: next } }
}

/** The journal without a deployment. */
export function withoutDeployment(state: JournalState, deployment: string): JournalState {
  return { ...state, deployments: Object.fromEntries(Object.entries(state.deployments).filter(([name]) => name !== deployment)) }
}

/** A candidate is taken up, as far as it is known to be. */
export function began(from: JournalDeployment, content: BundleContent, at: { now: number; state: ConvergenceState }): JournalDeployment {
  return { ...from, state: at.state, candidate: { ...content, since: at.now }, attempts: 0, problem: null }
}

/** The candidate moved on. */
export function moved(from: JournalDeployment, state: ConvergenceState): JournalDeployment {
  return { ...from, state, problem: null, attempts: state === 'probing' ? from.attempts + 1 : from.attempts }
}

/** The probe of the candidate was called off from here: it says nothing of the bundle. */
export function unprobed(from: JournalDeployment): JournalDeployment {
  return from.state === 'probing' ? { ...from, state: 'staged', attempts: Math.max(0, from.attempts - 1) } : from
}

/**
 * The candidate passed its probe and is active. What was active stays at hand, unless it was itself still watched and something proven
 * is at hand: then that stays.
 */
export function activated(from: JournalDeployment, now: number, watch: JournalWatch | null): JournalDeployment {
  if (from.candidate === null) return { ...from, state: 'active', attempts: 0, problem: null }
  const active = { ...from.candidate, since: now }
  const isProven = from.lastGood !== null && from.lastGoodWatch === null && from.lastGood.digest !== active.digest
  const back =
    from.watch !== null && isProven
      ? { lastGood: from.lastGood, lastGoodWatch: null }
      : { lastGood: from.active, lastGoodWatch: from.active === null ? null : from.watch }
  const next: JournalDeployment = { ...from, ...back, state: 'active', active, candidate: null, watch, attempts: 0, problem: null }
  return { ...next, beside: besideOther(next) }
}

/** The candidate failed for good; what is active stays. */
export function refused(from: JournalDeployment, counter: number, problem: ProblemReport): JournalDeployment {
  const digest = from.candidate?.digest
  const rejected = digest === undefined ? from.rejected : remembered(from, digest, counter, problem)
  return { ...from, state: 'rejected', candidate: null, attempts: 0, problem, rejected }
}

/** The active bundle failed in service, or was taken back: the last good one takes its place, or none if there is none. */
export function reverted(from: JournalDeployment, counter: number, problem: ProblemReport): JournalDeployment {
  const rejected = from.active === null ? from.rejected : remembered(from, from.active.digest, counter, problem)
  return { ...lastGoodAgain(from), state: 'reverted', problem, rejected }
}

/** A newer order is here: what failed under the one before says nothing about it, and is not reported as its answer. */
export function reopened(from: JournalDeployment): JournalDeployment {
  return from.state === 'reverted' || from.state === 'rejected' ? { ...from, state: 'idle', problem: null } : from
}

/** The files of the active bundle are damaged: the last good one serves until they were fetched again. */
export function lostFiles(from: JournalDeployment, problem: ProblemReport): JournalDeployment {
  return { ...lastGoodAgain(from), state: 'idle', problem }
}

/** The order names the last good bundle: it and the active one change places. */
export function restored(from: JournalDeployment, now: number): JournalDeployment {
  if (from.lastGood === null) return from
  const swap = { active: { ...from.lastGood, since: now }, watch: from.lastGoodWatch, lastGood: from.active, lastGoodWatch: from.watch }
  const next: JournalDeployment = { ...from, ...swap, state: 'active', candidate: null, attempts: 0, problem: null }
  return { ...next, beside: besideOther(next) }
}

/** The wanted bundle is the active one: nothing else is open. */
export function settled(from: JournalDeployment): JournalDeployment {
  return { ...from, state: 'active', candidate: null, attempts: 0, problem: null }
}

/** The watch ended: well, or with a problem and nothing to go back to. */
export function unwatched(from: JournalDeployment, problem: ProblemReport | null): JournalDeployment {
  return { ...from, watch: null, problem: problem ?? from.problem }
}

/** A bundle failed on this device under an order: only a higher one tries it again. */
export function remembered(
  from: JournalDeployment,
  digest: SlotContent['digest'],
  counter: number,
  problem: ProblemReport,
): JournalDeployment['rejected'] {
  const others = from.rejected.filter((one) => one.digest !== digest)
  return [...others, { digest, counter, problem }].slice(-MAX_REJECTED)
}

function lastGoodAgain(from: JournalDeployment): JournalDeployment {
  const back = { active: from.lastGood, watch: from.lastGoodWatch, lastGood: null, lastGoodWatch: null }
  const next: JournalDeployment = { ...from, ...back, candidate: null, attempts: 0 }
  return { ...next, beside: besideOther(next) }
}

/** A bundle that became the active one no longer stands beside. */
function besideOther({ active, beside }: JournalDeployment): JournalBeside | null {
  return active !== null && beside?.content.digest === active.digest ? null : beside
}
