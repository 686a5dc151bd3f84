import type { ReportChart, ReportFigure, ReportTable } from '../../../shared/domain/report/document.ts'
import { plainFigure } from '../../../shared/domain/report/document.ts'
import { wilsonInterval } from '../../../shared/stats/proportion-interval.ts'
import { accuracyFigure, maeFigure, weightedFigure } from '../monitor/quality.ts'
import type { Gathered, VersionTraffic } from './gather.ts'
import type { TimeAxis } from './time-axis.ts'
import { TrafficTotal } from './traffic-total.ts'

/** A bucket is steady while its p95 is within this share of the middle one. */
const STEADY = 0.2
/** More lines than this in one chart tell nobody anything. */
const MOST_LINES = 6

/** Requests that failed, with the interval of a share. */
export function errorShare({ requests, errors }: { requests: number; errors: number }): Pick<ReportFigure, 'value' | 'low' | 'high' | 'n'> {
  const interval = wilsonInterval(Math.min(errors, requests), requests)
  return { value: requests === 0 ? null : errors / requests, low: interval?.low ?? null, high: interval?.high ?? null, n: requests }
}

/** Requests, errors, latency and how steady it was. */
export function trafficFigures({ total, axis, buckets }: Gathered, period: { from: number; through: number }): ReportFigure[] {
  const seconds = (period.through - period.from) / 1000
  const known = <Value>(value: Value): Value | null => (total.hasTraffic ? value : null)
  const quantile = (q: number): number | null => total.latency.quantile(q)
  const [p50, p99] = [quantile(0.5), quantile(0.99)]
  const answered = errorShare(total)
  return [
    plainFigure({ id: 'requests', label: 'Requests', unit: 'count', value: known(total.requests) }),
    plainFigure({
      ...{ id: 'throughput', label: 'Requests per second', unit: 'number', value: known(total.requests / seconds) },
      note: 'Over the whole period, also the time without any.',
    }),
    { id: 'errors', label: 'Requests that failed', unit: 'share', ...answered, note: '' },
    plainFigure({ id: 'p50', label: 'Latency, p50', unit: 'ms', value: p50 }),
    plainFigure({ id: 'p95', label: 'Latency, p95', unit: 'ms', value: quantile(0.95) }),
    plainFigure({ id: 'p99', label: 'Latency, p99', unit: 'ms', value: p99 }),
    plainFigure({
      ...{ id: 'tail', label: 'Latency, p99 / p50', unit: 'number', value: p50 === null || p50 === 0 || p99 === null ? null : p99 / p50 },
      note: 'How far the slowest hundredth is from the middle.',
    }),
    steadiness(axis, buckets),
    plainFigure({ id: 'cache-hits', label: 'Answered by the cache', unit: 'count', value: known(total.cacheHits) }),
  ]
}

function steadiness({ isWhole }: TimeAxis, buckets: Gathered['buckets']): ReportFigure {
  const values = [...buckets].flatMap(([time, { latency }]) => (isWhole(time) ? (latency.quantile(0.95) ?? []) : [])).sort((a, b) => a - b)
  const middle = values[Math.floor((values.length - 1) / 2)]
  const steady = middle === undefined ? 0 : values.filter((one) => Math.abs(one - middle) <= STEADY * middle).length
  return {
    ...{ id: 'steady', label: 'Steady latency', unit: 'share', value: values.length === 0 ? null : steady / values.length },
    ...{ low: null, high: null, n: values.length, note: 'Share of the whole intervals whose p95 is within 20 % of the middle one.' },
  }
}

/** What labelled rows stand for differs: those of the desk were chosen for what they teach. */
const WEIGHTED = 'Each label counts for the predictions that it stands for.'

/** Accuracy and error of what was labelled, with intervals. */
export function qualityFigures({ quality, rows }: TrafficTotal): ReportFigure[] {
  const accuracy = accuracyFigure(quality)
  const mae = maeFigure(quality)
  const weighted = weightedFigure(quality)
  return [
    plainFigure({
      id: 'labelled',
      label: 'Labelled predictions',
      unit: 'count',
      value: quality.rows,
      note: 'Of devices and of the desk.',
    }),
    plainFigure({
      ...{ id: 'coverage', label: 'Predictions that were labelled', unit: 'share' },
      value: rows === 0 ? null : Math.min(1, quality.rows / rows),
    }),
    { id: 'accuracy', label: 'Accuracy', unit: 'share', value: accuracy.value, ...intervalOf(accuracy), note: noteOf(accuracy.state) },
    ...(weighted.n === 0
      ? []
      : [
          {
            ...{
              id: 'weighted',
              label: 'Accuracy in all predictions',
              unit: 'share' as const,
              value: weighted.value,
              ...intervalOf(weighted),
            },
            note: weighted.state === 'measured' ? WEIGHTED : `${WEIGHTED} Too few labels carry most of it.`,
          },
        ]),
    ...(mae.n === 0
      ? []
      : [
          {
            id: 'mae',
            label: 'Mean absolute error',
            unit: 'number' as const,
            value: mae.value,
            ...intervalOf(mae),
            note: noteOf(mae.state),
          },
        ]),
  ]
}

function intervalOf({ low, high, n }: { low: number | null; high: number | null; n: number }): Pick<ReportFigure, 'low' | 'high' | 'n'> {
  return { low, high, n }
}

function noteOf(state: string): string {
  return state === 'insufficient data' ? 'Too few labels to say much.' : ''
}

