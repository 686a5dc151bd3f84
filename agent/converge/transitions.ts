import type { ProblemReport } from '../../shared/domain/problem.ts'
import type { ConvergenceState, SlotContent } from '../../shared/protocol/reported.ts'
import type { JournalDeployment, JournalState } from './journal.ts'
import { ownOf } from './plan.ts'
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

/** A candidate is taken up. */
export function began(from: JournalDeployment, content: BundleContent, now: number): JournalDeployment {
  return { ...from, state: 'fetching', candidate: { ...content, since: now }, attempts: 0, problem: null }
}

/** The candidate moved on. */
export function moved(from: JournalDeployment, state: ConvergenceState): JournalDeployment {
  return { ...from, state, problem: null, attempts: state === 'probing' ? from.attempts + 1 : from.attempts }
}

/** The candidate passed and is active; what was active stays at hand. */
export function activated(from: JournalDeployment, now: number): JournalDeployment {
  const active = from.candidate === null ? from.active : { ...from.candidate, since: now }
  return { ...from, state: 'active', active, candidate: null, lastGood: from.active, attempts: 0, problem: null }
}

/** The candidate failed for good; what is active stays. */
export function refused(from: JournalDeployment, counter: number, problem: ProblemReport): JournalDeployment {
  const digest = from.candidate?.digest
  const rejected = digest === undefined ? from.rejected : remembered(from, digest, counter, problem)
  return { ...from, state: 'rejected', candidate: null, attempts: 0, problem, rejected }
}

/** The active bundle failed in service: the last good one takes its place, or none if there is none. */
export function reverted(from: JournalDeployment, counter: number, problem: ProblemReport): JournalDeployment {
  const rejected = from.active === null ? from.rejected : remembered(from, from.active.digest, counter, problem)
  return { ...from, state: 'reverted', active: from.lastGood, candidate: null, lastGood: null, attempts: 0, problem, rejected }
}

/** The files of the active bundle are damaged: the last good one serves until they were fetched again. */
export function lostFiles(from: JournalDeployment, problem: ProblemReport): JournalDeployment {
  return { ...from, state: 'idle', active: from.lastGood, candidate: null, lastGood: null, attempts: 0, problem }
}

/** The wanted bundle is the active one: nothing else is open. */
export function settled(from: JournalDeployment): JournalDeployment {
  return { ...from, state: 'active', candidate: null, attempts: 0, problem: null }
}

function remembered(
  from: JournalDeployment,
  digest: SlotContent['digest'],
  counter: number,
  problem: ProblemReport,
): JournalDeployment['rejected'] {
  const others = from.rejected.filter((one) => one.digest !== digest)
  return [...others, { digest, counter, problem }].slice(-MAX_REJECTED)
}
