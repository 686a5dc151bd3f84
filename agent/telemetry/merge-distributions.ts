import {
  batchLimits,
  distributionBody,
  MOST_COUNTED_FEATURES,
  type DistributionBody,
  type PackedCounts,
} from '../../shared/protocol/telemetry.ts'
import { DistributionSum } from '../../shared/stats/reference/distribution-sum.ts'
import { MAX_SPAN_MS } from './merge-windows.ts'

/** What a batch has beside one record. */
const FRAME_BYTES = 2048

/**
 * Two distributions of one subject as one: counts add up. `null` if they speak of different subjects or references, span more than a day, or
 * one record would not hold both.
 */
export function mergeDistributions(a: DistributionBody, b: DistributionBody): DistributionBody | null {
  if (a.deployment !== b.deployment || a.digest !== b.digest || a.every !== b.every) return null
  const startedAt = Math.min(a.startedAt, b.startedAt)
  const endedAt = Math.max(a.endedAt, b.endedAt)
  if (endedAt - startedAt > MAX_SPAN_MS || !haveEqualKeys(a, b)) return null
  const sum = new DistributionSum()
  sum.add(a)
  sum.add(b)
  const { rows, features, outcome, confidence, estimate } = sum.packed()
  if (features.length > MOST_COUNTED_FEATURES) return null
  const counted = { rows, features, outcome: outcome[0] ?? null, confidence: confidence[0] ?? null, estimate: estimate && { ...estimate } }
  const merged = { ...b, ...a, startedAt, endedAt, ...counted, omitted: Math.max(a.omitted, b.omitted) }
  return Buffer.byteLength(JSON.stringify(merged)) > batchLimits.bytes - FRAME_BYTES ? null : merged
}

/** Counts of one name are of one reference in both; one of the two may lack it. */
function haveEqualKeys(a: DistributionBody, b: DistributionBody): boolean {
  const keys = new Map(a.features.map(({ name, key }) => [name, key]))
  const isSame = (one: PackedCounts | null, other: PackedCounts | null): boolean => one === null || other === null || one.key === other.key
  const areSame = b.features.every(({ name, key }) => (keys.get(name) ?? key) === key)
  return areSame && isSame(a.outcome, b.outcome) && isSame(a.confidence, b.confidence)
}

/** A stored body as a distribution; `null` if it is none. */
export function readDistribution(body: string): DistributionBody | null {
  try {
    const parsed = distributionBody.safeParse(JSON.parse(body))
    return parsed.success ? parsed.data : null
  } catch {
    // A damaged record: the reader of the spool removes it and says so.
    return null
  }
}
