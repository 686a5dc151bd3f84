import type { Baseline, Manifest } from '../../domain/bundle.ts'
import type { FeatureBaseline } from '../reference-bins.ts'

/** What is counted of a bundle: its features, what it answers, and how sure it is. */
export interface MonitoredReferences {
  features: readonly FeatureBaseline[]
  outcome: FeatureBaseline | null
  confidence: FeatureBaseline | null
}

/** Names under which what the model says is counted; no feature collides with them, because they are told apart by their role. */
export const OUTCOME_NAME = 'outcome'
export const CONFIDENCE_NAME = 'confidence'

/** More classes than this are not counted one by one. */
const MOST_CLASSES = 50
/** Without reference rows confidence is counted in bins of equal width. */
const CONFIDENCE_BINS = 20

/**
 * The references whose bins device and console count in. Where a bundle brings no reference rows of its outcomes, classes and confidence
 * have bins all the same, with no counts: they can be compared with the device itself, the season and the fleet's peers, not with training.
 */
export function monitoredReferences(manifest: Pick<Manifest, 'task' | 'labels' | 'outcome'>, of: Baseline | null): MonitoredReferences {
  const features = of?.features ?? []
  const confidence = of?.outcomes?.confidence ?? (hasConfidence(manifest) ? bareConfidence() : null)
  if (of?.outcomes !== undefined) return { features, outcome: of.outcomes.outcome, confidence }
  const { task, labels } = manifest
  const outcome = task !== 'classification' || labels.length === 0 || labels.length > MOST_CLASSES ? null : bareClasses(labels)
  return { features, outcome, confidence }
}

/** True if the reference has counts of its own: bare bins only say where values fall. */
export function hasReferenceRows(reference: FeatureBaseline): boolean {
  return reference.kind === 'numeric' ? reference.counts.some((count) => count > 0) : reference.categories.some(([, count]) => count > 0)
}

function hasConfidence({ task, outcome }: Pick<Manifest, 'task' | 'outcome'>): boolean {
  return task === 'classification' && outcome.probabilities !== null
}

function bareClasses(labels: readonly string[]): FeatureBaseline {
  return { kind: 'categorical', name: OUTCOME_NAME, categories: labels.map((label) => [label, 0]), other: 0, missing: 0 }
}

function bareConfidence(): FeatureBaseline {
  const edges = Array.from({ length: CONFIDENCE_BINS - 1 }, (_, i) => (i + 1) / CONFIDENCE_BINS)
  const spread = { min: 0, max: 1, mean: 0.5, standardDeviation: 0.29 }
  return { kind: 'numeric', name: CONFIDENCE_NAME, edges, counts: edges.map(() => 0).concat(0), missing: 0, infinite: 0, ...spread }
}
