import type { FeatureBaseline } from '../reference-bins.ts'
import { hash64 } from '../sketch/hash.ts'

/** What makes two counts of a feature addable: the same bins, told by 16 hexadecimal digits. Doubles are hashed by their shortest decimal form. */
export function referenceKey(feature: FeatureBaseline): string {
  const bins = feature.kind === 'numeric' ? feature.edges : feature.categories.map(([name]) => name)
  const centre = feature.kind === 'numeric' ? [feature.min, feature.max, feature.mean, feature.standardDeviation] : [feature.other > 0]
  const { high, low } = hash64(JSON.stringify([feature.kind, bins, centre]))
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}
