import type { AssignedBeside, AssignedDeployment, Assignment } from '../../shared/protocol/assignment.ts'
import type { ConvergenceState } from '../../shared/protocol/reported.ts'
import { haltKey } from './halt-keeper.ts'
import type { JournalBeside, JournalDeployment } from './journal.ts'
import { ownOf } from './own-of.ts'
import { besideKey, SERVE, type Casting, type Slot, type Step } from './steps.ts'
import { isSameLoad, isSameTuning, loadedRole, wantedSet, type SetEntry } from './wanted-set.ts'

/** Everything that decides what is done next. */
export interface Situation {
  order: Assignment | null
  /** False once the order has expired: the device keeps serving and changes nothing. */
  mayChange: boolean
  /** An application must not be disturbed: nothing is switched, all else goes on. */
  isLocked: boolean
  /** Bundles that the fleet has halted, by `haltKey`: none of them is begun with, fetched or tried. */
  halted: ReadonlySet<string>
  deployments: Readonly<Record<string, JournalDeployment>>
  /** What the runtime serves; null: no generation was started yet. */
  serving: readonly SetEntry[] | null
  /** Subjects that failed for a passing reason and wait for their next try. */
  waiting: ReadonlySet<string>
}

/** What the steps of one deployment are chosen from. */
interface Case {
  deployment: string
  wanted: AssignedDeployment
  /** Counter of the order that asked for the active bundle. */
  asked: number
  isLocked: boolean
  journal: JournalDeployment
}

/** Nearest to the end first: what is ready is not held up by what is still to be fetched. */
const stages = ['probe', 'stage', 'preflight', 'fetch'] as const
/** These only write the journal: they come first, so that the console sees at once what is intended. */
const immediate: readonly Step['do'][] = ['settle', 'restore', 'begin', 'part', 'join', 'recast']

/**
 * The next step from what is to what is wanted, or `null`. First the runtime serves what the journal calls active (after a start before
 * anything else); then what the order no longer has goes; then each wanted bundle moves on by one state, those that shall be active
 * before those beside them.
 */
export function nextStep(situation: Situation): Step | null {
  const { order, deployments, serving, waiting, isLocked } = situation
  const set = wantedSet(order, deployments)
  if (!waiting.has(SERVE)) {
    if (serving === null || !isSameLoad(set, serving)) return { do: 'serve', set: 'active' }
    if (!isSameTuning(set, serving)) return { do: 'tune', set: 'active' }
  }
  if (order === null || !situation.mayChange) return null
  const gone = Object.keys(deployments).find((deployment) => !Object.hasOwn(order.deployments, deployment))
  if (gone !== undefined && !(isLocked && deployments[gone]?.active !== null)) return { do: 'forget', deployment: gone }
  const names = Object.keys(order.deployments).sort()
  const steps = names.flatMap((name) => (waiting.has(name) ? [] : (stepFor(name, order, situation) ?? [])))
  const besides = names.flatMap((name) => (waiting.has(besideKey(name)) ? [] : (besideStepFor(name, order, situation) ?? [])))
  const all = [...steps, ...besides]
  const first = all.find((step) => immediate.includes(step.do))
  if (first !== undefined) return first
  for (const stage of stages) {
    const step = all.find((one) => one.do === stage)
    if (step !== undefined) return step
  }
  return null
}

function stepFor(deployment: string, order: Assignment, { deployments, isLocked, halted }: Situation): Step | null {
  const wanted = ownOf(order.deployments, deployment)
  if (wanted === null) return null
  const content = { digest: wanted.bundle.digest, model: wanted.model, version: wanted.version }
  const journal = ownOf(deployments, deployment)
  const isHalted = halted.has(haltKey(deployment, content.digest))
  if (journal === null) return isHalted ? null : { do: 'begin', deployment, content, state: 'fetching' }
  if (journal.active?.digest === content.digest) return isSettled(journal) ? null : { do: 'settle', deployment }
  if (isHalted) return null
  if (isRejected(journal, content.digest, wanted.asked ?? order.counter)) return null
  if (journal.lastGood?.digest === content.digest && journal.candidate?.digest !== content.digest)
    return isLocked ? null : { do: 'restore', deployment }
  const begin: Step = { do: 'begin', deployment, content, state: knownState(journal, content.digest) }
  if (journal.candidate?.digest !== content.digest) return begin
  const step = workOn(deployment, 'candidate', journal.state)
  if (step === null) return begin
  return step.do === 'probe' && isLocked ? null : step
}

