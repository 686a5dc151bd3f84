import { reportOf, type ProblemReport } from '../../shared/domain/problem.ts'
import type { Log } from '../log.ts'
import type { UnspooledRecord } from '../runtime/messages.ts'

/** Records that no generation can hold any more wait here, and are offered to the spool again and again. */
const MAX_RECORDS = 10_000
const RETRY_MS = 5000

/** Records on their way to the spool that outlived their generation. */
export class RecordBacklog {
  readonly #spool: (records: UnspooledRecord[]) => void
  readonly #log: Log
  #records: UnspooledRecord[] = []
  #timer: NodeJS.Timeout | undefined

  /** @param spool commits records before it returns, or throws */
  constructor(spool: (records: UnspooledRecord[]) => void, log: Log) {
    this.#spool = spool
    this.#log = log
  }

  /** Commits records. @returns null, or why they were refused */
  store(records: UnspooledRecord[]): ProblemReport | null {
    try {
      this.#spool(records)
      return null
    } catch (error) {
      return reportOf(error)
    }
  }

  /** Takes records over; beyond the bound the oldest are lost, and the log says so. */
  keep(records: readonly UnspooledRecord[]): void {
    if (records.length === 0) return
    const all = [...this.#records, ...records]
    this.#records = all.slice(-MAX_RECORDS)
    if (all.length > MAX_RECORDS) this.#log('error', 'records could not be written and are lost', { records: all.length - MAX_RECORDS })
    this.#offer()
  }

  /** Offers what is left one last time. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#offer()
    clearTimeout(this.#timer)
    if (this.#records.length > 0) this.#log('error', 'records could not be written and are lost', { records: this.#records.length })
  }

  #offer(): void {
    if (this.#records.length === 0) return
    if (this.store(this.#records) === null) this.#records = []
    else
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#offer()
      }, RETRY_MS)
  }
}
