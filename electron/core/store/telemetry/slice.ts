import type { Distribution } from '../../../../shared/stats/reference/distribution.ts'
import type { MonitoredReferences } from '../../../../shared/stats/reference/monitored.ts'
import type { QualityState } from '../../../../shared/stats/quality/quality-state.ts'
import type { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import type { Causes } from './minute-sums.ts'

/** Which records a question is about. What is left out does not matter. */
export interface Slice {
  /** null: the whole fleet, which is read from sums of the fleet whatever its size. */
  devices: readonly string[] | null
  deployment?: string | undefined
  /** Bundles; left out: all. */
  digests?: readonly string[] | undefined
  from: number
  /** Exclusive. */
  through: number
}

/**
 * How the answer is cut. A record belongs to the bucket in which it begins. Every cut is exact: states merge, nothing is averaged. Of a time that is no longer
 * kept as fine as that, the parts are those of the finest that is left, each with the begin of its own bucket.
 */
export interface Cut {
  /** Length of the buckets, ms; null: the whole period as one. Buckets start at multiples of it in UTC; a roll-up of a fitting length answers. */
  bucketMs: number | null
  by: 'all' | 'version' | 'device'
}

/** Whose part of the answer this is; null: several together. */
export interface PartKey {
  bucket: number
  device: string | null
  deployment: string | null
  digest: string | null
}

/** Traffic of one part. */
export interface TrafficState {
  windows: number
  /** Begin of the first window and end of the last. */
  firstAt: number
  lastAt: number
  requests: number
  rows: number
  errors: number
  coveredMs: number
  causes: Causes
  validation: Causes
  notFinite: number
  cacheHits: number
  cpuMs: number
  latency: LatencySketch
}

/** A deployment and bundle that something was counted for. */
export interface CountedSubject {
  deployment: string
  digest: string
  model: string
  version: string
}

/** Answers about slices from raw records and their roll-ups, merged. */
export interface SliceReader {
  traffic(slice: Slice, cut: Cut): { key: PartKey; state: TrafficState }[]
  /**
   * Distributions of one bundle: the references say the bins.
   * @param slice must name exactly one digest
   */
  distributions(slice: Slice, cut: Cut, references: MonitoredReferences): { key: PartKey; state: Distribution }[]
  /** Labels that devices sent, by the time of the prediction. */
  quality(slice: Slice, cut: Cut): { key: PartKey; state: QualityState }[]
  /** Subjects that were counted in the period, the one with the most requests first. */
  subjects(slice: Slice): CountedSubject[]
  /** Devices with a record of the bundle in the period. */
  devicesOf(slice: Slice): string[]
  /** True if the device sent a label for this row of this prediction. */
  hasLabel(device: string, prediction: string, row: number): boolean
}
