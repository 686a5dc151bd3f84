import { studentTwoSided } from '../math/beta.ts'
import type { ArmMean } from './confidence-sequence.ts'

/** A comparison of two means. */
export interface WelchTest {
  /** Canary - baseline, in the unit of the values. */
  difference: number
  t: number
  df: number
  /** Two-sided, 0 to 1. */
  p: number
}

/**
 * Welch's t-test (Biometrika 34, 1947): t = (mean2 - mean1) / sqrt(v1/n1 + v2/n2), df by Satterthwaite. For a fixed number of values, looked at
 * once; give logarithms of latencies. Without any variance p is 1 for equal means and 0 for different ones. Null with fewer than two values.
 */
export function welchTest(baseline: ArmMean, canary: ArmMean): WelchTest | null {
  if (baseline.n < 2 || canary.n < 2) return null
  const [a, b] = [baseline.variance / baseline.n, canary.variance / canary.n]
  const difference = canary.mean - baseline.mean
  if (a + b === 0) return { difference, t: 0, df: baseline.n + canary.n - 2, p: difference === 0 ? 1 : 0 }
  const t = difference / Math.sqrt(a + b)
  const df = (a + b) ** 2 / (a ** 2 / (baseline.n - 1) + b ** 2 / (canary.n - 1))
  return { difference, t, df, p: studentTwoSided(t, df) }
}
