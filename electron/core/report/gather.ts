import { setImmediate } from 'node:timers/promises'
import type { PartKey, Slice } from '../store/telemetry/slice.ts'
import type { EventCount } from '../store/telemetry/told-time.ts'
import { nameOf } from '../api/named-series.ts'
import type { ReportScope, ReportSources, ReportWork } from './sources.ts'
import { TrafficTotal } from './traffic-total.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Devices that are read at a time: in between others have their turn, and the states of no more are in memory. */
const PAGE = 50

/** One version in one deployment, over time. */
export interface VersionTraffic {
  deployment: string
  digest: string
  model: string
  version: string
  total: TrafficTotal
  buckets: Map<number, TrafficTotal>
}

/** One device over the whole period, as plain numbers. */
export interface DeviceTraffic {
  device: string
  /** Time that its agent ran, ms; null: it told of none. */
  toldMs: number | null
  hasTraffic: boolean
  requests: number
  errors: number
  latencyMs: { p50: number; p95: number; p99: number } | null
  labelled: number
  classified: number
  right: number
}

/** What telemetry says of a period. */
export interface Gathered {
  total: TrafficTotal
  bucketMs: number
  /** Begin of each bucket of the period. */
  times: number[]
  buckets: Map<number, TrafficTotal>
  versions: VersionTraffic[]
  devices: DeviceTraffic[]
  events: EventCount[]
}

/** Length of the buckets of a report: so many that a chart shows them, on borders that sums are kept for. */
export function bucketOf({ from, through }: { from: number; through: number }): number {
  const span = through - from
  if (span <= 4 * HOUR_MS) return 5 * MINUTE_MS
  if (span <= 3 * DAY_MS) return HOUR_MS
  return span <= 200 * DAY_MS ? DAY_MS : 7 * DAY_MS
}

/**
 * Reads the telemetry of a period, in pages of devices. The whole fleet over time is read from its own sums; some devices are added up.
 * @param digests bundles that it is about; null: all
 */
export async function gather(
  sources: ReportSources,
  { question, isWhole, devices }: ReportScope,
  { signal, progress, digests }: ReportWork & { digests: readonly string[] | null },
): Promise<Gathered> {
  const period = { from: question.from, through: question.through }
  const bucketMs = bucketOf(period)
  const sums = openSums(sources, { ...period, digests })
  const slice = { ...period, ...(digests === null ? {} : { digests }) }
  if (isWhole) sums.addVersions({ ...slice, devices: null }, bucketMs)
  const rows: DeviceTraffic[] = []
  const events: EventCount[] = []
  for (let at = 0; at < devices.length; at += PAGE) {
    await setImmediate()
    signal.throwIfAborted()
    progress(devices.length === 0 ? null : at / devices.length, `${at} of ${devices.length} devices`)
    const page = devices.slice(at, at + PAGE)
    rows.push(...readDevices(sources, page, slice))
    events.push(...sources.telemetry.eventCounts({ devices: page, ...period }))
    if (!isWhole) sums.addVersions({ ...slice, devices: page }, bucketMs)
  }
  const versions = sums.versions()
  const total = new TrafficTotal()
  const buckets = new Map<number, TrafficTotal>()
  for (const one of versions) {
    total.merge(one.total)
    for (const [time, sum] of one.buckets) {
      const all = buckets.get(time) ?? new TrafficTotal()
      buckets.set(time, all)
      all.merge(sum)
    }
  }
  return { total, bucketMs, times: timesOf(period, bucketMs), buckets, versions, devices: rows, events }
}

function timesOf({ from, through }: { from: number; through: number }, bucketMs: number): number[] {
  const first = Math.floor(from / bucketMs)
  return Array.from({ length: Math.max(0, Math.ceil(through / bucketMs) - first) }, (_, i) => (first + i) * bucketMs)
}

/** Gathers versions under the names of this console; what it does not know has the word of the device. */
function openSums({ store, telemetry }: ReportSources, of: { from: number; through: number; digests: readonly string[] | null }) {
  const names = store.versionNames.byDigest()
  const told = new Map(
    telemetry.slices
      .subjects({ devices: null, from: of.from, through: of.through, ...(of.digests === null ? {} : { digests: of.digests }) })
      .map((one) => [`${one.deployment} ${one.digest}`, one]),
  )
  const found = new Map<string, VersionTraffic>()
  const versionOf = ({ deployment, digest }: PartKey): VersionTraffic => {
    const key = `${deployment} ${digest}`
    const word = told.get(key)
    const { model, version } = nameOf(names, digest) ?? { model: word?.model ?? 'unknown', version: word?.version ?? 'unknown' }
    const known = found.get(key) ?? {
      ...{ deployment: deployment ?? '', digest: digest ?? '', model, version },
      ...{ total: new TrafficTotal(), buckets: new Map<number, TrafficTotal>() },
    }
    found.set(key, known)
    return known
  }
  const bucketsOf = (key: PartKey): TrafficTotal => {
    const { buckets } = versionOf(key)
    const bucket = buckets.get(key.bucket) ?? new TrafficTotal()
    buckets.set(key.bucket, bucket)
    return bucket
  }
  return {
    addVersions(slice: Slice, bucketMs: number): void {
      const cut = { bucketMs, by: 'version' } as const
      for (const { key, state } of telemetry.slices.traffic(slice, cut)) {
        bucketsOf(key).addTraffic(state)
        versionOf(key).total.addTraffic(state)
      }
      for (const { key, state } of telemetry.slices.quality(slice, cut)) {
        bucketsOf(key).addQuality(state)
        versionOf(key).total.addQuality(state)
      }
    },
    /** The one with the most requests first. */
    versions: (): VersionTraffic[] =>
      [...found.values()].sort((a, b) => b.total.requests - a.total.requests || (a.digest < b.digest ? -1 : 1)),
  }
}

function readDevices({ telemetry }: ReportSources, devices: readonly string[], slice: Omit<Slice, 'devices'>): DeviceTraffic[] {
  const cut = { bucketMs: null, by: 'device' } as const
  const told = telemetry.toldTime({ devices, from: slice.from, through: slice.through })
  const traffic = new Map(telemetry.slices.traffic({ ...slice, devices }, cut).map(({ key, state }) => [key.device, state]))
  const quality = new Map(telemetry.slices.quality({ ...slice, devices }, cut).map(({ key, state }) => [key.device, state]))
  return devices.map((device) => {
    const counted = traffic.get(device)
    const labels = quality.get(device)
    const latency = counted?.latency
    return {
      ...{ device, toldMs: told.get(device) ?? null, hasTraffic: counted !== undefined },
      ...{ requests: counted?.requests ?? 0, errors: counted?.errors ?? 0 },
      latencyMs:
        latency === undefined || latency.count === 0
          ? null
          : { p50: latency.quantile(0.5)!, p95: latency.quantile(0.95)!, p99: latency.quantile(0.99)! },
      ...{ labelled: labels?.rows ?? 0, classified: labels?.classified ?? 0, right: labels?.right ?? 0 },
    }
  })
}
