import type { Distribution } from '../../../shared/stats/reference/distribution.ts'
import type { FeatureCounts } from '../../../shared/stats/reference/feature-counts.ts'

/**
 * What was counted within the range of the reference and in its categories. The outer bins are open: what lies below the smallest and above the largest
 * reference value is counted in them, and apart, so that it can be taken out again. So drift can be told from values that are out of place: a factor of
 * 1000 leaves nothing within the range, a season moves what is within it as well.
 */
export function withinRange(of: Distribution): Distribution {
  return { ...of, features: new Map([...of.features].map(([name, counts]) => [name, countsWithin(counts)])) }
}

function countsWithin(counts: FeatureCounts): FeatureCounts {
  const last = counts.bins.length - 1
  if (counts.kind === 'categorical') return { ...counts, bins: counts.bins.map((count, bin) => (bin === last ? 0 : count)) }
  const { below, above } = counts
  const bins = counts.bins.map((count, bin) => Math.max(0, count - (bin === 0 ? below : 0) - (bin === last ? above : 0)))
  return { ...counts, bins, below: 0, above: 0 }
}
