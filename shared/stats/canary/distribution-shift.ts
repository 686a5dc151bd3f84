import { withoutEmptyBins, type BinCounts } from '../drift/counts.ts'
import { psi, psiAdjusted, psiEvidence } from '../drift/psi.ts'
import { normalCritical } from '../math/normal-distribution.ts'

/** What is compared: counts of the same bins, and how many independent values each side is worth. */
export interface ShiftQuestion {
  baseline: BinCounts
  canary: BinCounts
  effective: { baseline: number; canary: number }
}

/** What is accepted, and with which certainty. */
export interface ShiftRule {
  alpha: number
  /** PSI. */
  margin: number
  leastValues: number
}

/** How far two distributions are from each other; it may be looked at any time. */
export interface DistributionShift {
  state: 'pass' | 'fail' | 'inconclusive'
  /** PSI without its bias; null: nothing to compare. */
  value: number | null
  low: number | null
  high: number | null
  /** P(so far apart without a difference) at this look. */
  p: number | null
  /** What p must reach now: alpha is spent over the doublings of the data. */
  threshold: number
}

/** 6 / pi^2: the shares 1 / j^2 of all doublings add up to one. */
const SPENDING = 6 / Math.PI ** 2
/** Looks within a doubling that are worth a look of their own, by simulation with up to 30 classes and 75 looks. */
const LOOKS = 16

/**
 * Fail: the adjusted PSI is above the margin and its p below what is left of alpha. The j-th doubling of the data after `leastValues` has
 * alpha 6 / (pi j)^2, over sixteen for the looks within it, so that looking often costs nothing more. Pass: the upper limit, z standard deviations of a non-central
 * chi-square above the measured one, is below the margin.
 */
export function distributionShift({ baseline, canary, effective }: ShiftQuestion, rule: ShiftRule): DistributionShift {
  const [m, n] = [effective.baseline, effective.canary]
  const used = withoutEmptyBins({ reference: baseline, current: canary, m, n })
  const index = psi(used.reference, used.current)
  if (index === null || !(m > 0) || !(n > 0)) {
    return { state: 'inconclusive', value: null, low: null, high: null, p: null, threshold: (rule.alpha * SPENDING) / LOOKS }
  }
  const bins = used.reference.length
  const value = psiAdjusted(index, bins, n, m)
  const doubling = 1 + Math.max(0, Math.floor(Math.log2(Math.min(n, m) / rule.leastValues)))
  const threshold = (rule.alpha * SPENDING) / (LOOKS * doubling * doubling)
  const scale = 1 / n + 1 / m
  const p = bins < 2 ? 1 : psiEvidence(index, bins, n, m)
  const half = normalCritical(threshold) * scale * Math.sqrt(2 * Math.max(0, bins - 1) + (4 * value) / scale)
  const isEnough = Math.min(n, m) >= rule.leastValues
  const isPass = isEnough && value + half < rule.margin
  const isFail = isEnough && value > rule.margin && p <= threshold
  return {
    state: isPass ? 'pass' : isFail ? 'fail' : 'inconclusive',
    ...{ value, low: Math.max(0, value - half), high: value + half, p, threshold },
  }
}
