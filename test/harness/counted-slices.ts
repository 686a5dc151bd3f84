import type { Baseline } from '../../shared/domain/bundle.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { emptyQuality, mergeQuality, type QualityState } from '../../shared/stats/quality/quality-state.ts'
import { featureBaseline } from '../../shared/stats/reference-bins.ts'
import { CategoryCounter } from '../../shared/stats/reference/category-counter.ts'
import { addDistribution, emptyDistribution, type Distribution } from '../../shared/stats/reference/distribution.ts'
import type { MonitoredReferences } from '../../shared/stats/reference/monitored.ts'
import { NumericCounter } from '../../shared/stats/reference/numeric-counter.ts'
import type { Cut, PartKey, Slice, SliceReader, TrafficState } from '../../electron/core/store/telemetry/slice.ts'
import type { MonitorParts } from '../../electron/core/monitor/monitor-parts.ts'
import { openWatchedBundles } from '../../electron/core/monitor/watched-bundle.ts'
import { samples, sampleManifest } from './manifest.ts'

export const DIGEST = 'd'.repeat(64)
export const DEPLOYMENT = 'sensors'

/** A row of named values; null is missing. */
export type Row = Record<string, number | string | null>

/** A baseline of training rows, as an import makes it. */
export function baselineOf(rows: readonly Row[]): Baseline {
  const names = Object.keys(rows[0]!)
  const features = names.map((name) =>
    featureBaseline(
      name,
      rows.map((row) => (row[name] === null ? Number.NaN : Number(row[name]))),
    ),
  )
  return { v: 1, rows: rows.length, features }
}

/** Counts rows as a device does. */
export function countRows(references: MonitoredReferences, rows: readonly Row[]): Distribution {
  const counters = references.features.map((reference) =>
    reference.kind === 'numeric' ? new NumericCounter(reference) : new CategoryCounter(reference),
  )
  for (const row of rows) for (const [i, { name }] of references.features.entries()) counters[i]!.add(row[name])
  return {
    ...emptyDistribution(),
    rows: rows.length,
    features: new Map(references.features.map(({ name }, i) => [name, counters[i]!.counts()])),
  }
}

interface Held {
  device: string
  at: number
  counts: Distribution | null
  quality: QualityState | null
  traffic: TrafficState | null
}

/** Merged states in memory, for questions about how they are judged; the store has its own tests. */
export class CountedSlices implements SliceReader {
  readonly #held: Held[] = []
  /** How many buckets were handed out: what a question costs. */
  partsRead = 0

  add(device: string, at: number, parts: Partial<Omit<Held, 'device' | 'at'>>): void {
    this.#held.push({ device, at, counts: null, quality: null, traffic: null, ...parts })
  }

  traffic(slice: Slice, cut: Cut): { key: PartKey; state: TrafficState }[] {
    return this.#merge(slice, cut, ({ traffic }) => traffic, addTraffic)
  }

  distributions(slice: Slice, cut: Cut): { key: PartKey; state: Distribution }[] {
    return this.#merge(
      slice,
      cut,
      ({ counts }) => counts,
      (a, b) => {
        const sum = emptyDistribution()
        addDistribution(sum, a)
        addDistribution(sum, b)
        return sum
      },
    )
  }

  quality(slice: Slice, cut: Cut): { key: PartKey; state: QualityState }[] {
    return this.#merge(slice, cut, ({ quality }) => quality, mergeQuality)
  }

  subjects(slice: Slice): { deployment: string; digest: string; model: string; version: string }[] {
    const isThere = this.#held.some((one) => isIn(slice, one))
    return isThere ? [{ deployment: DEPLOYMENT, digest: DIGEST, model: 'said', version: '0' }] : []
  }

  devicesOf(slice: Slice): string[] {
    return [...new Set(this.#held.filter((one) => isIn(slice, one)).map(({ device }) => device))].sort()
  }

  hasLabel(): boolean {
    return false
  }

  #merge<State>(slice: Slice, { bucketMs, by }: Cut, read: (one: Held) => State | null, add: (a: State, b: State) => State) {
    const parts = new Map<string, { key: PartKey; state: State }>()
    for (const one of this.#held) {
      const state = read(one)
      if (state === null || !isIn(slice, one)) continue
      const bucket = bucketMs === null ? slice.from : Math.floor(one.at / bucketMs) * bucketMs
      const named = by === 'version' ? { deployment: DEPLOYMENT, digest: DIGEST } : { deployment: null, digest: null }
      const key: PartKey = { bucket, device: by === 'device' ? one.device : null, ...named }
      const known = parts.get(JSON.stringify(key))
      parts.set(JSON.stringify(key), { key, state: known === undefined ? state : add(known.state, state) })
    }
    this.partsRead += parts.size
    return [...parts.values()]
  }
}

