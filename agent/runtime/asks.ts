import { Problem } from '../../shared/domain/problem.ts'
import type { FromRuntime, LocalAsk } from './messages.ts'

/** The supervisor answers from memory and one small file; after so long it is taken for busy, ms. */
const ANSWER_MS = 5000
/** Questions that wait at a time. */
const MOST = 32

/** What the supervisor said: as HTTP has it. */
export interface Told {
  status: number
  body: object
}

/** Questions of the local API that only the supervisor can answer. */
export class Asks {
  readonly #post: (message: FromRuntime) => void
  readonly #waiting = new Map<number, (told: Told) => void>()
  readonly #answerMs: number
  #lastId = 0

  constructor(post: (message: FromRuntime) => void, answerMs = ANSWER_MS) {
    this.#post = post
    this.#answerMs = answerMs
  }

  /** @throws Problem `runtime.not-ready` if no answer comes in time, or too many questions wait */
  ask(ask: LocalAsk): Promise<Told> {
    if (this.#waiting.size >= MOST) return Promise.reject(new Problem('runtime.not-ready', 'Too many questions to the agent wait.'))
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new Problem('runtime.not-ready', 'The agent did not answer in time; send the request again.'))
      }, this.#answerMs)
      this.#waiting.set(id, (told) => {
        clearTimeout(timer)
        resolve(told)
      })
      this.#post({ type: 'ask', id, ask })
    })
  }

  /** The answer to one question; one that comes too late is dropped. */
  told(id: number, told: Told): void {
    this.#waiting.get(id)?.(told)
    this.#waiting.delete(id)
  }
}