/** Requests, latency, errors and accuracy over time. */
export function trafficCharts({ axis, buckets }: Gathered): ReportChart[] {
  const { times } = axis
  const at = (read: (sum: TrafficTotal) => number | null) => times.map((time) => valueAt(buckets.get(time), read))
  const base = { kind: 'chart', ...timesOf(axis) } as const
  const line = (id: string, name: string, values: (number | null)[]) => ({ id, name, values, low: null, high: null })
  const accuracy = times.map((time) => {
    const sum = buckets.get(time)
    return sum === undefined || sum.quality.classified === 0 ? null : accuracyFigure(sum.quality)
  })
  return [
    {
      ...{ ...base, id: 'requests', title: 'Requests', unit: 'count', form: 'bars' },
      series: [
        line(
          'answered',
          'answered',
          at((sum) => Math.max(0, sum.requests - sum.errors)),
        ),
        line(
          'failed',
          'failed',
          at((sum) => sum.errors),
        ),
      ],
    },
    {
      ...{ ...base, id: 'latency', title: 'Latency', unit: 'ms', form: 'line' },
      series: [
        line(
          'p95',
          'p95',
          at((sum) => sum.latency.quantile(0.95)),
        ),
        line(
          'p50',
          'p50',
          at((sum) => sum.latency.quantile(0.5)),
        ),
        line(
          'p99',
          'p99',
          at((sum) => sum.latency.quantile(0.99)),
        ),
      ],
    },
    {
      ...{ ...base, id: 'errors', title: 'Requests that failed', unit: 'share', form: 'line' },
      series: [
        line(
          'share',
          'failed',
          at((sum) => (sum.requests === 0 ? null : sum.errors / sum.requests)),
        ),
      ],
    },
    {
      ...{ ...base, id: 'accuracy', title: 'Accuracy with its 95 % interval', unit: 'share', form: 'line' },
      series: [
        {
          ...{ id: 'accuracy', name: 'accuracy', values: accuracy.map((one) => one?.value ?? null) },
          ...{ low: accuracy.map((one) => one?.low ?? null), high: accuracy.map((one) => one?.high ?? null) },
        },
      ],
    },
  ]
}

/** The intervals of a chart; days of another zone than that of the report are said to be. */
function timesOf({ bucketMs, times, zone }: TimeAxis): Pick<ReportChart, 'bucketMs' | 'times' | 'zone'> {
  return { bucketMs, times, ...(zone === undefined ? {} : { zone }) }
}

function valueAt(sum: TrafficTotal | undefined, read: (sum: TrafficTotal) => number | null): number | null {
  return sum === undefined || !sum.hasTraffic ? null : read(sum)
}

/** p95 of the versions with the most requests, side by side over time. */
export function versionChart({ axis, versions }: Gathered): ReportChart {
  return {
    ...{ kind: 'chart', id: 'versions-p95', title: 'Latency p95 by version', unit: 'ms', form: 'line', ...timesOf(axis) },
    series: versions.slice(0, MOST_LINES).map(({ model, version, buckets }, i) => ({
      ...{ id: `version-${i + 1}`, name: `${model}@${version}`, low: null, high: null },
      values: axis.times.map((time) => valueAt(buckets.get(time), (sum) => sum.latency.quantile(0.95))),
    })),
  }
}

/** Failures by cause, the most frequent first. */
export function causeTable({ causes }: TrafficTotal): ReportTable {
  const rows = Object.entries(causes).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return {
    ...{ kind: 'table', id: 'causes', title: 'Why requests failed', keys: 1, rows, note: '' },
    columns: [
      { id: 'cause', label: 'Cause', unit: 'text' },
      { id: 'requests', label: 'Requests', unit: 'count' },
    ],
  }
}

/** What each version did. */
export function versionTable(versions: readonly VersionTraffic[]): ReportTable {
  return {
    ...{ kind: 'table', id: 'versions', title: 'Versions', keys: 4, note: '' },
    columns: [
      { id: 'deployment', label: 'Deployment', unit: 'text' },
      { id: 'model', label: 'Model', unit: 'text' },
      { id: 'version', label: 'Version', unit: 'text' },
      { id: 'fingerprint', label: 'Fingerprint', unit: 'text' },
      { id: 'requests', label: 'Requests', unit: 'count' },
      { id: 'errors', label: 'Failed', unit: 'share' },
      { id: 'p50', label: 'p50', unit: 'ms' },
      { id: 'p95', label: 'p95', unit: 'ms' },
      { id: 'p99', label: 'p99', unit: 'ms' },
      { id: 'labelled', label: 'Labelled', unit: 'count' },
      { id: 'accuracy', label: 'Accuracy', unit: 'share' },
      { id: 'accuracy-low', label: 'from', unit: 'share' },
      { id: 'accuracy-high', label: 'to', unit: 'share' },
      { id: 'mae', label: 'MAE', unit: 'number' },
    ],
    rows: versions.map(({ deployment, model, version, digest, total }) => {
      const accuracy = accuracyFigure(total.quality)
      return [
        ...[deployment, model, version, digest, total.requests, errorShare(total).value],
        ...[0.5, 0.95, 0.99].map((q) => total.latency.quantile(q)),
        ...[total.quality.rows, accuracy.value, accuracy.low, accuracy.high, maeFigure(total.quality).value],
      ]
    }),
  }
}
