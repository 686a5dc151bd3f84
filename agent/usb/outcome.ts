import { Problem } from '../../shared/domain/problem.ts'
import type { AssignedDeployment } from '../../shared/protocol/assignment.ts'
import type { CarriedOutcome } from '../../shared/protocol/carry.ts'
import type { Convergence } from '../converge/converge.ts'
import { haltKey } from '../converge/halt-keeper.ts'
import type { Journal } from '../converge/journal.ts'
import { ownOf } from '../converge/own-of.ts'
import { isRejected } from '../converge/plan.ts'

interface OutcomeParts {
  journal: Journal
  running: Pick<Convergence, 'currentLock' | 'halts' | 'orderProblem'>
}

/** How the deployments of the order stand, and whether anything is still under way that a folder could help with. */
export interface Standing {
  isSettled: boolean
  deployments: Record<string, CarriedOutcome>
}

/** Looks at what became of the order so far. */
export function standingOf(parts: OutcomeParts): Standing {
  const order = parts.journal.state.order?.assignment
  const entries = Object.entries(order?.deployments ?? {}).map(([name, wanted]) => {
    const { state, problem, isMoving } = outcomeOf(parts, { name, wanted, asked: wanted.asked ?? order!.counter })
    const { model, version, bundle } = wanted
    const told = problem === null ? null : { code: problem.code.slice(0, 64), message: problem.message.slice(0, 2000) }
    const outcome: CarriedOutcome = { state, model, version, digest: bundle.digest, problem: told }
    return { name, outcome, isMoving: isMoving || isBesideMoving(parts, { name, wanted, asked: wanted.beside?.asked ?? order!.counter }) }
  })
  return {
    isSettled: !entries.some(({ isMoving }) => isMoving) || parts.running.orderProblem() !== null,
    deployments: Object.fromEntries(entries.map(({ name, outcome }) => [name, outcome])),
  }
}

interface Of {
  name: string
  wanted: AssignedDeployment
  /** Counter of the order that asked for it. */
  asked: number
}

function outcomeOf(
  { journal, running }: OutcomeParts,
  { name, wanted, asked }: Of,
): { state: CarriedOutcome['state']; problem: { code: string; message: string } | null; isMoving: boolean } {
  const now = ownOf(journal.state.deployments, name)
  const { digest } = wanted.bundle
  if (now?.active?.digest === digest) return { state: 'active', problem: now.problem, isMoving: false }
  if (now !== null && isRejected(now, digest, asked)) {
    const own = now.rejected.find((one) => one.digest === digest)
    return { state: 'failed', problem: own?.problem ?? now.problem, isMoving: false }
  }
  const stale = running.orderProblem()
  if (stale !== null) return { state: 'waiting', problem: stale, isMoving: false }
  const halt = running.halts().find((one) => haltKey(one.deployment, one.digest) === haltKey(name, digest))
  if (halt !== undefined)
    return {
      state: 'waiting',
      problem: { code: 'deployment.held', message: `The fleet halts this version: ${halt.reason}` },
      isMoving: false,
    }
  const lock = running.currentLock()
  const isReady = now?.candidate?.digest === digest && now.state === 'staged'
  if (lock !== null && isReady)
    return { state: 'waiting', problem: new Problem('lock.invalid', `The device is locked: ${lock.reason}`).toReport(), isMoving: false }
  return { state: 'waiting', problem: now?.problem ?? null, isMoving: true }
}

/** A second bundle that is still on its way needs the folder as well. */
function isBesideMoving({ journal }: OutcomeParts, { name, wanted, asked }: Of): boolean {
  const { beside } = wanted
  const now = ownOf(journal.state.deployments, name)
  if (beside === null || now === null || beside.bundle.digest === wanted.bundle.digest) return false
  if (isRejected(now, beside.bundle.digest, asked)) return false
  if (now.beside?.content.digest !== beside.bundle.digest) return now.active?.digest !== beside.bundle.digest
  return ['fetching', 'verified', 'preflighted'].includes(now.beside.state)
}
