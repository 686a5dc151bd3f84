import { LineChart } from '../../components/charts/line-chart.tsx'
import { StackChart } from '../../components/charts/stack-chart.tsx'
import { formatCount, formatMs, formatNumber, formatPercent } from '../../components/format.ts'
import type { TelemetrySeries } from '../../../shared/rpc/contract/telemetry-series.ts'
import { accuracySeries, hasValues, latencySeries, timesOf } from './chart-data.ts'

const HEIGHT = 148
/** Axes of whole things have no halves. */
const formatWhole = (value: number): string => (Number.isInteger(value) ? formatCount(value) : '')
/** Round values of an axis without zeros behind the point. */
const formatLatency = (value: number): string => formatMs(value).replace(/\.0+ /, ' ')

/** What the models of a device do: how fast, how much, what fails, how often they are right. */
export function ModelCharts({
  grid,
  span,
  series,
}: {
  grid: { from: number; bucketMs: number; buckets: number }
  span: { from: number; through: number }
  series: TelemetrySeries
}) {
  const axis = { from: span.from, through: span.through, height: HEIGHT }
  const times = timesOf(grid, 'middle')
  const { labelled, requests, cacheHits, notFinite } = series.totals
  const findings = series.validation.filter(({ counts }) => hasValues(counts))
  return (
    <>
      <LineChart
        title="Latency"
        {...axis}
        times={times}
        series={latencySeries(series)}
        format={formatLatency}
        emptyText="No requests in this period"
      />
      <LineChart
        title="Throughput"
        unit="requests/s"
        {...axis}
        times={times}
        series={[{ id: 'rate', name: 'requests/s', values: series.requestsPerSecond }]}
        format={formatNumber}
        emptyText="No requests in this period"
      />
      <StackChart
        title="Errors"
        unit="per cause"
        {...axis}
        times={timesOf(grid, 'start')}
        parts={series.errorsByCause
          .filter(({ counts }) => hasValues(counts))
          .map(({ cause, counts }) => ({ id: cause, name: cause, values: counts }))}
        format={formatWhole}
        emptyText={requests > 0 ? `No error in ${formatCount(requests)} requests` : 'No requests in this period'}
      />
      {findings.length > 0 && (
        <StackChart
          title="Validation"
          unit="values per cause"
          {...axis}
          times={timesOf(grid, 'start')}
          parts={findings.map(({ cause, counts }) => ({ id: cause, name: cause, values: counts }))}
          format={formatWhole}
          emptyText="Nothing was found"
        />
      )}
      {cacheHits > 0 && (
        <LineChart
          title="Answers from the cache"
          unit={`${formatPercent(Math.min(1, cacheHits / Math.max(1, requests)))} of requests`}
          {...axis}
          times={times}
          series={[{ id: 'hits', name: 'hits', values: hitRates(series) }]}
          format={formatPercent}
          emptyText="No request was answered from the cache"
        />
      )}
      {notFinite > 0 && (
        <StackChart
          title="Answers with NaN or infinity"
          {...axis}
          times={timesOf(grid, 'start')}
          parts={[{ id: 'nan', name: 'answers', values: series.notFinite }]}
          format={formatWhole}
          emptyText="None"
        />
      )}
      <LineChart
        title="Accuracy"
        unit={labelled > 0 ? `n = ${formatCount(labelled)} labelled, 95 % interval` : ''}
        {...axis}
        times={times}
        series={accuracySeries(series)}
        format={formatPercent}
        isFromZero={false}
        emptyText="No labelled predictions in this period"
      />
    </>
  )
}

/** Share of the requests of each bucket that the cache answered. */
function hitRates({ cacheHits, requests }: TelemetrySeries): (number | null)[] {
  return requests.map((count, i) => (count === null || count === 0 ? null : Math.min(1, (cacheHits[i] ?? 0) / count)))
}
