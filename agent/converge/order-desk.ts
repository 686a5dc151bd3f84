import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import type { Assignment, DesiredMessage } from '../../shared/protocol/assignment.ts'
import type { Happening } from '../telemetry/events.ts'
import { acceptAssignment, isExpired } from '../trust/accept.ts'
import type { TrustedKey } from '../trust/verify.ts'
import type { Journal, JournalDeployment } from './journal.ts'
import { ownOf } from './own-of.ts'
import { isRejected } from './plan.ts'
import { reopened } from './transitions.ts'

/** What orders are checked with. */
export interface OrderParts {
  fleet: string
  device: string
  journal: Journal
  assignmentKeys: readonly TrustedKey[]
  clock: Clock
  tell(happening: Happening): void
}

/** An order that could not be written for want of space is tried again after so long. */
const RETRY_MS = 5000

/** Takes orders: only one that passes every check of `trust/accept.ts` gets into the journal. */
export class OrderDesk {
  readonly #parts: OrderParts
  readonly #onTaken: (accepted: Assignment | null) => void
  #problem: ProblemReport | null = null
  #refusedBefore = ''
  #retry: NodeJS.Timeout | undefined

  /** @param onTaken told after each order, with the new one if there is one */
  constructor(parts: OrderParts, onTaken: (accepted: Assignment | null) => void) {
    this.#parts = parts
    this.#onTaken = onTaken
  }

  /** Counter of the order that is worked on, 0 for none. */
  get counter(): number {
    return this.#parts.journal.state.order?.assignment.counter ?? 0
  }

  /** False once the order has expired, or if there is none. */
  mayChange(): boolean {
    const { journal, clock } = this.#parts
    const order = journal.state.order
    return order !== null && !isExpired(order.assignment, journal.state.newestSignedAt, clock.now())
  }

  /** What is wrong with the newest order. */
  problem(): ProblemReport | null {
    if (this.#problem !== null) return this.#problem
    const order = this.#parts.journal.state.order
    if (order === null || this.mayChange()) return null
    const { counter, expiresAt } = order.assignment
    return new Problem('assignment.expired', `Order ${counter} expired at ${new Date(expiresAt).toISOString()}.`).toReport()
  }

  take(message: DesiredMessage): void {
    clearTimeout(this.#retry)
    let accepted: Assignment | null = null
    try {
      accepted = this.#accept(message)
      this.#problem = null
      this.#refusedBefore = ''
    } catch (error) {
      this.#refuse(error)
      // The order is sound and only could not be written: nobody sends it again before the next connect.
      if (error instanceof Problem && error.code.startsWith('store.')) this.#retry = setTimeout(() => this.take(message), RETRY_MS)
    }
    this.#onTaken(accepted)
  }

  stop(): void {
    clearTimeout(this.#retry)
  }

  /** @returns the order if it is a new one */
  #accept(message: DesiredMessage): Assignment | null {
    const { fleet, device, assignmentKeys, journal, clock, tell } = this.#parts
    const { order, newestSignedAt } = journal.state
    const accepted = acceptAssignment(message.envelope, {
      fleet,
      device,
      keys: assignmentKeys,
      known: order === null ? null : { counter: order.assignment.counter, payloadHash: order.payloadHash, issuedAt: newestSignedAt },
      now: clock.now(),
    })
    if (accepted.isKnown) return null
    const { assignment, payloadHash } = accepted
    journal.save({
      ...journal.state,
      order: { assignment, payloadHash },
      newestSignedAt: Math.max(newestSignedAt, assignment.issuedAt),
      deployments: Object.fromEntries(
        Object.entries(journal.state.deployments).map(([name, one]) => [name, isAskedFor(assignment, name, one) ? reopened(one) : one]),
      ),
    })
    tell({
      name: 'assignment.accepted',
      severity: 'info',
      message: `Order ${assignment.counter} was accepted.`,
      detail: { counter: assignment.counter },
    })
    return assignment
  }

  #refuse(error: unknown): void {
    const problem = error instanceof Problem ? error : new Problem('message.malformed', messageOf(error), { cause: error })
    this.#problem = reportOf(problem)
    // A retained order comes again on each connect: it is told once.
    const same = `${problem.code} ${problem.message}`
    if (same === this.#refusedBefore) return
    this.#refusedBefore = same
    this.#parts.tell({ name: 'assignment.refused', severity: 'error', message: problem.message, problem: problem.toReport() })
  }
}

/** True if the order asks for what it names in the deployment, whatever became of it before. */
function isAskedFor({ counter, deployments }: Assignment, name: string, journal: JournalDeployment): boolean {
  const wanted = ownOf(deployments, name)
  return wanted !== null && !isRejected(journal, wanted.bundle.digest, wanted.asked ?? counter)
}
