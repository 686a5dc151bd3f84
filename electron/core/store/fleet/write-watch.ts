import { messageOf, Problem, type ProblemReport } from '../../../../shared/domain/problem.ts'
import type { Ballast } from '../../ingest/ballast.ts'

/** How the writing of fleet.db goes. */
export interface WriteWatch {
  /** What is wrong now; null: the last transaction was committed. */
  readonly problem: ProblemReport | null
  good(): void
  bad(problem: Problem): void
  stop(): void
}

export interface WriteWatchOptions {
  /** Given up when the disk is full, so that what frees space can be written. */
  ballast: Ballast
  /** ms, never set back. */
  monotonic(): number
  /** Nothing can be written any more: the console shall end, in order. */
  onFatal(problem: Problem): void
}

/** A disk that refuses everything for so long does not come back by itself. A full one may: there the console waits. */
const GIVE_UP = { ms: 60_000, attempts: 5 } as const
const BALLAST_EVERY_MS = 5000

/**
 * Watches the transactions of fleet.db.
 *
 * INVARIANTS
 * 1. One failed write is nothing: SQLite has rolled it back, and the next one starts from what is committed.
 * 2. A full disk gets the ballast; the problem stands until there is a ballast again.
 * 3. I/O errors of a minute, without one success between them, end the console: to accept work that cannot be kept would be a lie.
 */
export function openWriteWatch({ ballast, monotonic, onFatal }: WriteWatchOptions): WriteWatch {
  let problem: Problem | null = null
  let failing: { since: number; attempts: number } | null = null
  let timer: NodeJS.Timeout | null = null
  ballast.hold()

  const watchBallast = (): void => {
    timer ??= setInterval(() => {
      if (!ballast.hold()) return
      if (timer !== null) clearInterval(timer)
      timer = null
      if (problem?.code === 'store.disk-full') problem = null
    }, BALLAST_EVERY_MS).unref()
  }
  return {
    get problem() {
      return problem?.toReport() ?? null
    },
    good() {
      failing = null
      if (timer === null) problem = null
    },
    bad(said) {
      if (said.code === 'store.disk-full' || (said.code === 'store.io-error' && ballast.isDiskFull())) {
        problem = said.code === 'store.disk-full' ? said : new Problem('store.disk-full', said.message, { cause: said })
        if (ballast.release()) watchBallast()
        return
      }
      if (said.code !== 'store.io-error') return
      problem = said
      failing ??= { since: monotonic(), attempts: 0 }
      failing.attempts += 1
      if (failing.attempts < GIVE_UP.attempts || monotonic() - failing.since < GIVE_UP.ms) return
      onFatal(
        new Problem('store.io-error', `fleet.db cannot be written for a minute: ${messageOf(said.cause ?? said)}`, {
          hint: 'Check the disk, then start the console again. Nothing acknowledged was lost.',
        }),
      )
    },
    stop() {
      if (timer !== null) clearInterval(timer)
    },
  }
}
