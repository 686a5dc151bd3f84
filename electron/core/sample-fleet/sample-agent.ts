import type { SampleFleetShown } from '../../../shared/rpc/contract/sample-fleet.ts'
import { startAgentProgram, type AgentProgram } from './agent-program.ts'

type AgentState = SampleFleetShown['agents'][number]['state']

/** Delay before an agent that ended is started again, doubled each time it ends soon, ms. */
const BACKOFF = { first: 500, most: 30_000 } as const
/** One that ran so long did not fail at its start. */
const LONG_RUN_MS = 60_000

/**
 * One local agent, kept alive.
 *
 * INVARIANTS
 * 1. At most one process works in the folder; the next one is started only after the last one is gone.
 * 2. After `stop` none is started, and when `stop` has resolved none is there.
 */
export class SampleAgent {
  readonly device: string
  readonly directory: string
  url: string | null = null
  state: AgentState = 'stopped'
  restarts = 0
  problem: string | null = null
  readonly #onChange: () => void
  #program: AgentProgram | null = null
  #isWanted = false
  #timer: NodeJS.Timeout | null = null
  #delayMs: number = BACKOFF.first

  constructor(options: { device: string; directory: string; onChange(): void }) {
    this.device = options.device
    this.directory = options.directory
    this.#onChange = () => options.onChange()
  }

  get pid(): number | null {
    return this.#program?.pid ?? null
  }

  /** Starts the process, unless it is there. */
  start(): void {
    if (this.#isWanted) return
    this.#isWanted = true
    this.problem = null
    this.#delayMs = BACKOFF.first
    this.#launch()
  }

  async stop(): Promise<void> {
    this.#isWanted = false
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    await this.#program?.stop()
    this.#change('stopped')
  }

  #launch(): void {
    const startedAt = performance.now()
    const program = startAgentProgram(['run', '--json', '--dir', this.directory, '--http-port', '0'])
    this.#program = program
    this.#change(this.state === 'restarting' ? 'restarting' : 'starting')
    program.onOutput(() => {
      const url = program.answer()?.['httpUrl']
      if (typeof url !== 'string' || this.url === url) return
      this.url = url
      this.#change('running')
    })
    void program.ended.then((reason) => this.#gone(reason, performance.now() - startedAt))
  }

  #gone(reason: string, ranMs: number): void {
    const error = this.#program?.answer()?.['error']
    this.#program = null
    this.url = null
    if (!this.#isWanted) return
    this.problem = (isReport(error) ? error.message : reason).slice(0, 2000)
    this.restarts += 1
    if (ranMs > LONG_RUN_MS) this.#delayMs = BACKOFF.first
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#launch()
    }, this.#delayMs)
    this.#delayMs = Math.min(this.#delayMs * 2, BACKOFF.most)
    this.#change('restarting')
  }

  #change(state: AgentState): void {
    this.state = state
    this.#onChange()
  }
}

function isReport(value: unknown): value is { message: string } {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string'
}
