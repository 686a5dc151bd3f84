import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem, reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import type { DesiredMessage } from '../../shared/protocol/assignment.ts'
import type { ReportedDeployment } from '../../shared/protocol/reported.ts'
import type { FetchProgress } from '../artifact/receive.ts'
import type { Log } from '../log.ts'
import { acceptAssignment, isExpired } from '../trust/accept.ts'
import type { TrustedKey } from '../trust/verify.ts'
import { revert } from './activate.ts'
import { isFinal, retryDelayMs } from './causes.ts'
import { createCrashWatch } from './crash-watch.ts'
import { createExecutors, type ExecuteParts } from './execute.ts'
import type { JournalDeployment } from './journal.ts'
import { nextStep, ownOf, SERVE } from './plan.ts'
import { execute, type Step } from './steps.ts'
import { deploymentOf, refused, withDeployment } from './transitions.ts'

/**
 * INVARIANTS
 * 1. One step runs at a time, chosen anew after each from the journal and what is served: nothing is queued, nothing can be lost.
 * 2. The journal is written before the act that depends on it; every step may be repeated.
 * 3. A change never touches the serving generation: if anything fails, what served goes on serving.
 * 4. Only an order that passed every check of `trust/accept.ts` becomes the order; a refused one changes nothing but the report.
 * 5. A new order ends a running fetch or probe only if that no longer serves it.
 */
export interface Convergence {
  /** Takes an order as it came. */
  order(message: DesiredMessage): void
  /** The serving runtime crashed. */
  crashed(reason: string): void
  /** The broker is there again: what waited for it is tried at once. */
  connected(): void
  /** Deployments as they are reported. */
  deployments(): Record<string, ReportedDeployment>
  /** Counter of the order that is worked on, 0 for none, and what is wrong with the newest. */
  readonly orderCounter: number
  orderProblem(): ProblemReport | null
  stop(): Promise<void>
}

export interface ConvergenceOptions extends Omit<ExecuteParts, 'onServing' | 'onProgress'> {
  log: Log
  assignmentKeys: readonly TrustedKey[]
  clock: Clock
  /** Something that is reported has changed. */
  onChange(): void
}

/** Starts to converge: what the journal calls active is served first, before anything is heard from outside. */
export function startConvergence(options: ConvergenceOptions): Convergence {
  const convergence = new Converger(options)
  convergence.start()
  return convergence
}

/** An order that could not be written for want of space is tried again after so long. */
const ORDER_RETRY_MS = 5000

interface Waiting {
  failures: number
  until: number
  isOver: boolean
}

