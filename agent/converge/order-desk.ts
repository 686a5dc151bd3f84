import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import type { Assignment, DesiredMessage } from '../../shared/protocol/assignment.ts'
import type { Happening } from '../telemetry/events.ts'
import { acceptAssignment, isExpired } from '../trust/accept.ts'
import type { TrustedKey } from '../trust/verify.ts'
import type { Journal, JournalDeployment } from './journal.ts'
import { ownOf } from './own-of.ts'
import { isRejected } from './plan.ts'
import { newestSignedAt, signedTime } from './signed-time.ts'
import { reopened } from './transitions.ts'

/** What orders are checked with. */
export interface OrderParts {
  fleet: string
  device: string
  journal: Journal
  assignmentKeys: readonly TrustedKey[]
  clock: Clock
  /** Operating system and architecture of this device, such as linux-arm64. */
  hardware?: string
  /** Why nothing may change although there is an order: the trust metadata of the fleet has expired. */
  trustProblem?(): Problem | null
  /** True: whoever signs orders may become another one by what the console says next. */
  hasRoot?(): boolean
  tell(happening: Happening): void
}

/** An order that could not be written for want of space is tried again after so long. */
const RETRY_MS = 5000
/** A root that is on its way is here within so long. */
const ROOT_MS = 10_000

/** Takes orders: only one that passes every check of `trust/accept.ts` gets into the journal. */
export class OrderDesk {
  readonly #parts: OrderParts
  readonly #onTaken: (accepted: Assignment | null) => void
  #problem: ProblemReport | null = null
  #refusedBefore = ''
  #retry: NodeJS.Timeout | undefined
  /** The newest order whose signature nobody here could check: other keys may count soon. */
  #unknown: DesiredMessage | null = null

  /** @param onTaken told after each order, with the new one if there is one */
  constructor(parts: OrderParts, onTaken: (accepted: Assignment | null) => void) {
    this.#parts = parts
    this.#onTaken = onTaken
  }

  /** Counter of the order that is worked on, 0 for none. */
  get counter(): number {
    return this.#parts.journal.state.order?.assignment.counter ?? 0
  }

  get epoch(): number {
    return this.#parts.journal.state.order?.assignment.epoch ?? 0
  }

  /** False once the order or what makes it believable has expired, or if there is none. */
  mayChange(): boolean {
    return (this.#parts.trustProblem?.() ?? null) === null && this.#holds()
  }

  #holds(): boolean {
    const { journal, clock } = this.#parts
    const order = journal.state.order
    return order !== null && !isExpired(order.assignment, newestSignedAt(journal.state, this.#parts.assignmentKeys), clock.now())
  }

  /** What is wrong with the newest order. */
  problem(): ProblemReport | null {
    if (this.#problem !== null) return this.#problem
    const order = this.#parts.journal.state.order
    if (order === null) return null
    const stale = this.#parts.trustProblem?.() ?? null
    if (stale !== null) return stale.toReport()
    if (this.#holds()) return null
    const { counter, expiresAt } = order.assignment
    return new Problem('assignment.expired', `Order ${counter} expired at ${new Date(expiresAt).toISOString()}.`).toReport()
  }

  /** @param isLast nothing that could make it believable is on its way any more */
  take(message: DesiredMessage, isLast = false): void {
    clearTimeout(this.#retry)
    this.#unknown = null
    let accepted: Assignment | null = null
    try {
      accepted = this.#accept(message)
      this.#problem = null
      this.#refusedBefore = ''
    } catch (error) {
      if (error instanceof Problem && error.code === 'assignment.signature-invalid') {
        this.#unknown = message
        if (!isLast && this.#parts.hasRoot?.() === true) {
          // After a change of keys the order may be faster than the root that names them: that is nothing to be told.
          this.#retry = setTimeout(() => this.take(message, true), ROOT_MS)
          return
        }
      }
      this.#refuse(error)
      // The order is sound and only could not be written: nobody sends it again before the next connect.
      if (error instanceof Problem && error.code.startsWith('store.')) this.#retry = setTimeout(() => this.take(message), RETRY_MS)
    }
    this.#onTaken(accepted)
  }

  /** Looks again at an order that no key could check. */
  retry(): void {
    if (this.#unknown !== null) this.take(this.#unknown)
  }

  stop(): void {
    clearTimeout(this.#retry)
  }

  /** @returns the order if it is a new one */
  #accept(message: DesiredMessage): Assignment | null {
    const { fleet, device, assignmentKeys, journal, clock, hardware, tell } = this.#parts
    const { order } = journal.state
    const newest = newestSignedAt(journal.state, assignmentKeys)
    const accepted = acceptAssignment(message.envelope, {
      fleet,
      device,
      keys: assignmentKeys,
      known: order === null ? null : { ...order.assignment, payloadHash: order.payloadHash, keyid: order.keyid ?? null },
      newestSignedAt: newest,
      hardware: hardware ?? null,
      now: clock.now(),
    })
    if (accepted.isKnown) return null
    const { assignment, payloadHash, keyid } = accepted
    journal.save({
      ...journal.state,
      order: { assignment, payloadHash, keyid },
      ...signedTime(journal.state, assignmentKeys, { at: assignment.issuedAt, by: keyid }),
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
