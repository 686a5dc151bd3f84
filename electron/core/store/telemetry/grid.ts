import { Problem } from '../../../../shared/domain/problem.ts'

/** Equal spans of time, one after the other. */
export interface Grid {
  /** Start of the first. */
  from: number
  bucketMs: number
  buckets: number
  /** End of the question, which may be within the last bucket. */
  through: number
}

/**
 * At most `buckets` spans that cover a period; they begin on a whole unit and are as long as whole units, so that two questions a
 * moment apart have the same borders.
 * @throws Problem `input.invalid` for a period that does not go forward
 */
export function gridOf(period: { from: number; through: number; buckets: number }, unitMs: number): Grid {
  const { from, through, buckets } = period
  if (through <= from) throw new Problem('input.invalid', 'The period ends before it begins.')
  // A unit that began before the period is left out, unless there is no other: an hour has 60 minutes, not 61.
  const next = Math.ceil(from / unitMs) * unitMs
  const start = next < through ? next : Math.floor(from / unitMs) * unitMs
  const bucketMs = Math.max(1, Math.ceil((through - start) / buckets / unitMs)) * unitMs
  return { from: start, bucketMs, buckets: Math.ceil((through - start) / bucketMs), through }
}

/** The bucket of a time; -1 outside of the grid. */
export function bucketAt(grid: Grid, at: number): number {
  return at < grid.from || at >= grid.through ? -1 : Math.floor((at - grid.from) / grid.bucketMs)
}

/** Seconds of a bucket that the question covers. */
export function secondsOf(grid: Grid, bucket: number): number {
  const start = grid.from + bucket * grid.bucketMs
  return (Math.min(start + grid.bucketMs, grid.through) - start) / 1000
}