function workOn(deployment: string, slot: Slot, state: ConvergenceState): Step | null {
  switch (state) {
    case 'fetching':
      return { do: 'fetch', deployment, slot }
    case 'verified':
      return { do: 'preflight', deployment, slot }
    case 'preflighted':
      return { do: 'stage', deployment, slot }
    case 'staged':
    case 'probing':
      return { do: 'probe', deployment, slot }
    case 'idle':
    case 'active':
    case 'reverted':
    case 'rejected':
      return null
  }
}

function besideStepFor(deployment: string, order: Assignment, { deployments, isLocked, halted }: Situation): Step | null {
  const wanted = ownOf(order.deployments, deployment)
  const journal = ownOf(deployments, deployment)
  if (wanted === null || journal === null) return null
  const one: Case = { deployment, wanted, journal, isLocked, asked: wanted.asked ?? order.counter }
  const { beside } = wanted
  // The bundle that answers everybody cannot also stand beside itself.
  if (beside === null || beside.bundle.digest === wanted.bundle.digest) return partFrom(one)
  const digest = beside.bundle.digest
  const besideAsked = beside.asked ?? order.counter
  const now = journal.beside
  if (digest === journal.active?.digest) return partFrom(one)
  const isAtWork = now?.content.digest === digest && now.state === 'active'
  if (!isAtWork && halted.has(haltKey(deployment, digest))) return null
  if (now?.content.digest !== digest) {
    if (isRejected(journal, digest, besideAsked) || (isLocked && isLoaded(now))) return partFrom(one)
    return joinOf(one, beside)
  }
  if (now.state === 'rejected') return isRejected(journal, digest, besideAsked) ? null : joinOf(one, beside)
  return besideWork(one, now, beside)
}

function besideWork({ deployment, journal, isLocked }: Case, now: JournalBeside, wanted: AssignedBeside): Step | null {
  const casting = castingOf(wanted)
  const isUnloaded = isLoaded(now) && wanted.role === 'staged'
  if (!isCastAs(now, casting)) return isLocked && isUnloaded ? null : { do: 'recast', deployment, casting }
  if (now.role === 'staged' && (now.state === 'staged' || now.state === 'probing')) return null
  const step = workOn(deployment, 'beside', now.state)
  if (step?.do !== 'probe') return step
  // It stands beside something; and what it stands beside is settled first.
  return isLocked || journal.active === null || journal.candidate !== null ? null : step
}

function joinOf({ deployment, journal }: Case, beside: AssignedBeside): Step {
  const content = { digest: beside.bundle.digest, model: beside.model, version: beside.version }
  return { do: 'join', deployment, content, state: knownState(journal, content.digest), casting: castingOf(beside) }
}

function partFrom({ deployment, wanted, asked, journal, isLocked }: Case): Step | null {
  const now = journal.beside
  if (now === null || (isLocked && isLoaded(now))) return null
  // It is about to become the active one: the switch takes it from here, in one generation.
  const rises = now.content.digest === wanted.bundle.digest && journal.active?.digest !== wanted.bundle.digest
  return rises && !isRejected(journal, now.content.digest, asked) ? null : { do: 'part', deployment }
}

/** How far a bundle is known to be: one that is or was served here, or waits beside, was fetched, verified and inspected. */
function knownState({ active, lastGood, beside }: JournalDeployment, digest: string): ConvergenceState {
  if (active?.digest === digest || lastGood?.digest === digest) return 'staged'
  const isReady = beside?.content.digest === digest && ['staged', 'probing', 'active'].includes(beside.state)
  return isReady ? 'staged' : 'fetching'
}

/** True if a bundle failed on this device, and was asked for no later than that. @param asked counter of the order that asked for it */
export function isRejected(journal: JournalDeployment, digest: string, asked: number): boolean {
  return journal.rejected.some((one) => one.digest === digest && one.counter >= asked)
}

function isSettled(journal: JournalDeployment): boolean {
  // A failed watch without anything to go back to stays told as long as the bundle serves.
  return journal.state === 'active' && journal.candidate === null && (journal.problem === null || journal.problem.code === 'watch.failed')
}

function isLoaded(beside: JournalBeside | null): boolean {
  return beside !== null && loadedRole(beside) !== null
}

function castingOf({ role, percent, cpuShare, samplesPerWindow }: Casting): Casting {
  return { role, percent, cpuShare, samplesPerWindow }
}

function isCastAs(beside: JournalBeside, casting: Casting): boolean {
  return JSON.stringify(castingOf(beside)) === JSON.stringify(casting)
}
