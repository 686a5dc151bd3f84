import { age } from '../control/status.ts'

/** What a person sees of a batch while it runs. */
export interface ProgressLine {
  /** Work begins: rows and share that an earlier run did count, but not for the rate. */
  begin(done: { rows: number; share: number }): void
  show(done: { rows: number; share: number }): void
  /** A line of its own. */
  say(text: string): void
  end(): void
}

interface LineOptions {
  isTerminal: boolean
  write(text: string): void
  monotonic(): number
}

const BAR_WIDTH = 24
/** ms between two lines: on a terminal the same line again. */
const EVERY_MS = { terminal: 100, plain: 5000 } as const

/** Starts the progress: a bar on a terminal, plain lines elsewhere. */
export function createProgressLine({ isTerminal, write, monotonic }: LineOptions): ProgressLine {
  let begun = { rows: 0, share: 0 }
  let startedAt = monotonic()
  let shownAt = isTerminal ? Number.NEGATIVE_INFINITY : startedAt
  let width = 0
  const clear = (): void => {
    if (width > 0) write(`\r${' '.repeat(width)}\r`)
    width = 0
  }
  return {
    begin(done) {
      begun = done
      startedAt = monotonic()
    },
    show({ rows, share }) {
      const now = monotonic()
      if (now - shownAt < (isTerminal ? EVERY_MS.terminal : EVERY_MS.plain) && share < 1) return
      shownAt = now
      const seconds = Math.max(0.001, (now - startedAt) / 1000)
      const rate = (rows - begun.rows) / seconds
      const speed = (share - begun.share) / seconds
      const rest = speed > 0 && share < 1 ? `, ${age(((1 - share) / speed) * 1000)} left` : ''
      const words = `${Math.floor(share * 100)} %  ${rows} rows, ${Math.round(rate)} rows/s${rest}`
      if (!isTerminal) return write(`${words}\n`)
      const full = Math.round(share * BAR_WIDTH)
      const line = `[${'#'.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] ${words}`
      write(`\r${line.padEnd(width)}`)
      width = line.length
    },
    say(text) {
      clear()
      write(`${text}\n`)
    },
    end: clear,
  }
}
