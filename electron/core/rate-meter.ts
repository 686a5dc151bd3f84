/** A rate over the last seconds, from a total that only grows. */
export interface RateMeter {
  note(total: number): void
  perSecond(): number
}

const WINDOW_MS = 10_000
/** A rate over less time than this would jump about. */
const LEAST_MS = 1000

/** Measures the growth of a total over the last ten seconds, or since it was first noted. @param monotonic ms that never go back */
export function createRateMeter(monotonic: () => number): RateMeter {
  let samples: { at: number; total: number }[] = []
  return {
    note(total) {
      const at = monotonic()
      const from = at - WINDOW_MS
      // One sample before the window stays: between it and the next one the total was its.
      const first = samples.findLastIndex((sample) => sample.at <= from)
      samples = [...samples.slice(Math.max(first, 0)), { at, total }]
    },
    perSecond() {
      const at = monotonic()
      const base = samples.findLast((sample) => sample.at <= at - WINDOW_MS) ?? samples[0]
      const last = samples.at(-1)
      if (base === undefined || last === undefined) return 0
      const elapsedMs = Math.max(Math.min(at - base.at, WINDOW_MS), LEAST_MS)
      return ((last.total - base.total) * 1000) / elapsedMs
    },
  }
}
