/** What an interval bar is drawn from: a difference, its interval, and how much worse is accepted. */
export interface IntervalInput {
  isHigherBetter: boolean
  difference: number | null
  low: number | null
  high: number | null
  margin: number
}

/** Places in px from the left; `null`: not there. An open end has no limit: nothing is known on that side. */
export interface IntervalScene {
  zero: number
  margin: number
  /** The side of the margin on which the version is worse: 1 right, -1 left. */
  worse: 1 | -1
  bar: { from: number; through: number; isOpenLow: boolean; isOpenHigh: boolean } | null
  dot: number | null
}

const PAD = 4

/** Lays out a difference with its interval between no difference and the margin: worse is always beyond the dashed line. */
export function intervalScene({ isHigherBetter, difference, low, high, margin }: IntervalInput, width: number): IntervalScene {
  const worse = isHigherBetter ? -1 : 1
  const limit = margin * worse
  const known = [0, limit, difference, low, high].filter((one): one is number => one !== null && Number.isFinite(one))
  // Both sides of nothing are always seen, and a margin of nothing still leaves a scale.
  const reach = Math.max(...known.map(Math.abs), Math.abs(margin) * 1.25) || 1
  const place = (value: number): number => {
    const share = (Math.max(-reach, Math.min(reach, value)) + reach) / (2 * reach)
    return Math.round((PAD + share * (width - 2 * PAD)) * 100) / 100
  }
  const hasInterval = low !== null || high !== null
  return {
    zero: place(0),
    margin: place(limit),
    worse,
    bar: hasInterval
      ? {
          from: low === null ? 0 : place(low),
          through: high === null ? width : place(high),
          isOpenLow: low === null,
          isOpenHigh: high === null,
        }
      : null,
    dot: difference === null ? null : place(difference),
  }
}
