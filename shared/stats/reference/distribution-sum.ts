import type { PackedCounts } from '../../protocol/telemetry.ts'
import { mergeExpectedOutcomes, type ExpectedOutcomes } from '../quality/confidence-based.ts'
import type { PackedDistribution } from './distribution.ts'
import { MOST_BINS } from './feature-counts.ts'
import type { MonitoredReferences } from './monitored.ts'
import { packCounts, readPackedCounts } from './pack-counts.ts'
import { referenceKey } from './reference-key.ts'

/** A made-up reference must not push out the true one: so many of one name are kept apart, the first that came. */
const MOST_KEYS = 4

/** Sums of distributions as they are stored: of each name, the counts against each reference that devices named. */
export interface PackedSums {
  rows: number
  features: PackedCounts[]
  outcome: PackedCounts[]
  confidence: PackedCounts[]
  estimate: ExpectedOutcomes | null
}

interface Counted {
  name: string
  kind: PackedCounts['kind']
  key: string
  bins: number[]
  tallies: number[]
  range: [number, number] | null
  lag: number[]
}

/**
 * Adds packed distributions without knowing their references: counts of one name, kind and key add, others stay apart until a reference
 * says which of them count. What was taken in was parsed strictly; here it is only added.
 */
export class DistributionSum {
  #rows = 0
  readonly #roles = {
    features: new Map<string, Counted[]>(),
    outcome: new Map<string, Counted[]>(),
    confidence: new Map<string, Counted[]>(),
  }
  #estimate: ExpectedOutcomes | null = null

  /** Adds a record or stored sums. */
  add({ rows, features, outcome, confidence, estimate }: PackedDistribution | PackedSums): void {
    this.#addRest(rows, estimate)
    for (const one of features) addTo(this.#roles.features, one)
    for (const one of listed(outcome)) addTo(this.#roles.outcome, one)
    for (const one of listed(confidence)) addTo(this.#roles.confidence, one)
  }

  /** Adds what another sum holds. */
  merge(other: DistributionSum): void {
    this.#addRest(other.#rows, other.#estimate)
    for (const role of ['features', 'outcome', 'confidence'] as const)
      for (const counted of other.#roles[role].values()) for (const one of counted) addCounted(this.#roles[role], one)
  }

  #addRest(rows: number, estimate: ExpectedOutcomes | null): void {
    this.#rows = Math.min(this.#rows + rows, Number.MAX_SAFE_INTEGER)
    if (estimate !== null)
      this.#estimate = this.#estimate === null ? plainEstimate(estimate) : mergeExpectedOutcomes(this.#estimate, estimate)
  }

  /** The sums as they are stored. */
  packed(): PackedSums {
    const all = (of: Map<string, Counted[]>): PackedCounts[] => [...of.values()].flat().map(packedOf)
    const { features, outcome, confidence } = this.#roles
    return { rows: this.#rows, features: all(features), outcome: all(outcome), confidence: all(confidence), estimate: this.#estimate }
  }

  /** What of it was counted against these references. */
  against(references: MonitoredReferences): PackedDistribution {
    const keys = new Map(references.features.map((reference) => [reference.name, referenceKey(reference)]))
    const { features, outcome, confidence } = this.packed()
    const of = (list: readonly PackedCounts[], reference: MonitoredReferences['outcome']): PackedCounts | null =>
      reference === null ? null : (list.find(({ key }) => key === referenceKey(reference)) ?? null)
    return {
      rows: this.#rows,
      features: features.filter(({ name, key }) => keys.get(name) === key),
      outcome: of(outcome, references.outcome),
      confidence: of(confidence, references.confidence),
      estimate: this.#estimate === null ? null : { ...this.#estimate },
    }
  }
}

function listed(counts: PackedCounts | PackedCounts[] | null): PackedCounts[] {
  if (counts === null) return []
  return Array.isArray(counts) ? counts : [counts]
}

function plainEstimate({ rows, tp, fp, fn, tn, variance }: ExpectedOutcomes): ExpectedOutcomes {
  return { rows, tp, fp, fn, tn, variance }
}

function addTo(into: Map<string, Counted[]>, { name, kind, key, bins, tallies, range, lag }: PackedCounts): void {
  const counts = readPackedCounts(bins, MOST_BINS)
  if (counts !== null) addCounted(into, { name, kind, key, bins: counts, tallies, range, lag })
}

function addCounted(into: Map<string, Counted[]>, more: Counted): void {
  const known = into.get(more.name) ?? []
  if (known.length === 0) into.set(more.name, known)
  const mine = known.find((one) => one.key === more.key && one.kind === more.kind)
  if (mine === undefined) {
    if (known.length < MOST_KEYS) known.push({ ...more, bins: [...more.bins], tallies: [...more.tallies], lag: [...more.lag] })
    return
  }
  // Only made-up counts get there.
  if (mine.bins.length !== more.bins.length || offered(mine) + offered(more) > Number.MAX_SAFE_INTEGER) return
  for (let i = 0; i < more.bins.length; i += 1) mine.bins[i]! += more.bins[i]!
  for (let i = 0; i < mine.tallies.length; i += 1) mine.tallies[i]! += more.tallies[i] ?? 0
  for (let i = 0; i < mine.lag.length; i += 1) mine.lag[i]! += more.lag[i] ?? 0
  if (more.range === null) return
  mine.range = mine.range === null ? more.range : [Math.min(mine.range[0], more.range[0]), Math.max(mine.range[1], more.range[1])]
}

function offered({ bins, tallies }: Counted): number {
  return total(bins) + total(tallies)
}

function total(counts: readonly number[]): number {
  let sum = 0
  for (const count of counts) sum += count
  return sum
}

function packedOf({ bins, ...one }: Counted): PackedCounts {
  return { ...one, bins: packCounts(bins) }
}