class Converger implements Convergence {
  readonly #options: ConvergenceOptions
  readonly #executors: ReturnType<typeof createExecutors>
  readonly #waiting = new Map<string, Waiting>()
  readonly #progress = new Map<string, FetchProgress>()
  readonly #isThirdCrash = createCrashWatch()
  #serving: Record<string, string> | null = null
  #orderProblem: ProblemReport | null = null
  #refusedBefore = ''
  #running: { step: Step; abort: AbortController } | null = null
  #loop: Promise<void> = Promise.resolve()
  #wakeUp: (() => void) | null = null
  #orderRetry: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(options: ConvergenceOptions) {
    this.#options = options
    this.#executors = createExecutors({
      ...options,
      onServing: (serving) => {
        this.#serving = serving
      },
      onProgress: (deployment, progress) => {
        if (progress === null) this.#progress.delete(deployment)
        else this.#progress.set(deployment, progress)
        options.onChange()
      },
    })
  }

  start(): void {
    this.#loop = this.#run()
  }

  get orderCounter(): number {
    return this.#options.journal.state.order?.assignment.counter ?? 0
  }

  orderProblem(): ProblemReport | null {
    if (this.#orderProblem !== null) return this.#orderProblem
    const order = this.#options.journal.state.order
    if (order === null || this.#mayChange()) return null
    return new Problem(
      'assignment.expired',
      `Order ${order.assignment.counter} expired at ${new Date(order.assignment.expiresAt).toISOString()}.`,
    ).toReport()
  }

  deployments(): Record<string, ReportedDeployment> {
    return Object.fromEntries(
      Object.entries(this.#options.journal.state.deployments).map(([name, one]) => [name, this.#reported(name, one)]),
    )
  }

  order(message: DesiredMessage): void {
    clearTimeout(this.#orderRetry)
    const { journal, fleet, device, assignmentKeys, clock, tell, runtime } = this.#options
    try {
      const known = journal.state.order
      const accepted = acceptAssignment(message.envelope, {
        fleet,
        device,
        keys: assignmentKeys,
        known:
          known === null
            ? null
            : { counter: known.assignment.counter, payloadHash: known.payloadHash, issuedAt: journal.state.newestSignedAt },
        now: clock.now(),
      })
      this.#orderProblem = null
      this.#refusedBefore = ''
      if (!accepted.isKnown) {
        const { assignment, payloadHash } = accepted
        journal.save({
          ...journal.state,
          order: { assignment, payloadHash },
          newestSignedAt: Math.max(journal.state.newestSignedAt, assignment.issuedAt),
        })
        runtime.configure(assignment.config)
        tell({
          name: 'assignment.accepted',
          severity: 'info',
          message: `Order ${assignment.counter} was accepted.`,
          detail: { counter: assignment.counter },
        })
        this.#waiting.clear()
        this.#endWhatIsNotWanted()
      }
    } catch (error) {
      this.#refuse(error)
      // The order is sound and only could not be written: nobody sends it again before the next connect.
      if (error instanceof Problem && error.code.startsWith('store.'))
        this.#orderRetry = setTimeout(() => this.order(message), ORDER_RETRY_MS)
    }
    this.#options.onChange()
    this.#wake()
  }

  crashed(reason: string): void {
    const { journal, clock, tell } = this.#options
    const problem = new Problem('runtime.crashed', `The runtime crashed: ${reason}`).toReport()
    tell({ name: 'runtime.crashed', severity: 'error', message: problem.message, problem })
    if (!this.#isThirdCrash(clock.monotonic())) return
    const latest = Object.entries(journal.state.deployments)
      .filter(([, { active, lastGood }]) => active !== null && lastGood !== null)
      .sort(([, a], [, b]) => b.active!.since - a.active!.since)[0]
    if (latest === undefined) return
    revert({ journal, tell }, latest[0], problem)
    this.#options.onChange()
    this.#wake()
  }

  connected(): void {
    for (const waiting of this.#waiting.values()) waiting.isOver = true
    this.#wake()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#orderRetry)
    this.#running?.abort.abort()
    this.#wake()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const step = nextStep({
        order: this.#options.journal.state.order?.assignment ?? null,
        mayChange: this.#mayChange(),
        deployments: this.#options.journal.state.deployments,
        serving: this.#serving,
        waiting: this.#nowWaiting(),
      })
      if (step === null) await this.#sleep()
      else await this.#take(step)
    }
  }

  async #take(step: Step): Promise<void> {
    const subject = 'deployment' in step ? step.deployment : SERVE
    this.#running = { step, abort: new AbortController() }
    try {
      await execute(this.#executors, step, this.#running.abort.signal)
      const waiting = this.#waiting.get(subject)
      // A step that only writes the journal says nothing about whether what failed works now.
      if (waiting !== undefined && step.do !== 'begin') this.#waiting.delete(subject)
    } catch (error) {
      this.#failed(step, subject, error)
    }
    this.#running = null
    this.#options.onChange()
  }

  #failed(step: Step, subject: string, error: unknown): void {
    const { journal, bundles, log } = this.#options
    const problem = error instanceof Problem ? error : new Problem('internal', messageOf(error), { cause: error })
    // Ended from here, by a stop or a new order: the next choice knows. Anything else must not be chosen again at once.
    if (problem.code === 'cancelled' && this.#running?.abort.signal.aborted === true) return
    if (problem.code === 'internal')
      log('error', 'A step failed for a reason that should not be.', { step: step.do, subject, problem: error })
    try {
      if (subject !== SERVE) {
        const before = deploymentOf(journal.state, subject)
        if (before.candidate !== null && isFinal(problem, before.attempts)) {
          this.#reject(subject, problem)
          bundles.removeUnreferenced(journal.state)
          return
        }
        // What was on the disk is not there any more: it is fetched again.
        const state = problem.code === 'store.corrupt' && before.candidate !== null ? 'fetching' : before.state
        journal.save(withDeployment(journal.state, subject, { ...before, state, problem: problem.toReport() }))
      }
    } catch (unwritten) {
      log('warn', 'The journal could not be written; it is tried again.', { problem: unwritten })
    }
    this.#postpone(subject, step, problem)
  }

  #reject(deployment: string, problem: Problem): void {
    const { journal, tell } = this.#options
    const before = deploymentOf(journal.state, deployment)
    const after = refused(before, this.orderCounter, problem.toReport())
    journal.save(withDeployment(journal.state, deployment, after))
    const { candidate, active } = before
    tell({
      name: 'model.rejected',
      severity: 'error',
      message: `${candidate?.model ?? ''} ${candidate?.version ?? ''} was refused for ${deployment}: ${problem.message}`,
      problem: problem.toReport(),
      detail: { deployment, digest: candidate?.digest ?? null, serves: active?.digest ?? null },
    })
  }

  #postpone(subject: string, step: Step, problem: Problem): void {
    const failures = (this.#waiting.get(subject)?.failures ?? 0) + 1
    const delayMs = retryDelayMs(failures)
    this.#waiting.set(subject, { failures, until: this.#options.clock.monotonic() + delayMs, isOver: false })
    this.#options.log('warn', 'A step failed and is tried again.', { step: step.do, subject, problem, delayMs })
  }

  #reported(deployment: string, { state, active, candidate, lastGood, problem }: JournalDeployment): ReportedDeployment {
    const progress = this.#progress.get(deployment)
    return {
      state,
      active,
      candidate,
      lastGood,
      progress: progress === undefined ? null : { ...progress },
      problem: problem === null ? null : { code: problem.code, message: problem.message.slice(0, 2000) },
    }
  }

  #nowWaiting(): Set<string> {
    const now = this.#options.clock.monotonic()
    return new Set([...this.#waiting].filter(([, { until, isOver }]) => !isOver && until > now).map(([subject]) => subject))
  }

  /** Until something is told, the next retry is due, or the order expires. */
  async #sleep(): Promise<void> {
    const { clock } = this.#options
    const due = [...this.#waiting.values()].filter(({ isOver }) => !isOver).map(({ until }) => until - clock.monotonic())
    const soonest = Math.min(60_000, ...due.filter((ms) => ms > 0))
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, soonest)
      this.#wakeUp = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.#isStopped) this.#wakeUp()
    })
    this.#wakeUp = null
  }

  #wake(): void {
    this.#wakeUp?.()
  }

  #mayChange(): boolean {
    const { journal, clock } = this.#options
    const order = journal.state.order
    return order !== null && !isExpired(order.assignment, journal.state.newestSignedAt, clock.now())
  }

  #endWhatIsNotWanted(): void {
    const step = this.#running?.step
    if (step === undefined || (step.do !== 'fetch' && step.do !== 'probe')) return
    const { journal } = this.#options
    const wanted = ownOf(journal.state.order?.assignment.deployments ?? {}, step.deployment)?.bundle.digest
    if (deploymentOf(journal.state, step.deployment).candidate?.digest !== wanted) this.#running?.abort.abort()
  }

  #refuse(error: unknown): void {
    const problem = error instanceof Problem ? error : new Problem('message.malformed', messageOf(error), { cause: error })
    this.#orderProblem = reportOf(problem)
    // A retained order comes again on each connect: it is told once.
    const same = `${problem.code} ${problem.message}`
    if (same === this.#refusedBefore) return
    this.#refusedBefore = same
    this.#options.tell({ name: 'assignment.refused', severity: 'error', message: problem.message, problem: problem.toReport() })
  }
}
