import type { PackedCounts } from '../../protocol/telemetry.ts'
import { malformedState } from '../read-state.ts'
import { parseFeatureCounts, type FeatureCounts } from './feature-counts.ts'
import type { LagSums } from './lag-sums.ts'
import { packCounts, unpackCounts } from './pack-counts.ts'

const lagNames = ['count', 'sum', 'squares', 'pairs', 'heads', 'tails', 'products'] as const
const numericTallies = ['missing', 'infinite', 'wrongType', 'below', 'above', 'outliers'] as const
const categoryTallies = ['missing', 'infinite', 'wrongType', 'pairs', 'same'] as const

/** Counts of a feature in the short form in which they travel and are stored. */
export function packFeature(name: string, counts: FeatureCounts): PackedCounts {
  const { kind, key } = counts
  const bins = packCounts(counts.bins)
  if (counts.kind === 'categorical') {
    return { name, kind, key, bins, tallies: categoryTallies.map((tally) => counts[tally]), range: null, lag: [] }
  }
  const { min, max, lag } = counts
  return {
    ...{ name, kind, key, bins, tallies: numericTallies.map((tally) => counts[tally]) },
    range: min === null || max === null ? null : [min, max],
    lag: lagNames.map((sum) => lag[sum]),
  }
}

/**
 * The counts of a packed feature.
 * @param bins of the reference: `referenceCounts(reference).length`
 * @throws Problem `message.malformed` if they are no counts of so many bins, or contradict each other
 */
export function unpackFeature(packed: PackedCounts, bins: number): FeatureCounts {
  const { kind, key, tallies, range, lag } = packed
  const base = { v: 1, kind, key, bins: unpackCounts(packed.bins, bins) }
  const names = kind === 'numeric' ? numericTallies : categoryTallies
  if (tallies.length !== names.length) throw malformedState('packed counts have other tallies')
  const named = Object.fromEntries(names.map((name, i) => [name, tallies[i]]))
  if (kind === 'categorical') return parseFeatureCounts({ ...base, ...named })
  return parseFeatureCounts({ ...base, ...named, min: range?.[0] ?? null, max: range?.[1] ?? null, lag: lagOf(lag) })
}

function lagOf(values: readonly number[]): LagSums {
  if (values.length !== lagNames.length) throw malformedState('packed lag sums have other parts')
  return Object.fromEntries(lagNames.map((name, i) => [name, values[i]])) as unknown as LagSums
}
