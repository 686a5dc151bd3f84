import { Problem } from '../../domain/problem.ts'
import { malformedState, readConstant, readCounts, readFields } from '../read-state.ts'
import type { ScoreGroup } from './ranking.ts'

/** Enough for an area that is right to about half a percent; see `rocAuc` for its bounds. */
const SCORE_BINS = 200
const MOST_SCORE_BINS = 10_000

/** Labelled rows per bin of equal width on a score from 0 to 1. Counts add, so areas of a fleet are those of its pooled rows. */
export interface ScoreBins {
  v: 1
  positive: number[]
  negative: number[]
}

/** @throws RangeError unless there are 1 to 10,000 bins */
export function emptyScoreBins(bins = SCORE_BINS): ScoreBins {
  if (!Number.isSafeInteger(bins) || bins < 1 || bins > MOST_SCORE_BINS) throw new RangeError(`${bins} score bins`)
  return { v: 1, positive: Array.from({ length: bins }, () => 0), negative: Array.from({ length: bins }, () => 0) }
}

/** The bin of a score, min(B - 1, floor(p B)). */
export function scoreBin(score: number, bins: number): number {
  return Math.min(bins - 1, Math.floor(score * bins))
}

/** Counts a row; false, with nothing changed, for a score outside 0 to 1. */
export function addScore(state: ScoreBins, score: number, isPositive: boolean): boolean {
  if (!(score >= 0 && score <= 1)) return false
  const side = isPositive ? state.positive : state.negative
  side[scoreBin(score, side.length)]! += 1
  return true
}

/** @throws Problem `input.invalid` if the bins differ in number */
export function mergeScoreBins(a: ScoreBins, b: ScoreBins): ScoreBins {
  if (a.positive.length !== b.positive.length) {
    throw new Problem('input.invalid', `${a.positive.length} and ${b.positive.length} score bins do not merge.`)
  }
  const add = (x: number[], y: number[]): number[] => x.map((count, bin) => count + y[bin]!)
  return { v: 1, positive: add(a.positive, b.positive), negative: add(a.negative, b.negative) }
}

/** The bins as groups for `rocAuc` and `averagePrecision`. */
export function scoreGroups(state: ScoreBins): ScoreGroup[] {
  return state.positive.map((positive, bin) => ({ positive, negative: state.negative[bin]! }))
}

/** @throws Problem `message.malformed` if the value is no such state */
export function parseScoreBins(value: unknown): ScoreBins {
  const fields = readFields(value, 'the score bins', ['v', 'positive', 'negative'])
  readConstant(fields.v, 'the version', 1)
  const positive = readCounts(fields.positive, 'positive', { min: 1, max: MOST_SCORE_BINS })
  const negative = readCounts(fields.negative, 'negative', { min: 1, max: MOST_SCORE_BINS })
  if (positive.length !== negative.length) throw malformedState('the score bins differ in number')
  return { v: 1, positive, negative }
}
