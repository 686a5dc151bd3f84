import type { SketchState } from '../../../../shared/protocol/telemetry.ts'
import type { TelemetrySeries } from '../../../../shared/rpc/contract/telemetry-series.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import { secondsOf, type Grid } from './grid.ts'
import { addCauses, addCounts, causeCount, mergeSketch, OTHER_CAUSE, type Causes } from './minute-sums.ts'

/** Which deployment and version; nulls stand for all of them. */
export interface SeriesSubject {
  deployment: string | null
  digest: string | null
  model: string | null
  version: string | null
}

/** Sums of windows that go into one bucket. */
export interface TrafficPart {
  requests: number
  errors: number
  coveredMs: number
  causes: Causes
  sketch: SketchState | null
  /** Findings of the validation by cause. */
  validation?: Causes
  notFinite?: number
  cacheHits?: number
  cpuMs?: number
}

/** Sums of labels that go into one bucket. */
export interface QualityPart {
  labelled: number
  classified: number
  correct: number
}

interface Bucket extends QualityPart {
  hasTraffic: boolean
  requests: number
  errors: number
  coveredMs: number
  causes: Causes
  sketch: LatencySketch
  validation: Causes
  notFinite: number
  cacheHits: number
  cpuMs: number
}

/** More versions than this in one answer are no chart; those with the most requests stay. */
const MAX_SERIES = 40
const MAX_CAUSES_SHOWN = 20

export type RateOf = 'covered' | 'elapsed'

/** Gathers sums into series of buckets. A bucket that nothing went into is a gap. */
export function openSeries(grid: Grid, by: 'all' | 'version') {
  const groups = new Map<string, { subject: SeriesSubject; buckets: (Bucket | undefined)[] }>()
  const bucketOf = (subject: SeriesSubject, index: number): Bucket => {
    const key = by === 'all' ? '' : `${subject.deployment} ${subject.digest}`
    let group = groups.get(key)
    if (group === undefined) {
      const all: SeriesSubject = { deployment: null, digest: null, model: null, version: null }
      group = { subject: by === 'all' ? all : subject, buckets: Array.from({ length: grid.buckets }) }
      groups.set(key, group)
    }
    return (group.buckets[index] ??= {
      ...{ hasTraffic: false, requests: 0, errors: 0, coveredMs: 0, causes: {}, sketch: LatencySketch.empty() },
      ...{ labelled: 0, classified: 0, correct: 0, validation: {}, notFinite: 0, cacheHits: 0, cpuMs: 0 },
    })
  }
  return {
    addTraffic(subject: SeriesSubject, index: number, part: TrafficPart): void {
      const bucket = bucketOf(subject, index)
      bucket.hasTraffic = true
      bucket.requests = addCounts(bucket.requests, part.requests)
      bucket.errors = addCounts(bucket.errors, part.errors)
      bucket.coveredMs = addCounts(bucket.coveredMs, part.coveredMs)
      if (part.errors > 0) bucket.causes = addCauses(bucket.causes, part.causes)
      if (part.validation !== undefined) bucket.validation = addCauses(bucket.validation, part.validation)
      bucket.notFinite = addCounts(bucket.notFinite, part.notFinite ?? 0)
      bucket.cacheHits = addCounts(bucket.cacheHits, part.cacheHits ?? 0)
      bucket.cpuMs += part.cpuMs ?? 0
      mergeSketch(bucket.sketch, part.sketch)
    },
    addQuality(subject: SeriesSubject, index: number, part: QualityPart): void {
      const bucket = bucketOf(subject, index)
      bucket.labelled = addCounts(bucket.labelled, part.labelled)
      bucket.classified = addCounts(bucket.classified, part.classified)
      bucket.correct = addCounts(bucket.correct, part.correct)
    },
    /** @param rateOf requests per second of the time that windows covered (one device), or of the time that passed (several) */
    finish(rateOf: RateOf): TelemetrySeries[] {
      return [...groups.values()]
        .map(({ subject, buckets }) => seriesOf(subject, buckets, { grid, rateOf }))
        .sort((a, b) => b.totals.requests - a.totals.requests)
        .slice(0, MAX_SERIES)
    },
  }
}

