import { chiSquareTail } from '../math/chi-square-distribution.ts'
import { countPair, withoutEmptyBins, type BinCounts } from './counts.ts'

/** A test that refers to the chi-square distribution. */
export interface ChiSquareTest {
  statistic: number
  df: number
  /** 0 to 1; 1 if there is nothing to compare. */
  p: number
}

const NOTHING_TO_COMPARE: ChiSquareTest = { statistic: 0, df: 0, p: 1 }

/**
 * Pearson's test that both distributions are the same, on the 2 x B table: sum (observed - expected)^2 / expected with expected = row total x
 * column total / N, no continuity correction, columns without counts dropped, df = B' - 1 (Pearson 1900). The reference is a sample too, so a
 * new category gives a finite value. For dependent samples give `currentScale` = n_eff / n. A side without counts gives p = 1.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function chiSquareHomogeneity(reference: BinCounts, current: BinCounts, currentScale = 1): ChiSquareTest {
  return tableTest(reference, scaled(current, currentScale), (observed, expected) => (observed - expected) ** 2 / expected)
}

/** The likelihood-ratio form of the same test, 2 sum observed ln(observed / expected) (Wilks 1938). */
export function likelihoodRatioHomogeneity(reference: BinCounts, current: BinCounts): ChiSquareTest {
  return tableTest(reference, current, (observed, expected) => (observed === 0 ? 0 : 2 * observed * Math.log(observed / expected)))
}

function scaled(counts: BinCounts, factor: number): BinCounts {
  return factor === 1 ? counts : counts.map((count) => count * factor)
}

function tableTest(reference: BinCounts, current: BinCounts, term: (observed: number, expected: number) => number): ChiSquareTest {
  const whole = countPair(reference, current)
  if (whole === null) return NOTHING_TO_COMPARE
  const pair = withoutEmptyBins(whole)
  const df = pair.reference.length - 1
  if (df < 1) return NOTHING_TO_COMPARE
  const total = pair.m + pair.n
  let statistic = 0
  for (const [bin, count] of pair.reference.entries()) {
    const column = count + pair.current[bin]!
    statistic += term(count, (pair.m / total) * column) + term(pair.current[bin]!, (pair.n / total) * column)
  }
  // The likelihood ratio of equal shapes may end a hair below 0.
  statistic = Math.max(0, statistic)
  return { statistic, df, p: chiSquareTail(statistic, df) }
}
