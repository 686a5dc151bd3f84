import { Problem, reportOf, type ProblemReport } from '../../../../shared/domain/problem.ts'

/** The one file of an import, from its choice until it is with the core. */
export interface SentFile {
  name: string | null
  /** Share that is sent, 0 to 1; null: nobody can tell. */
  share: number | null
  ticket: string | null
  problem: ProblemReport | null
}

/** How a file is sent: the page sends what it holds, the desktop what the system opened. */
export type Send = (told: { signal: AbortSignal; onProgress(share: number): void; onTicket(ticket: string): void }) => Promise<string>

export const noFile: SentFile = { name: null, share: null, ticket: null, problem: null }

/**
 * Keeps one file on its way to the core.
 *
 * INVARIANTS
 * 1. A newer file takes the place of the one before: that one is broken off, and what is told of it later changes nothing.
 * 2. Every ticket that the core gave is discarded once, unless a job has taken it.
 */
export class FileSender {
  now: SentFile = noFile
  readonly #discard: (ticket: string) => void
  readonly #onChange: (file: SentFile) => void
  #abort: AbortController | null = null
  #ticket: string | null = null

  constructor(parts: { discard(ticket: string): void; onChange(file: SentFile): void }) {
    this.#discard = parts.discard
    this.#onChange = parts.onChange
  }

  send(name: string, how: Send): void {
    this.clear()
    const abort = new AbortController()
    this.#abort = abort
    this.#become({ ...noFile, name })
    const tell = (part: Partial<SentFile>): void => {
      if (this.#abort === abort) this.#become({ ...this.now, ...part })
    }
    how({
      signal: abort.signal,
      onProgress: (share) => tell({ share }),
      onTicket: (ticket) => {
        // Given up before the core had answered: nobody else knows of this ticket.
        if (this.#abort === abort) this.#ticket = ticket
        else this.#discard(ticket)
      },
    }).then(
      (ticket) => tell({ share: 1, ticket }),
      (thrown: unknown) => tell({ problem: thrown instanceof Problem ? thrown.toReport() : reportOf(thrown) }),
    )
  }

  /** Says what went wrong before there was a file to send. */
  fail(problem: ProblemReport): void {
    this.clear()
    this.#become({ ...noFile, problem })
  }

  /** From here on the file belongs to a job, which lets go of it whatever comes. */
  handToJob(): void {
    this.#ticket = null
  }

  clear(): void {
    this.#abort?.abort()
    this.#abort = null
    if (this.#ticket !== null) this.#discard(this.#ticket)
    this.#ticket = null
    this.#become(noFile)
  }

  #become(file: SentFile): void {
    this.now = file
    this.#onChange(file)
  }
}