function seriesOf(
  subject: SeriesSubject,
  buckets: readonly (Bucket | undefined)[],
  { grid, rateOf }: { grid: Grid; rateOf: RateOf },
): TelemetrySeries {
  const traffic = <Value>(read: (bucket: Bucket, index: number) => Value): (Value | null)[] =>
    Array.from(buckets, (bucket, i) => (bucket?.hasTraffic === true ? read(bucket, i) : null))
  const quality = <Value>(read: (bucket: Bucket) => Value): (Value | null)[] =>
    Array.from(buckets, (bucket) => (bucket !== undefined && bucket.labelled > 0 ? read(bucket) : null))
  const interval = (bucket: Bucket) => wilsonInterval(Math.min(bucket.correct, bucket.classified), bucket.classified)
  const seconds = (bucket: Bucket, i: number): number => (rateOf === 'covered' ? bucket.coveredMs / 1000 : secondsOf(grid, i))
  return {
    ...subject,
    requests: traffic((bucket) => bucket.requests),
    errors: traffic((bucket) => bucket.errors),
    errorsByCause: causesOf(buckets, traffic, ({ causes }) => causes),
    cacheHits: traffic((bucket) => bucket.cacheHits),
    notFinite: traffic((bucket) => bucket.notFinite),
    validation: causesOf(buckets, traffic, ({ validation }) => validation),
    requestsPerSecond: traffic((bucket, i) => (seconds(bucket, i) > 0 ? bucket.requests / seconds(bucket, i) : null)),
    latencyMs: {
      p50: traffic(({ sketch }) => sketch.quantile(0.5)),
      p95: traffic(({ sketch }) => sketch.quantile(0.95)),
      p99: traffic(({ sketch }) => sketch.quantile(0.99)),
    },
    labelled: quality((bucket) => bucket.labelled),
    correct: quality((bucket) => bucket.correct),
    accuracy: quality((bucket) => (bucket.classified === 0 ? null : bucket.correct / bucket.classified)),
    accuracyLow: quality((bucket) => interval(bucket)?.low ?? null),
    accuracyHigh: quality((bucket) => interval(bucket)?.high ?? null),
    totals: totalsOf(buckets),
  }
}

function totalsOf(buckets: readonly (Bucket | undefined)[]): TelemetrySeries['totals'] {
  const sketch = LatencySketch.empty()
  const totals = { requests: 0, errors: 0, labelled: 0, classified: 0, correct: 0, cacheHits: 0, notFinite: 0, cpuMs: 0 }
  for (const bucket of buckets) {
    if (bucket === undefined) continue
    sketch.merge(bucket.sketch)
    totals.requests = addCounts(totals.requests, bucket.requests)
    totals.errors = addCounts(totals.errors, bucket.errors)
    totals.labelled = addCounts(totals.labelled, bucket.labelled)
    totals.classified = addCounts(totals.classified, bucket.classified)
    totals.correct = addCounts(totals.correct, bucket.correct)
    totals.cacheHits = addCounts(totals.cacheHits, bucket.cacheHits)
    totals.notFinite = addCounts(totals.notFinite, bucket.notFinite)
    totals.cpuMs += bucket.cpuMs
  }
  const latencyMs = sketch.count === 0 ? null : { p50: sketch.quantile(0.5)!, p95: sketch.quantile(0.95)!, p99: sketch.quantile(0.99)! }
  return { ...totals, latencyMs }
}

/** Counts by cause over time: the most frequent causes one by one, the others together. */
function causesOf(
  buckets: readonly (Bucket | undefined)[],
  traffic: (read: (bucket: Bucket) => number) => (number | null)[],
  of: (bucket: Bucket) => Causes,
): TelemetrySeries['errorsByCause'] {
  let totals: Causes = {}
  for (const bucket of buckets) if (bucket !== undefined) totals = addCauses(totals, of(bucket))
  const causes = Object.entries(totals)
    .filter(([cause]) => cause !== OTHER_CAUSE)
    .sort(([, a], [, b]) => b - a)
    .map(([cause]) => cause)
  const shown = causes.slice(0, MAX_CAUSES_SHOWN)
  const told = shown.map((cause) => ({ cause, counts: traffic((bucket) => causeCount(of(bucket), cause)) }))
  const isRest = causes.length > shown.length || causeCount(totals, OTHER_CAUSE) > 0
  if (!isRest) return told
  const rest = (bucket: Bucket): number =>
    Object.entries(of(bucket)).reduce((sum, [cause, count]) => (shown.includes(cause) ? sum : addCounts(sum, count)), 0)
  return [...told, { cause: OTHER_CAUSE, counts: traffic(rest) }]
}
