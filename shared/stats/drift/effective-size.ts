import type { LagSums } from '../reference/lag-sums.ts'
import { totalOf, type BinCounts } from './counts.ts'

/**
 * How many independent values n dependent ones are worth: n (1 - rho) / (1 + rho) for a lag-1 autocorrelation rho, as of an AR(1) process
 * (Bayley, Hammersley, JRSS suppl. 8, 1946). A negative rho counts as 0, an undefined one (null) too: then n itself. At least 1 for n >= 1.
 */
export function effectiveSize(n: number, rho: number | null): number {
  const clipped = Math.min(1, Math.max(0, rho ?? 0))
  return Math.max(Math.min(1, n), (n * (1 - clipped)) / (1 + clipped))
}

/**
 * Lag-1 autocorrelation from the sums of a stream: mean of (x_t - mean)(x_{t-1} - mean) over the pairs, divided by the variance; about -1 to 1.
 * Null without a pair or without variance. Over several devices, different means count as dependence, which errs towards fewer values.
 */
export function lagOneCorrelation(sums: LagSums): number | null {
  if (sums.pairs === 0 || sums.count < 2) return null
  const mean = sums.sum / sums.count
  const variance = sums.squares / sums.count - mean * mean
  // Below this the difference of two near-equal numbers is rounding, not variance.
  if (!(variance > 1e-12 * (sums.squares / sums.count))) return null
  const covariance = (sums.products - mean * (sums.heads + sums.tails)) / sums.pairs + mean * mean
  return Math.min(1, Math.max(-1, covariance / variance))
}

/**
 * Lag-1 autocorrelation of categories, the mean over their indicators: (share of values equal to the one before - sum q^2) / (1 - sum q^2).
 * Null without a pair or with a single category.
 */
export function repeatCorrelation(repeats: { pairs: number; same: number }, counts: BinCounts): number | null {
  const n = totalOf(counts)
  if (repeats.pairs === 0 || n === 0) return null
  const chance = counts.reduce((sum, count) => sum + (count / n) ** 2, 0)
  if (!(chance < 1)) return null
  return Math.min(1, Math.max(-1, (repeats.same / repeats.pairs - chance) / (1 - chance)))
}
