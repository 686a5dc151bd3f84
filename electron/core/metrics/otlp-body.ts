import { NATIVE_SCHEMA, ZERO_THRESHOLD, type HistogramState } from '../../../shared/metrics/duration-histogram.ts'
import type { Family, Labels } from '../../../shared/metrics/family.ts'
import { ecsLabels } from '../../../shared/domain/ecs.ts'
import type { WaitingLog } from './log-queue.ts'

/** Who sends, in the words of OpenTelemetry. */
export interface OtlpSource {
  fleet: string
  version: string
  startedAt: number
}

/** One request of OTLP/HTTP in JSON, and how many data points or log records it carries. */
export interface OtlpBody {
  body: string
  count: number
}

/** Counters and histograms are told since the start. */
const CUMULATIVE = 2
/** Points of one metric in one request, and characters of one request: a receiver takes at least a quarter of a megabyte. */
const MOST_POINTS = 50
const MOST_CHARACTERS = 160_000
const SERVICE = 'muster-console'

const severities = { info: [9, 'INFO'], warn: [13, 'WARN'], error: [17, 'ERROR'] } as const

/** Metrics as requests for `/v1/metrics`. */
export function metricBodies(families: readonly Family[], source: OtlpSource, now: number): OtlpBody[] {
  const times = { startTimeUnixNano: nanos(source.startedAt), timeUnixNano: nanos(now) }
  const pieces = families.flatMap((family) =>
    slicesOf(pointsOf(family, times), MOST_POINTS).map((points) => ({
      text: JSON.stringify(metricOf(family, points)),
      count: points.length,
    })),
  )
  return packed(pieces).map(({ texts, count }) => ({
    body: `{"resourceMetrics":[{"resource":${resourceText(source)},"scopeMetrics":[{"scope":${scopeText(source)},"metrics":[${texts.join(',')}]}]}]}`,
    count,
  }))
}

/** The first log entries that fit in one request for `/v1/logs`. */
export function logBody(entries: readonly WaitingLog[], source: OtlpSource): OtlpBody {
  const pieces = entries.map((entry) => ({ text: JSON.stringify(logRecordOf(entry)), count: 1 }))
  const { texts, count } = packed(pieces)[0] ?? { texts: [], count: 0 }
  return {
    body: `{"resourceLogs":[{"resource":${resourceText(source)},"scopeLogs":[{"scope":${scopeText(source)},"logRecords":[${texts.join(',')}]}]}]}`,
    count,
  }
}

type Times = { startTimeUnixNano: string; timeUnixNano: string }

function metricOf({ name, help, unit, type }: Family, dataPoints: readonly object[]): object {
  // Receivers add the ending of counters themselves, and know the unit by its field.
  const metric = { name: name.replace(/_total$/, ''), description: help, unit }
  if (type === 'gauge') return { ...metric, gauge: { dataPoints } }
  if (type === 'counter') return { ...metric, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } }
  return { ...metric, exponentialHistogram: { aggregationTemporality: CUMULATIVE, dataPoints } }
}

function pointsOf(family: Family, times: Times): object[] {
  if (family.type === 'histogram')
    return family.readings.map(({ labels, histogram }) => ({ attributes: attributesOf(labels), ...times, ...exponential(histogram) }))
  return family.readings.map(({ labels, value }) => ({ attributes: attributesOf(labels), ...times, asDouble: value }))
}

/** Whole numbers of 64 bits are texts in the JSON form. Buckets are counted by their lower end, and none is left out between two. */
function exponential({ count, sum, zero, cells }: HistogramState): object {
  const offset = (cells[0]?.[0] ?? 1) - 1
  const bucketCounts: string[] = []
  for (const [index, held] of cells) {
    while (bucketCounts.length < index - 1 - offset) bucketCounts.push('0')
    bucketCounts.push(String(held))
  }
  const scale = { scale: NATIVE_SCHEMA, zeroCount: String(zero), zeroThreshold: ZERO_THRESHOLD }
  return { count: String(count), sum, ...scale, positive: { offset, bucketCounts } }
}

function logRecordOf({ at, level, message, detail }: WaitingLog): object {
  const [severityNumber, severityText] = severities[level]
  return {
    ...{ timeUnixNano: nanos(at), observedTimeUnixNano: nanos(at), severityNumber, severityText },
    body: { stringValue: message },
    attributes: Object.entries(ecsLabels(detail)).map(([key, value]) => ({
      key,
      value:
        typeof value === 'string' ? { stringValue: value } : typeof value === 'boolean' ? { boolValue: value } : { doubleValue: value },
    })),
  }
}

function resourceText({ fleet, version }: OtlpSource): string {
  return JSON.stringify({ attributes: attributesOf({ 'service.name': SERVICE, 'service.version': version, 'service.instance.id': fleet }) })
}

function scopeText({ version }: OtlpSource): string {
  return JSON.stringify({ name: 'muster', version })
}

function attributesOf(labels: Labels): object[] {
  return Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }))
}

/** Nanoseconds since 1970 are beyond what a double holds: they are made of text. */
function nanos(epochMs: number): string {
  return `${Math.max(0, Math.round(epochMs))}000000`
}

function slicesOf<One>(all: readonly One[], most: number): One[][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, i) => all.slice(i * most, (i + 1) * most))
}

/** Pieces together in as few requests as their size allows; order is kept. */
function packed(pieces: readonly { text: string; count: number }[]): { texts: string[]; count: number }[] {
  const requests: { texts: string[]; count: number; size: number }[] = []
  for (const { text, count } of pieces) {
    const last = requests.at(-1)
    if (last === undefined || last.size + text.length > MOST_CHARACTERS) requests.push({ texts: [text], count, size: text.length })
    else {
      last.texts.push(text)
      last.count += count
      last.size += text.length
    }
  }
  return requests
}
