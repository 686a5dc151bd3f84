import { Problem } from '../../shared/domain/problem.ts'
import { problems, type ProblemCode } from '../../shared/domain/problems.ts'
import type { GenerationProcess } from './generation-process.ts'

/** An answer as HTTP would have it. */
export interface DeskAnswer {
  status: number
  body: object
}

interface Waiting {
  process: GenerationProcess
  deployment: string
  request: unknown
  timer: NodeJS.Timeout
  resolve(answer: DeskAnswer): void
}

/** The generation has its own deadline; this much later it is taken for one that does not answer, ms. */
const EXTRA_MS = 1000
const DEFAULT_DEADLINE_MS = 10_000

/**
 * Inferences that came as messages and wait for their generation.
 *
 * INVARIANT: every `infer` resolves exactly once: by the answer, by its deadline, or by the end of the generation.
 */
export class InferenceDesk {
  readonly #waiting = new Map<number, Waiting>()
  readonly #current: () => GenerationProcess | null
  #lastId = 0

  /** @param current the serving generation of the moment */
  constructor(current: () => GenerationProcess | null) {
    this.#current = current
  }

  /** Asks the serving generation; 503 if there is none. */
  infer(deployment: string, request: unknown): Promise<DeskAnswer> {
    const process = this.#current()
    if (process === null) return Promise.resolve(refusal('runtime.not-ready', 'No model is ready on this device.'))
    return new Promise((resolve) => {
      const serving = process.deployments.find((one) => one.deployment === deployment && one.role.kind === 'active')?.serving
      const deadlineMs = (serving?.deadlineMs ?? DEFAULT_DEADLINE_MS) + EXTRA_MS
      this.#lastId += 1
      const id = this.#lastId
      const late = (): void =>
        this.answered(id, refusal('inference.deadline-exceeded', `${deployment} did not answer in ${deadlineMs} ms.`))
      this.#waiting.set(id, { process, deployment, request, resolve, timer: setTimeout(late, deadlineMs) })
      process.tell({ type: 'infer', id, deployment, request })
    })
  }

  /** An answer came; one that nobody waits for any more is dropped. */
  answered(id: number, answer: DeskAnswer): void {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return
    this.#waiting.delete(id)
    clearTimeout(waiting.timer)
    waiting.resolve(answer)
  }

  /** A generation is gone. After a switch its successor is asked, for inference has no effect; after a crash that might crash again. */
  ended(process: GenerationProcess, isWanted: boolean): void {
    const current = this.#current()
    for (const [id, waiting] of this.#waiting) {
      if (waiting.process !== process) continue
      if (isWanted && current !== null) {
        waiting.process = current
        current.tell({ type: 'infer', id, deployment: waiting.deployment, request: waiting.request })
      } else this.answered(id, refusal('runtime.crashed', 'The runtime ended before it answered.'))
    }
  }
}

/** The answer that tells a problem. */
export function refusal(code: ProblemCode, message: string): DeskAnswer {
  return { status: problems[code].http, body: { error: message, code } }
}

/** The answer that tells whatever was thrown. */
export function refusalOf(error: unknown): DeskAnswer {
  return error instanceof Problem ? refusal(error.code, error.message) : refusal('internal', 'This is a fault in Muster.')
}
