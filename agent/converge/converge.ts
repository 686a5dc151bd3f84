import type { Clock } from '../../shared/domain/clock.ts'
import { messageOf, Problem, type ProblemReport } from '../../shared/domain/problem.ts'
import type { Assignment, DesiredMessage, RuntimeConfig } from '../../shared/protocol/assignment.ts'
import type { HaltList, HaltMessage } from '../../shared/protocol/halt.ts'
import type { ApplicationLock, ReportedDeployment, SlotContent } from '../../shared/protocol/reported.ts'
import type { FetchProgress } from '../artifact/receive.ts'
import type { Log } from '../log.ts'
import type { Beat } from '../supervise/generations.ts'
import type { TrustedKey } from '../trust/verify.ts'
import { retryDelayMs } from './causes.ts'
import { reportedOf } from './describe.ts'
import { createExecutors, type ExecuteParts } from './execute.ts'
import { noteFailure } from './failed-step.ts'
import { haltKey, HaltKeeper } from './halt-keeper.ts'
import { LockKeeper } from './lock-keeper.ts'
import { OrderDesk } from './order-desk.ts'
import { ownOf } from './own-of.ts'
import { nextStep } from './plan.ts'
import { besideKey, execute, SERVE, subjectOf, type Step } from './steps.ts'
import { revertOnRequest } from './take-back.ts'
import { deploymentOf } from './transitions.ts'
import { Watchman, type Strike } from './watchman.ts'
import type { SetEntry } from './wanted-set.ts'

/**
 * INVARIANTS
 * 1. One step runs at a time, chosen anew after each from the journal and what is served: nothing is queued, nothing can be lost.
 * 2. The journal is written before the act that depends on it; every step may be repeated.
 * 3. A change never touches the serving generation: if anything fails, what served goes on serving.
 * 4. Only an order that passed every check of `trust/accept.ts` becomes the order; a refused one changes nothing but the report.
 * 5. A new order ends a running fetch or probe only if that no longer serves it. Taking a bundle back ends whatever runs: it waits for
 *    nothing.
 */
export interface Convergence {
  /** Takes an order as it came. */
  order(message: DesiredMessage): void
  /** Takes a halt list as it came. */
  halt(message: HaltMessage): void
  /** Other keys, or other trust metadata, count now: what was refused for want of them is looked at again. */
  trustChanged(): void
  /** The serving runtime crashed, hung, or was ended for its memory. */
  crashed(strike: Strike): void
  /** A generation gave a sign of life. */
  beat(beat: Beat): void
  /** The broker is there again: what waited for it is tried at once. */
  connected(): void
  /** Goes back to the last good bundle of a deployment; the present one is not tried again before a higher order. @throws Problem `revert.nothing` */
  revert(deployment: string, reason: string): { from: SlotContent; to: SlotContent }
  /** Holds activation back until a time (epoch ms, device clock). @throws Problem `lock.invalid`, `store.*` */
  lock(reason: string, until: number): ApplicationLock
  /** @returns false if there was no lock @throws Problem `store.*` */
  unlock(): boolean
  currentLock(): ApplicationLock | null
  /** What the fleet has halted, and the counter of the list that says so (0: none ever came). */
  halts(): HaltList['halts']
  readonly haltCounter: number
  /** Deployments as they are reported. */
  deployments(): Record<string, ReportedDeployment>
  /** Counter of the order that is worked on, 0 for none, and what is wrong with the newest. */
  readonly orderCounter: number
  readonly orderEpoch: number
  orderProblem(): ProblemReport | null
  stop(): Promise<void>
}

export interface ConvergenceOptions extends Omit<ExecuteParts, 'onServing' | 'onProgress' | 'onTrial'> {
  log: Log
  assignmentKeys: readonly TrustedKey[]
  hardware?: string
  trustProblem?(): Problem | null
  hasRoot?(): boolean
  clock: Clock
  /** Something that is reported has changed. */
  onChange(): void
  /** A new order brought this configuration. */
  onConfig?(config: RuntimeConfig): void
}

/** Starts to converge: what the journal calls active is served first, before anything is heard from outside. */
export function startConvergence(options: ConvergenceOptions): Convergence {
  const convergence = new Converger(options)
  convergence.start()
  return convergence
}

