import type { DistributionBody } from '../../protocol/telemetry.ts'
import { mergeExpectedOutcomes, type ExpectedOutcomes } from '../quality/confidence-based.ts'
import { addFeatureCounts, copyFeatureCounts, type FeatureCounts } from './feature-counts.ts'
import { referenceCounts } from './feature-window.ts'
import type { MonitoredReferences } from './monitored.ts'
import { packFeature, unpackFeature } from './packed.ts'

/** What was counted of a bundle in some time, on some devices. All of it adds. */
export interface Distribution {
  rows: number
  /** By feature name, in the order of the reference. */
  features: Map<string, FeatureCounts>
  outcome: FeatureCounts | null
  confidence: FeatureCounts | null
  estimate: ExpectedOutcomes | null
}

/** The packed part of a record: what a store keeps of it. */
export type PackedDistribution = Pick<DistributionBody, 'rows' | 'features' | 'outcome' | 'confidence' | 'estimate'>

/** Nothing counted yet. */
export function emptyDistribution(): Distribution {
  return { rows: 0, features: new Map(), outcome: null, confidence: null, estimate: null }
}

/**
 * The counts of a record or of stored sums. A feature that the references do not have is left out.
 * @throws Problem `message.malformed` for counts that contradict themselves or are not of these bins
 */
export function unpackDistribution(packed: PackedDistribution, references: MonitoredReferences): Distribution {
  const known = new Map(references.features.map((reference) => [reference.name, referenceCounts(reference).length]))
  const features = new Map<string, FeatureCounts>()
  for (const one of packed.features) {
    const bins = known.get(one.name)
    if (bins !== undefined) features.set(one.name, unpackFeature(one, bins))
  }
  const { outcome, confidence } = references
  return {
    rows: packed.rows,
    features,
    outcome: packed.outcome === null || outcome === null ? null : unpackFeature(packed.outcome, referenceCounts(outcome).length),
    confidence:
      packed.confidence === null || confidence === null ? null : unpackFeature(packed.confidence, referenceCounts(confidence).length),
    estimate: packed.estimate,
  }
}

/** The short form; equal counts give equal texts. */
export function packDistribution({ rows, features, outcome, confidence, estimate }: Distribution): PackedDistribution {
  return {
    rows,
    features: [...features].map(([name, counts]) => packFeature(name, counts)),
    outcome: outcome === null ? null : packFeature('outcome', outcome),
    confidence: confidence === null ? null : packFeature('confidence', confidence),
    estimate: estimate === null ? null : { ...estimate },
  }
}

/**
 * Adds the second to the first in place.
 * @throws Problem `input.invalid` if they were counted against different references
 */
export function addDistribution(into: Distribution, other: Distribution): void {
  into.rows += other.rows
  for (const [name, counts] of other.features) {
    const mine = into.features.get(name)
    if (mine === undefined) into.features.set(name, copyFeatureCounts(counts))
    else addFeatureCounts(mine, counts)
  }
  into.outcome = added(into.outcome, other.outcome)
  into.confidence = added(into.confidence, other.confidence)
  if (other.estimate !== null) {
    into.estimate = into.estimate === null ? { ...other.estimate } : mergeExpectedOutcomes(into.estimate, other.estimate)
  }
}

function added(mine: FeatureCounts | null, other: FeatureCounts | null): FeatureCounts | null {
  if (other === null) return mine
  if (mine === null) return copyFeatureCounts(other)
  addFeatureCounts(mine, other)
  return mine
}
