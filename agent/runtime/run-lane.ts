import { Problem } from '../../shared/domain/problem.ts'
import type { Tensor } from '../../shared/inference/tensor.ts'
import type { DeadlineBoard } from './deadline/board.ts'
import type { Served } from './served.ts'

/** What one run gave, and how long the model took, ms. */
export interface Run {
  outputs: Tensor[]
  runMs: number
  /** True: it ran together with others, and the time is its share. */
  isJoined?: true
}

interface Waiting {
  served: Served
  until: number
  start(): void
  fail(problem: Problem): void
}

/** A run that was given to onnxruntime; they are worked off in order. */
interface Ticket {
  served: Served
  /** When it became the first one, ms. */
  startedAt: number
}

/**
 * Short runs are given to onnxruntime together, so that one turn of the loop answers several of them: a turn costs more than a small model.
 * Together they may keep the thread this long, ms.
 */
const TOGETHER_MS = 4
const MOST_TOGETHER = 8

interface LaneParts {
  monotonic(): number
  /** null: nobody watches. */
  board: Pick<DeadlineBoard, 'runBegins' | 'runEnds'> | null
  /** All bundles, in the order in which the board knows them. */
  served: readonly Served[]
}

/**
 * Runs of all models of a generation, in order: onnxruntime blocks the thread, and between runs the loop turns, so that connections and
 * timers are served.
 *
 * INVARIANTS
 * 1. `#running` holds what onnxruntime has, in order; the first one is the one that runs. More than one only if all are known to be short.
 * 2. A waiting one is started, or failed by its deadline; never both.
 * 3. What waits for idleness (a shadow) starts only if nothing else runs or waits.
 */
export class RunLane {
  readonly #parts: LaneParts
  readonly #waiting: Waiting[] = []
  readonly #running: Ticket[] = []
  #onIdle: (() => void) | null = null
  #sweep: NodeJS.Timeout | null = null

  constructor(parts: LaneParts) {
    this.#parts = parts
  }

  /** True if no run is going on and none waits. */
  get isIdle(): boolean {
    return this.#running.length === 0 && this.#waiting.length === 0
  }

  /** Says when the lane is idle the next time. */
  onceIdle(tell: () => void): void {
    this.#onIdle = tell
  }

  /**
   * Runs the model when its turn comes.
   * @param until the request is worth nothing after it, ms of the monotonic clock
   * @throws Problem `inference.overloaded` if too many wait, `inference.deadline-exceeded` if its turn did not come in time, and what
   *   the model throws
   */
  async run(served: Served, inputs: readonly Tensor[], until: number): Promise<Run> {
    const { model } = served
    if (model === null) throw new Problem('runtime.not-ready', `The model of ${served.subject.deployment} is not loaded.`)
    const ticket = this.#mayStart(served) ? this.#begin(served) : await this.#turn(served, until)
    try {
      const outputs = await model.run(inputs)
      const runMs = this.#parts.monotonic() - ticket.startedAt
      served.typicalMs = served.typicalMs === null ? runMs : served.typicalMs * 0.8 + runMs * 0.2
      return { outputs, runMs }
    } finally {
      this.#end(ticket)
    }
  }

  #mayStart(served: Served): boolean {
    if (this.#running.length === 0) return true
    if (this.#waiting.length > 0 || this.#running.length >= MOST_TOGETHER) return false
    return this.#fits(served)
  }

  #fits({ typicalMs }: Served): boolean {
    let together = typicalMs ?? Number.POSITIVE_INFINITY
    for (const { served } of this.#running) together += served.typicalMs ?? Number.POSITIVE_INFINITY
    return together <= TOGETHER_MS
  }

  #begin(served: Served): Ticket {
    const ticket = { served, startedAt: this.#parts.monotonic() }
    this.#running.push(ticket)
    if (this.#running.length === 1) this.#tellBoard(ticket)
    return ticket
  }

  #end(ticket: Ticket): void {
    const place = this.#running.indexOf(ticket)
    this.#running.splice(place, 1)
    if (place === 0) {
      this.#parts.board?.runEnds()
      const [first] = this.#running
      if (first !== undefined) {
        first.startedAt = this.#parts.monotonic()
        this.#tellBoard(first)
      }
    }
    this.#next()
  }

  #tellBoard({ served, startedAt }: Ticket): void {
    this.#parts.board?.runBegins(startedAt + served.serving.deadlineMs, this.#parts.served.indexOf(served))
  }

  #turn(served: Served, until: number): Promise<Ticket> {
    const most = served.serving.queueRequests
    if (served.waiting >= most) {
      throw new Problem('inference.overloaded', `${most} requests wait for ${served.subject.deployment}; this one was not taken.`)
    }
    served.waiting += 1
    return new Promise((resolve, reject) => {
      const leave = (): void => void (served.waiting -= 1)
      this.#waiting.push({
        served,
        until,
        start: () => {
          leave()
          resolve(this.#begin(served))
        },
        fail: (problem) => {
          leave()
          reject(problem)
        },
      })
      this.#sweepAt(until)
    })
  }

  #next(): void {
    if (this.#waiting.length > 0) this.#failLate()
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#running.length >= MOST_TOGETHER || (this.#running.length > 0 && !this.#fits(next.served))) return
      this.#waiting.shift()
      next.start()
    }
    if (this.#running.length > 0) return
    const tell = this.#onIdle
    this.#onIdle = null
    tell?.()
  }

  #failLate(): void {
    const now = this.#parts.monotonic()
    for (let i = this.#waiting.length - 1; i >= 0; i -= 1) {
      const one = this.#waiting[i]!
      if (one.until > now) continue
      this.#waiting.splice(i, 1)
      one.fail(lateProblem(one.served))
    }
  }

  /** Where only other requests are slow, each run ends in time and the waiting ones are looked at then; the timer is for a run without end. */
  #sweepAt(until: number): void {
    if (this.#sweep !== null) return
    this.#sweep = setTimeout(
      () => {
        this.#sweep = null
        this.#failLate()
        const first = this.#waiting[0]
        if (first !== undefined) this.#sweepAt(Math.min(...this.#waiting.map((one) => one.until)))
      },
      Math.max(1, until - this.#parts.monotonic()),
    )
    this.#sweep.unref()
  }
}

/** The refusal of a request whose time is over. */
export function lateProblem(served: Served): Problem {
  return new Problem(
    'inference.deadline-exceeded',
    `${served.subject.deployment} did not come to the request within its deadline of ${served.serving.deadlineMs} ms.`,
  )
}
