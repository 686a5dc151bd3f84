import { setImmediate } from 'node:timers/promises'
import { mergeQuality, type QualityState } from '../../../shared/stats/quality/quality-state.ts'
import type { PartKey, Slice } from '../store/telemetry/slice.ts'
import type { EventCount } from '../store/telemetry/told-time.ts'
import { nameOf } from '../api/named-series.ts'
import { finestAt } from './borders.ts'
import type { ReportScope, ReportSources, ReportWork } from './sources.ts'
import { timeAxis, type TimeAxis } from './time-axis.ts'
import { TrafficTotal } from './traffic-total.ts'

const DAY_MS = 86_400_000

/** Others wait for no longer than about this while devices are read: the pages are as large as that allows. */
const STEP_MS = 25
const FIRST_PAGE = 20
const SMALLEST_PAGE = 10
const LARGEST_PAGE = 200
/** Hours of so many single devices are read for the days of a zone; of more, days of UTC. */
const MOST_BY_HOURS = 50
/** Of the whole fleet so many days are read at a time. */
const DAYS_AT_ONCE = 7
/** Of years it is more days, of which there are sums by the day alone. */
const MOST_PARTS = 50

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
  axis: TimeAxis
  buckets: Map<number, TrafficTotal>
  versions: VersionTraffic[]
  devices: DeviceTraffic[]
  events: EventCount[]
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
  const hasHours = isWhole || devices.length <= MOST_BY_HOURS
  const axis = timeAxis(question, { finestMs: finestAt(sources, period.from), hasHours })
  const sums = openSums(sources, { ...period, digests }, axis)
  const slice = { ...period, ...(digests === null ? {} : { digests }) }
  if (isWhole) {
    for (const part of partsOf(period)) {
      await setImmediate()
      signal.throwIfAborted()
      sums.addVersions({ ...slice, ...part, devices: null })
    }
  }
  sums.addDesk({ ...slice, devices: isWhole ? null : devices })
  const desk = deskByDevice(sources, { ...slice, devices: isWhole ? null : devices })
  const rows: DeviceTraffic[] = []
  const events: EventCount[] = []
  let size = FIRST_PAGE
  for (let at = 0; at < devices.length;) {
    await setImmediate()
    signal.throwIfAborted()
    progress(at / devices.length, `${at} of ${devices.length} devices`)
    const begun = performance.now()
    const page = devices.slice(at, at + size)
    rows.push(...readDevices(sources, page, { slice, desk }))
    events.push(...sources.telemetry.eventCounts({ devices: page, ...period }))
    if (!isWhole) sums.addVersions({ ...slice, devices: page })
    at += page.length
    size = nextSize(size, performance.now() - begun)
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
  return { total, axis, buckets, versions, devices: rows, events }
}

/** A page that takes about as long as a step may. */
function nextSize(size: number, tookMs: number): number {
  return Math.max(SMALLEST_PAGE, Math.min(LARGEST_PAGE, 2 * size, Math.floor((size * STEP_MS) / Math.max(1, tookMs))))
}

/** A period in parts that end with a day of UTC: whatever sums there are end there too. */
function partsOf({ from, through }: { from: number; through: number }): { from: number; through: number }[] {
  const parts: { from: number; through: number }[] = []
  const days = Math.max(DAYS_AT_ONCE, Math.ceil((through - from) / DAY_MS / MOST_PARTS))
  for (let at = from; at < through;) {
    const end = Math.min(through, (Math.floor(at / DAY_MS) + days) * DAY_MS)
    parts.push({ from: at, through: end })
    at = end
  }
  return parts
}

/** Gathers versions under the names of this console; what it does not know has the word of the device. */
function openSums(
  { store, telemetry, deskQuality }: ReportSources,
  of: { from: number; through: number; digests: readonly string[] | null },
  axis: TimeAxis,
) {
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
    const time = axis.of(key.bucket)
    const bucket = buckets.get(time) ?? new TrafficTotal()
    buckets.set(time, bucket)
    return bucket
  }
  const addLabels = ({ key, state }: { key: PartKey; state: QualityState }): void => {
    bucketsOf(key).addQuality(state)
    versionOf(key).total.addQuality(state)
  }
  return {
    addVersions(slice: Slice): void {
      const cut = { bucketMs: axis.readMs, by: 'version' } as const
      for (const { key, state } of telemetry.slices.traffic(slice, cut)) {
        bucketsOf(key).addTraffic(state)
        versionOf(key).total.addTraffic(state)
      }
      for (const part of telemetry.slices.quality(slice, cut)) addLabels(part)
    },
    /** Labels of the desk are few and lie in one table: they are read at once. */
    addDesk(slice: Slice): void {
      for (const part of deskQuality(slice, { bucketMs: axis.readMs, by: 'version' })) addLabels(part)
    },
    /** The one with the most requests first. */
    versions: (): VersionTraffic[] =>
      [...found.values()].sort((a, b) => b.total.requests - a.total.requests || (a.digest < b.digest ? -1 : 1)),
  }
}

type DeskByDevice = ReadonlyMap<string | null, QualityState>

function deskByDevice({ deskQuality }: ReportSources, slice: Slice): DeskByDevice {
  return new Map(deskQuality(slice, { bucketMs: null, by: 'device' }).map(({ key, state }) => [key.device, state]))
}

function readDevices(
  { telemetry }: ReportSources,
  devices: readonly string[],
  { slice, desk }: { slice: Omit<Slice, 'devices'>; desk: DeskByDevice },
): DeviceTraffic[] {
  const cut = { bucketMs: null, by: 'device' } as const
  const told = telemetry.toldTime({ devices, from: slice.from, through: slice.through })
  const traffic = new Map(telemetry.slices.traffic({ ...slice, devices }, cut).map(({ key, state }) => [key.device, state]))
  const quality = new Map(telemetry.slices.quality({ ...slice, devices }, cut).map(({ key, state }) => [key.device, state]))
  return devices.map((device) => {
    const counted = traffic.get(device)
    const labels = bothOf(quality.get(device), desk.get(device))
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

function bothOf(a: QualityState | undefined, b: QualityState | undefined): QualityState | undefined {
  return a === undefined || b === undefined ? (a ?? b) : mergeQuality(a, b)
}
