import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { LatencySketch } from '../../../shared/stats/latency-sketch.ts'
import { wilsonInterval } from '../../../shared/stats/proportion-interval.ts'
import type { MinuteSum } from '../store/telemetry/fleet-series.ts'
import type { Grid } from '../store/telemetry/grid.ts'
import { addCounts, MINUTE_MS, minuteOf } from '../store/telemetry/minute-sums.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'

type Figures = ResultOf<'overview.show'>['figures']
type Figure = Figures['accuracy']

/** Minutes of the sparkline, and of the period that a value is compared with. */
const HOUR = 60
/** A live figure is of the last minutes: long enough for a p95, short enough to see trouble in it. */
const LIVE = 10

/** What is measured over some minutes; null: nothing was. */
interface Measure {
  value: number | null
  low: number | null
  high: number | null
  samples: number
}

/** Sums of a span of minutes, and how many seconds of it were measured. */
type Measurement = (minutes: readonly (MinuteSum | undefined)[], secondsOf: (minute: number) => number) => Measure

/** The live figures of the fleet from its sums per minute. */
export function figuresOf(telemetry: Pick<TelemetryQueries, 'fleetMinutes'>, now: number): Figures {
  // Accuracy needs two hours, the others one and the live minutes.
  const count = 2 * HOUR
  const through = (minuteOf(now) + 1) * MINUTE_MS
  const grid: Grid = { from: through - count * MINUTE_MS, bucketMs: MINUTE_MS, buckets: count, through }
  const sums = telemetry.fleetMinutes(grid)
  // The newest minute is not over: a rate divides by what has passed of it.
  const elapsed = Math.max(1, (now - (through - MINUTE_MS)) / 1000)
  const measured = (measure: Measurement, from: number, to: number): Measure =>
    measure(sums.slice(from, to), (minute) => (from + minute === count - 1 ? elapsed : 60))
  const figure = (length: number, measure: Measurement): Figure => {
    const value = measured(measure, count - length, count)
    const before = measured(measure, count - length - HOUR, count - length).value
    return {
      ...value,
      before,
      change: value.value === null || before === null ? null : value.value - before,
      periodMs: length * MINUTE_MS,
      beforeMs: HOUR * MINUTE_MS,
      sparkline: Array.from({ length: HOUR }, (_, i) => measured(measure, count - HOUR + i, count - HOUR + i + 1).value),
    }
  }
  return {
    requestsPerSecond: figure(LIVE, rate),
    errorRate: figure(LIVE, (minutes) => share(minutes, ({ errors, requests }) => [errors, requests])),
    p95Ms: figure(LIVE, latency),
    accuracy: figure(HOUR, (minutes) => share(minutes, ({ correct, classified }) => [correct, classified])),
  }
}

/** Requests per second of the minutes in which anything was measured: a gap is not a rate of zero. */
const rate: Measurement = (minutes, secondsOf) => {
  let [requests, seconds] = [0, 0]
  for (const [i, minute] of minutes.entries()) {
    if (minute === undefined || !minute.hasTraffic) continue
    requests = addCounts(requests, minute.requests)
    seconds += secondsOf(i)
  }
  return { value: seconds === 0 ? null : requests / seconds, low: null, high: null, samples: requests }
}

const latency: Measurement = (minutes) => {
  const sketch = LatencySketch.empty()
  for (const minute of minutes) if (minute !== undefined) sketch.merge(minute.sketch)
  return { value: sketch.quantile(0.95), low: null, high: null, samples: Math.min(sketch.count, Number.MAX_SAFE_INTEGER) }
}

/** A proportion with its Wilson interval at 95 %. */
function share(minutes: readonly (MinuteSum | undefined)[], read: (minute: MinuteSum) => [part: number, whole: number]): Measure {
  let [part, whole] = [0, 0]
  for (const minute of minutes) {
    if (minute === undefined) continue
    const [more, of] = read(minute)
    part = addCounts(part, more)
    whole = addCounts(whole, of)
  }
  // A failed request may be told by a device in one window and counted in another: a share is never more than all.
  part = Math.min(part, whole)
  const interval = wilsonInterval(part, whole)
  return { value: whole === 0 ? null : part / whole, low: interval?.low ?? null, high: interval?.high ?? null, samples: whole }
}
