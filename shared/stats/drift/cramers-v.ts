import { chiSquareHomogeneity } from './chi-square-homogeneity.ts'
import { countPair, withoutEmptyBins, type BinCounts } from './counts.ts'

/**
 * Cramer's V between "reference or current" and the bin, corrected for bias (Bergsma, J. Korean Stat. Soc. 42, 2013), 0 to 1; null if a side
 * is empty, 0 for a single bin.
 * @throws RangeError if the bins differ in number or a count is negative
 */
export function cramersV(reference: BinCounts, current: BinCounts): number | null {
  const pair = countPair(reference, current)
  if (pair === null) return null
  const columns = withoutEmptyBins(pair).reference.length
  const total = pair.m + pair.n
  if (columns < 2 || total <= 2) return 0
  const phi2 = Math.max(0, chiSquareHomogeneity(reference, current).statistic / total - (columns - 1) / (total - 1))
  const rowsLess = 1 - 1 / (total - 1)
  const columnsLess = columns - 1 - (columns - 1) ** 2 / (total - 1)
  const least = Math.min(rowsLess, columnsLess)
  return least <= 0 ? 0 : Math.min(1, Math.sqrt(phi2 / least))
}
