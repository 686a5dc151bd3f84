import { fromCore, type CoreFacts, type ToCore } from '../core/desktop/messages.ts'
import type { Log } from '../core/log.ts'
import type { CoreChild, DesktopPort } from './desktop-electron.ts'
import type { ProblemReport } from '../../shared/domain/problem.ts'

export type CoreState =
  | { state: 'starting' }
  | { state: 'running'; facts: CoreFacts }
  | { state: 'failed'; problem: ProblemReport }
  | { state: 'stopped' }

export interface CoreProcess {
  readonly now: CoreState
  /** A new port to the running core, for the page or for the desktop itself; `null` while there is none. */
  connect(whose: 'page' | 'desktop'): DesktopPort | null
  /** Starts the core again after it gave up; does nothing otherwise. */
  retry(): void
  stop(): Promise<void>
}

export interface CoreProcessParts {
  fork(): CoreChild
  createChannel(): { port1: DesktopPort; port2: DesktopPort }
  start: Omit<Extract<ToCore, { type: 'start' }>, 'type'>
  onState(state: CoreState): void
  monotonic(): number
  log: Log
}

/** Delay before the core is started again, doubled with each quick death, ms. */
const RESTART_MS = { first: 250, most: 8000 } as const
/** A core that lived this long was well; what ends it later is counted anew. */
const WELL_AFTER_MS = 60_000
const MOST_QUICK_DEATHS = 5
const STOP_GRACE_MS = 20_000

/**
 * Keeps the core alive in a utility process.
 *
 * INVARIANTS
 * 1. At most one core lives at a time; the next is forked only after the last one is gone.
 * 2. A problem that only a person can solve (a directory or port in use at the first start) is shown at once; other deaths are tried again
 *    with growing pauses, and after `MOST_QUICK_DEATHS` in a row it stays failed until `retry`.
 * 3. A port belongs to one life of the core: its holder hears of the end by the port itself and asks for another.
 */
export function startCoreProcess(parts: CoreProcessParts): CoreProcess {
  return new CoreKeeper(parts)
}

class CoreKeeper implements CoreProcess {
  now: CoreState = { state: 'starting' }
  readonly #parts: CoreProcessParts
  #child: CoreChild | null = null
  #startedAt = 0
  #hasServed = false
  #quickDeaths = 0
  #lastProblem: ProblemReport | null = null
  #restartTimer: NodeJS.Timeout | null = null
  #stopping = false
  #onExit: (() => void) | null = null

  constructor(parts: CoreProcessParts) {
    this.#parts = parts
    this.#launch()
  }

  connect(whose: 'page' | 'desktop'): DesktopPort | null {
    if (this.now.state !== 'running') return null
    const { port1, port2 } = this.#parts.createChannel()
    this.#send({ type: 'port', for: whose }, [port2])
    return port1
  }

  retry(): void {
    if (this.now.state !== 'failed' || this.#stopping) return
    this.#quickDeaths = 0
    this.#become({ state: 'starting' })
    this.#launch()
  }

  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer)
    const child = this.#child
    if (child !== null) {
      const exited = new Promise<void>((resolve) => {
        this.#onExit = resolve
      })
      this.#send({ type: 'stop' })
      const killer = setTimeout(() => child.kill(), STOP_GRACE_MS)
      await exited
      clearTimeout(killer)
    }
    this.#become({ state: 'stopped' })
  }

  #launch(): void {
    this.#restartTimer = null
    this.#startedAt = this.#parts.monotonic()
    this.#lastProblem = null
    const child = this.#parts.fork()
    this.#child = child
    child.on('message', (message) => this.#receive(message))
    child.on('exit', (code) => this.#gone(child, code))
    this.#send({ type: 'start', ...this.#parts.start })
  }

  #receive(raw: unknown): void {
    const message = fromCore.safeParse(raw)
    if (!message.success) {
      this.#parts.log('warn', 'a message of the core was not understood')
      return
    }
    if (message.data.type === 'failed') {
      this.#lastProblem = withoutAbsentHint(message.data.problem)
      return
    }
    const { type: _, ...facts } = message.data
    this.#hasServed = true
    this.#become({ state: 'running', facts })
  }

  #gone(child: CoreChild, code: number): void {
    if (this.#child !== child) return
    this.#child = null
    this.#onExit?.()
    if (this.#stopping) return
    const { log, monotonic } = this.#parts
    const problem = this.#lastProblem ?? { code: 'internal', message: `The core ended unexpectedly (exit code ${code}).` }
    log('error', 'the core went away', { code, reason: problem.message })
    this.#quickDeaths = monotonic() - this.#startedAt >= WELL_AFTER_MS ? 1 : this.#quickDeaths + 1
    const isForPerson = this.#lastProblem !== null && !this.#hasServed
    if (isForPerson || this.#quickDeaths > MOST_QUICK_DEATHS) {
      this.#become({ state: 'failed', problem })
      return
    }
    this.#become({ state: 'starting' })
    const pause = Math.min(RESTART_MS.first * 2 ** (this.#quickDeaths - 1), RESTART_MS.most)
    this.#restartTimer = setTimeout(() => this.#launch(), pause)
  }

  #become(state: CoreState): void {
    this.now = state
    this.#parts.onState(state)
  }

  #send(message: ToCore, ports: DesktopPort[] = []): void {
    this.#child?.postMessage(message, ports)
  }
}

function withoutAbsentHint({ code, message, hint }: { code: string; message: string; hint?: string | undefined }): ProblemReport {
  return hint === undefined ? { code, message } : { code, message, hint }
}