function isIn({ devices, deployment, digests, from, through }: Slice, { device, at }: Held): boolean {
  if (deployment !== undefined && deployment !== DEPLOYMENT) return false
  if (digests !== undefined && !digests.includes(DIGEST)) return false
  return (devices === null || devices.includes(device)) && at >= from && at < through
}

/** Traffic of so many requests, each of so many ms. */
export function trafficOf(requests: number, ms: number, more: Partial<TrafficState> = {}): TrafficState {
  const latency = LatencySketch.empty()
  if (requests > 0) latency.add(ms, requests)
  return {
    ...{ windows: 1, requests, rows: requests, errors: 0, coveredMs: 300_000, causes: {}, validation: {} },
    ...{ notFinite: 0, cacheHits: 0, cpuMs: 0, firstAt: 0, lastAt: 0, latency, ...more },
  }
}

function addTraffic(a: TrafficState, b: TrafficState): TrafficState {
  const latency = LatencySketch.empty()
  latency.merge(a.latency)
  latency.merge(b.latency)
  const sum = (read: (state: TrafficState) => number): number => read(a) + read(b)
  return {
    ...{ windows: sum(({ windows }) => windows), requests: sum(({ requests }) => requests), rows: sum(({ rows }) => rows) },
    ...{ errors: sum(({ errors }) => errors), coveredMs: sum(({ coveredMs }) => coveredMs), causes: {}, validation: {} },
    ...{ notFinite: 0, cacheHits: 0, cpuMs: 0, firstAt: 0, lastAt: 0, latency },
  }
}

/** A baseline table in memory. */
export function baselinesInMemory(): MonitorParts['baselines'] {
  type Known = ReturnType<MonitorParts['baselines']['find']>
  const known = new Map<string, { begin: number; baseline: Known }>()
  const nameOf = ({ device, deployment, digest }: { device: string; deployment: string; digest: string }): string =>
    [device, deployment, digest].join(' ')
  return {
    find: (key) => known.get(nameOf(key))?.baseline ?? null,
    mayBeginAt: (key) => known.get(nameOf(key))?.begin ?? null,
    freeze(baseline) {
      if (known.get(nameOf(baseline))?.baseline == null) known.set(nameOf(baseline), { begin: baseline.from, baseline })
    },
    set: (baseline) => void known.set(nameOf(baseline), { begin: baseline.from, baseline }),
    forget: (key, at) => void known.set(nameOf(key), { begin: at, baseline: null }),
    digestsOf: (device, deployment) =>
      [...known.keys()].filter((name) => name.startsWith(`${device} ${deployment} `)).map((name) => name.split(' ')[2]!),
  }
}

/** Everything that a monitor needs, over states in memory. */
export function monitorParts(
  baseline: Baseline | null,
  now: () => number,
  more: Partial<MonitorParts> = {},
): MonitorParts & { slices: CountedSlices } {
  const manifest = sampleManifest(samples.wine100, { outcome: { label: 'label', probabilities: null, value: null }, labels: [] })
  const slices = new CountedSlices()
  return {
    bundle: openWatchedBundles((digest) => (digest === DIGEST ? { manifest, baseline } : null)),
    nameOf: (digest) => (digest === DIGEST ? { model: 'wine', version: '1.0.0' } : null),
    baselines: baselinesInMemory(),
    deskQuality: () => [],
    levels: () => ({ q: 0.05, rateAlpha: 0.01 }),
    isAlerted: () => false,
    isEnrolled: () => true,
    now,
    ...more,
    slices,
  }
}

/** Quality of so many right and wrong rows. */
export function labelsOf(right: number, wrong: number): QualityState {
  const state = emptyQuality()
  state.rows = right + wrong
  state.classified = state.rows
  state.right = right
  state.weighted = { rows: state.rows, weights: state.rows, weightsSquared: state.rows, successes: right }
  if (right > 0) state.pairs.set(JSON.stringify(['a', 'a']), right)
  if (wrong > 0) state.pairs.set(JSON.stringify(['a', 'b']), wrong)
  return state
}
