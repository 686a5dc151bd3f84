import type { Baseline, Manifest, OutcomeReference } from '../../../shared/domain/bundle.ts'
import type { FeatureBaseline } from '../../../shared/stats/reference-bins.ts'
import type { Distribution } from '../../../shared/stats/reference/distribution.ts'
import { effectiveSize, lagOneCorrelation, repeatCorrelation } from '../../../shared/stats/drift/effective-size.ts'
import { valuesOf, type FeatureCounts } from '../../../shared/stats/reference/feature-counts.ts'
import {
  CONFIDENCE_NAME,
  hasReferenceRows,
  monitoredReferences,
  OUTCOME_NAME,
  type MonitoredReferences,
} from '../../../shared/stats/reference/monitored.ts'
import { referenceKey } from '../../../shared/stats/reference/reference-key.ts'

export type CountedRole = 'feature' | 'outcome' | 'confidence'

/** A feature, the outcomes or the confidence of a bundle. */
export interface CountedThing {
  name: string
  role: CountedRole
  reference: FeatureBaseline
  /** Counts under another key are against other bins, whoever sent them. */
  key: string
  /** False: the bundle brings bins only, and no rows to compare with. */
  hasRows: boolean
}

/** What monitoring needs of a bundle. */
export interface WatchedBundle {
  digest: string
  model: string
  version: string
  task: Manifest['task']
  labels: readonly string[]
  references: MonitoredReferences
  things: readonly CountedThing[]
  /** Training rows behind the features; 0: none came along. */
  rows: number
  outcomes: OutcomeReference | null
}

/** Unpacked bundles that are kept: about 50 kB each at 13 features. */
const KEPT = 64

/** Bundles by digest, unpacked once; null: the registry has no such bundle. */
export function openWatchedBundles(
  find: (digest: string) => { manifest: Manifest; baseline: Baseline | null } | null,
): (digest: string) => WatchedBundle | null {
  const kept = new Map<string, WatchedBundle>()
  return (digest) => {
    const known = kept.get(digest)
    if (known !== undefined) return known
    const found = find(digest)
    if (found === null) return null
    const made = watch(digest, found.manifest, found.baseline)
    const oldest = kept.keys().next()
    if (kept.size >= KEPT && oldest.done !== true) kept.delete(oldest.value)
    kept.set(digest, made)
    return made
  }
}

function watch(digest: string, manifest: Manifest, baseline: Baseline | null): WatchedBundle {
  const references = monitoredReferences(manifest, baseline)
  const thing = (role: CountedRole, name: string, reference: FeatureBaseline): CountedThing => ({
    ...{ name, role, reference },
    key: referenceKey(reference),
    hasRows: hasReferenceRows(reference),
  })
  const { outcome, confidence } = references
  return {
    ...{ digest, model: manifest.model, version: manifest.version, task: manifest.task, labels: manifest.labels, references },
    things: [
      ...references.features.map((feature) => thing('feature', feature.name, feature)),
      ...(outcome === null ? [] : [thing('outcome', OUTCOME_NAME, outcome)]),
      ...(confidence === null ? [] : [thing('confidence', CONFIDENCE_NAME, confidence)]),
    ],
    rows: baseline?.rows ?? 0,
    outcomes: baseline?.outcomes ?? null,
  }
}

/** The counts of one thing; null where a device does not count it, or counts it in other bins. */
export function countsOf({ role, name, key, reference }: CountedThing, of: Distribution): FeatureCounts | null {
  const counts = role === 'feature' ? (of.features.get(name) ?? null) : of[role]
  return counts !== null && counts.key === key && counts.kind === reference.kind ? counts : null
}

/** How many independent values counts are worth. */
export function effectiveValues(counts: FeatureCounts): number {
  const correlation = counts.kind === 'numeric' ? lagOneCorrelation(counts.lag) : repeatCorrelation(counts, counts.bins)
  return effectiveSize(valuesOf(counts), correlation)
}
