import { hash64 } from '../../../../shared/stats/sketch/hash.ts'
import type { Slice } from '../../store/telemetry/slice.ts'
import type { EvidenceParts } from './evidence-parts.ts'
import type { EvidenceQuestion } from './evidence.ts'

/** At most so many devices of each side are read; more are sampled by their hash. */
export const MOST_DEVICES = 500
/** At most so many other bundles of a deployment are read, those with the most requests. */
const MOST_INCUMBENTS = 4
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Lengths of the windows in which both sides are compared, and the longest period that is cut so fine. */
const lengths = [
  { bucketMs: 10 * SECOND, upTo: 10 * MINUTE },
  { bucketMs: MINUTE, upTo: 2 * HOUR },
  { bucketMs: 5 * MINUTE, upTo: 24 * HOUR },
  { bucketMs: HOUR, upTo: 30 * 24 * HOUR },
  { bucketMs: 24 * HOUR, upTo: Number.POSITIVE_INFINITY },
] as const

/** Which devices and bundles a question is answered from. */
export interface Scope {
  /** Devices with the candidate that are read. */
  devices: readonly string[]
  /** Devices without it that are read. */
  baseline: readonly string[]
  isSampled: boolean
  /** Other bundles of the deployment, the one with the most requests in the fleet first. */
  incumbents: readonly string[]
}

/** The devices and bundles of a question. */
export function scopeOf({ slices }: Pick<EvidenceParts, 'slices'>, question: EvidenceQuestion): Scope {
  const { deployment, candidate, from, through } = question
  const devices = sampled(question.devices)
  const own = new Set(question.devices)
  const others = question.baseline.filter((device) => !own.has(device))
  const baseline = sampled(others)
  const incumbents = slices
    .subjects({ devices: null, deployment, from, through })
    .filter(({ digest }) => digest !== candidate.digest)
    .map(({ digest }) => digest)
  return {
    ...{ devices, baseline, incumbents: [...new Set(incumbents)].slice(0, MOST_INCUMBENTS) },
    isSampled: devices.length < question.devices.length || baseline.length < others.length,
  }
}

/** The devices of the lowest hashes: the same ones at every look, whatever they measured. */
function sampled(devices: readonly string[]): readonly string[] {
  if (devices.length <= MOST_DEVICES) return devices
  const hashed = devices.map((device) => ({ device, ...hash64(device) }))
  hashed.sort((a, b) => a.high - b.high || a.low - b.low)
  return hashed.slice(0, MOST_DEVICES).map(({ device }) => device)
}

/** Length of the windows of a period, so that not more rows than `rows` are read. */
export function windowLength({ from, through }: Pick<Slice, 'from' | 'through'>, devices: number, rows: number): number {
  const span = through - from
  const fits = lengths.find(({ bucketMs, upTo }) => span <= upTo && (span / bucketMs) * devices <= rows)
  return (fits ?? lengths.at(-1)!).bucketMs
}

/** The slice of one bundle on devices. */
export function sliceOf({ deployment, from, through }: EvidenceQuestion, digest: string, devices: readonly string[]): Slice {
  return { devices, deployment, digests: [digest], from, through }
}
