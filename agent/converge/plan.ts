import type { Assignment } from '../../shared/protocol/assignment.ts'
import type { JournalDeployment } from './journal.ts'
import type { Step } from './steps.ts'

/** Everything that decides what is done next. */
export interface Situation {
  order: Assignment | null
  /** False once the order has expired: the device keeps serving and changes nothing. */
  mayChange: boolean
  deployments: Readonly<Record<string, JournalDeployment>>
  /** Digest by deployment that the runtime serves; null: no generation was started yet. */
  serving: Readonly<Record<string, string>> | null
  /** Deployments that failed for a passing reason and wait for their next try; `SERVE` for the serving set. */
  waiting: ReadonlySet<string>
}

/** Name under which a failed `serve` waits; no deployment can be called so. */
export const SERVE = '*'

/** Nearest to the end first: what is ready is not held up by what is still to be fetched. */
const stages = ['probe', 'stage', 'preflight', 'fetch'] as const

/**
 * The next step from what is to what is wanted, or `null`. First the runtime serves what the journal calls active (after a start before
 * anything else); then what the order no longer has goes; then each wanted bundle moves on by one state.
 */
export function nextStep(situation: Situation): Step | null {
  if (!situation.waiting.has(SERVE) && !isServed(situation)) return { do: 'serve', set: 'active' }
  const { order, deployments } = situation
  if (order === null || !situation.mayChange) return null
  const gone = Object.keys(deployments).find((deployment) => !Object.hasOwn(order.deployments, deployment))
  if (gone !== undefined) return { do: 'forget', deployment: gone }
  const steps = Object.keys(order.deployments)
    .sort()
    .filter((deployment) => !situation.waiting.has(deployment))
    .flatMap((deployment) => stepFor(deployment, order, ownOf(deployments, deployment)) ?? [])
  // What only writes the journal comes first, so that the console sees at once what is intended.
  const immediate = steps.find((step) => step.do === 'settle' || step.do === 'begin')
  if (immediate !== undefined) return immediate
  for (const stage of stages) {
    const step = steps.find((one) => one.do === stage)
    if (step !== undefined) return step
  }
  return null
}

function stepFor(deployment: string, order: Assignment, journal: JournalDeployment | null): Step | null {
  const wanted = ownOf(order.deployments, deployment)
  if (wanted === null) return null
  const { model, version } = wanted
  const content = { digest: wanted.bundle.digest, model, version }
  if (journal === null) return { do: 'begin', deployment, content }
  if (journal.active?.digest === content.digest) return isSettled(journal) ? null : { do: 'settle', deployment }
  if (isRejected(journal, content.digest, order.counter)) return null
  if (journal.candidate?.digest !== content.digest) return { do: 'begin', deployment, content }
  switch (journal.state) {
    case 'fetching':
      return { do: 'fetch', deployment }
    case 'verified':
      return { do: 'preflight', deployment }
    case 'preflighted':
      return { do: 'stage', deployment }
    case 'staged':
    case 'probing':
      return { do: 'probe', deployment }
    case 'idle':
    case 'active':
    case 'reverted':
    case 'rejected':
      return { do: 'begin', deployment, content }
  }
}

/** True if a bundle failed on this device and no higher order asks for it again. */
export function isRejected(journal: JournalDeployment, digest: string, counter: number): boolean {
  return journal.rejected.some((one) => one.digest === digest && one.counter >= counter)
}

function isSettled(journal: JournalDeployment): boolean {
  return journal.state === 'active' && journal.candidate === null && journal.problem === null
}

function isServed({ serving, deployments }: Situation): boolean {
  if (serving === null) return false
  const active = Object.entries(deployments).flatMap(([deployment, { active }]) =>
    active === null ? [] : [[deployment, active.digest] as const],
  )
  return active.length === Object.keys(serving).length && active.every(([deployment, digest]) => ownOf(serving, deployment) === digest)
}

/** The value of an own key; `null` if there is none. Names come from outside: `constructor` must not find anything. */
export function ownOf<Value>(of: Readonly<Record<string, Value>>, key: string): Value | null {
  return Object.hasOwn(of, key) ? of[key]! : null
}
