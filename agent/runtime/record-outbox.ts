import type { ProblemReport } from '../../shared/domain/problem.ts'
import type { FromRuntime, UnspooledRecord } from './messages.ts'

/** Hands records to the supervisor and waits until the spool has them. */
export class RecordOutbox {
  readonly #post: (message: FromRuntime) => void
  readonly #waiting = new Map<number, (problem: ProblemReport | null) => void>()
  #lastId = 0

  constructor(post: (message: FromRuntime) => void) {
    this.#post = post
  }

  /** @returns null once all records are committed, or why none of them is. */
  send(records: UnspooledRecord[]): Promise<ProblemReport | null> {
    if (records.length === 0) return Promise.resolve(null)
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#post({ type: 'records', id, records })
    })
  }

  /** The answer of the supervisor to one `records` message. */
  stored(id: number, problem: ProblemReport | null): void {
    this.#waiting.get(id)?.(problem)
    this.#waiting.delete(id)
  }
}