interface Waiting {
  failures: number
  until: number
  isOver: boolean
}

class Converger implements Convergence {
  readonly #options: ConvergenceOptions
  readonly #executors: ReturnType<typeof createExecutors>
  readonly #orders: OrderDesk
  readonly #watchman: Watchman
  readonly #lock: LockKeeper
  readonly #halt: HaltKeeper
  readonly #waiting = new Map<string, Waiting>()
  readonly #progress = new Map<string, FetchProgress>()
  #serving: readonly SetEntry[] | null = null
  #running: { step: Step; abort: AbortController } | null = null
  #loop: Promise<void> = Promise.resolve()
  #wakeUp: (() => void) | null = null
  #isStopped = false

  constructor(options: ConvergenceOptions) {
    this.#options = options
    this.#lock = new LockKeeper(options)
    this.#halt = new HaltKeeper(options)
    this.#orders = new OrderDesk(options, (accepted) => this.#taken(accepted))
    this.#watchman = new Watchman({
      ...{ journal: options.journal, clock: options.clock, log: options.log, tell: options.tell, onChange: options.onChange },
      keepWarm: (set) => options.runtime.keepWarm(set),
      onTakenBack: () => this.#tookBack(),
    })
    this.#executors = createExecutors({
      ...options,
      onServing: (serving) => {
        this.#serving = serving
      },
      onTrial: (deployment, digest, generation) => this.#watchman.begin(deployment, digest, generation),
      onProgress: (subject, progress) => {
        if (progress === null) this.#progress.delete(subject)
        else this.#progress.set(subject, progress)
        options.onChange()
      },
    })
  }

  start(): void {
    this.#loop = this.#run()
  }

  get orderCounter(): number {
    return this.#orders.counter
  }

  get orderEpoch(): number {
    return this.#orders.epoch
  }

  orderProblem(): ProblemReport | null {
    return this.#orders.problem()
  }

  deployments(): Record<string, ReportedDeployment> {
    return Object.fromEntries(
      Object.entries(this.#options.journal.state.deployments).map(([name, one]) => {
        const progress = this.#progress.get(name) ?? null
        const besideProgress = this.#progress.get(besideKey(name)) ?? null
        return [name, reportedOf(one, { progress, besideProgress, watch: this.#watchman.watchOf(name) })]
      }),
    )
  }

  order(message: DesiredMessage): void {
    this.#orders.take(message)
  }

  trustChanged(): void {
    this.#waiting.clear()
    this.#orders.retry()
    const halt = this.#halt.refused
    if (halt !== null) this.halt(halt)
    this.#options.onChange()
    this.#wake()
  }

  halt(message: HaltMessage): void {
    if (!this.#halt.take(message)) return
    // What is being fetched or tried, and is halted now, ends; it goes on from where it was when the halt ends.
    const step = this.#running?.step
    if (step !== undefined && (step.do === 'fetch' || step.do === 'probe')) {
      const { candidate, beside } = deploymentOf(this.#options.journal.state, step.deployment)
      const digest = step.slot === 'candidate' ? candidate?.digest : beside?.content.digest
      if (digest !== undefined && this.#halt.halted.has(haltKey(step.deployment, digest))) this.#running?.abort.abort()
    }
    this.#options.onChange()
    this.#wake()
  }

  halts(): HaltList['halts'] {
    return this.#halt.list()
  }

  get haltCounter(): number {
    return this.#halt.counter
  }

  crashed(strike: Strike): void {
    const problem = new Problem('runtime.crashed', `The runtime crashed: ${strike.reason}`).toReport()
    this.#options.tell({ name: 'runtime.crashed', severity: 'error', message: problem.message, problem })
    this.#watchman.crashed(strike)
  }

  beat(beat: Beat): void {
    if (!this.#isStopped) this.#watchman.beat(beat)
  }

  connected(): void {
    for (const waiting of this.#waiting.values()) waiting.isOver = true
    this.#wake()
  }

  revert(deployment: string, reason: string): { from: SlotContent; to: SlotContent } {
    const done = revertOnRequest(this.#options, deployment, reason)
    this.#tookBack()
    return done
  }

  lock(reason: string, until: number): ApplicationLock {
    const lock = this.#lock.lock(reason, until)
    // What was about to be switched waits; a fetch goes on.
    if (this.#running?.step.do === 'probe') this.#running.abort.abort()
    this.#options.onChange()
    return lock
  }

  unlock(): boolean {
    const wasLocked = this.#lock.unlock()
    this.#options.onChange()
    this.#wake()
    return wasLocked
  }

  currentLock(): ApplicationLock | null {
    return this.#lock.current()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#orders.stop()
    this.#running?.abort.abort()
    this.#wake()
    await this.#loop
  }

  #taken(accepted: Assignment | null): void {
    if (accepted !== null) {
      this.#options.runtime.configure(accepted.config)
      this.#options.onConfig?.(accepted.config)
      this.#waiting.clear()
      this.#endWhatIsNotWanted()
    }
    this.#options.onChange()
    this.#wake()
  }

  /** The journal was changed from beside the loop: what runs is chosen anew. */
  #tookBack(): void {
    this.#waiting.delete(SERVE)
    this.#running?.abort.abort()
    this.#options.onChange()
    this.#wake()
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const { journal } = this.#options
      const step = nextStep({
        order: journal.state.order?.assignment ?? null,
        mayChange: this.#orders.mayChange(),
        isLocked: this.#lock.current() !== null,
        halted: this.#halt.halted,
        deployments: journal.state.deployments,
        serving: this.#serving,
        waiting: this.#nowWaiting(),
      })
      if (step === null) await this.#sleep()
      else await this.#take(step)
    }
  }

  async #take(step: Step): Promise<void> {
    const subject = subjectOf(step)
    this.#running = { step, abort: new AbortController() }
    try {
      await execute(this.#executors, step, this.#running.abort.signal)
      // A step that only writes the journal says nothing about whether what failed works now.
      if (step.do !== 'begin' && step.do !== 'join') this.#waiting.delete(subject)
    } catch (error) {
      this.#failed(step, subject, error)
    }
    this.#running = null
    this.#options.onChange()
  }

  #failed(step: Step, subject: string, error: unknown): void {
    const { log } = this.#options
    const problem = error instanceof Problem ? error : new Problem('internal', messageOf(error), { cause: error })
    // Ended from here, by a stop or a new order: the next choice knows. Anything else must not be chosen again at once.
    if (problem.code === 'cancelled' && this.#running?.abort.signal.aborted === true) return
    if (problem.code === 'internal')
      log('error', 'A step failed for a reason that should not be.', { step: step.do, subject, problem: error })
    try {
      if (noteFailure(this.#options, step, problem)) return
    } catch (unwritten) {
      log('warn', 'The journal could not be written; it is tried again.', { problem: unwritten })
    }
    const failures = (this.#waiting.get(subject)?.failures ?? 0) + 1
    const delayMs = retryDelayMs(failures)
    this.#waiting.set(subject, { failures, until: this.#options.clock.monotonic() + delayMs, isOver: false })
    log('warn', 'A step failed and is tried again.', { step: step.do, subject, problem, delayMs })
  }

  #nowWaiting(): Set<string> {
    const now = this.#options.clock.monotonic()
    return new Set([...this.#waiting].filter(([, { until, isOver }]) => !isOver && until > now).map(([subject]) => subject))
  }

  /** Until something is told, the next retry is due, the lock ends, or the order expires. */
  async #sleep(): Promise<void> {
    const { clock } = this.#options
    const due = [...this.#waiting.values()].filter(({ isOver }) => !isOver).map(({ until }) => until - clock.monotonic())
    const soonest = Math.min(60_000, ...[...due, this.#lock.leftMs()].filter((ms) => ms > 0).map(Math.ceil))
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

  #endWhatIsNotWanted(): void {
    const step = this.#running?.step
    if (step === undefined || (step.do !== 'fetch' && step.do !== 'probe')) return
    const { journal } = this.#options
    const assigned = ownOf(journal.state.order?.assignment.deployments ?? {}, step.deployment)
    const { candidate, beside } = deploymentOf(journal.state, step.deployment)
    const isWanted =
      step.slot === 'candidate'
        ? candidate?.digest === assigned?.bundle.digest
        : beside !== null && beside.content.digest === assigned?.beside?.bundle.digest
    if (!isWanted) this.#running?.abort.abort()
  }
}
