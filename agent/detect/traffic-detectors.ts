import type { WindowBody } from '../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import type { Proportion } from '../../shared/stats/proportion-interval.ts'
import { bernoulliCusumRule } from '../../shared/stats/sequential/bernoulli-cusum.ts'
import type { DetectorName, DetectorState } from './detector-state.ts'
import { addWindow, type RateAlarm, type RateState } from './rate-detector.ts'

/** An alarm with what it is about. */
export interface Alarm extends RateAlarm {
  detector: DetectorName
  feature: string | null
}

/** The first so many samples of a device, and so many windows, are its baseline: a burst of the first second is none. */
export const LEAST_SAMPLES = 1000
const LEAST_WINDOWS = 10
/** A request is slow beyond so many times the 95th percentile of the baseline: a busy minute is no change. */
const SLOW_FACTOR = 1.5
const SLOW_QUANTILE = 0.95
/** Requests of one window depend on each other: it counts as so many at most. */
const MOST_PER_WINDOW = { errors: 1000, latency: 100 } as const

/** Looks at a closed window of traffic. @param between requests between two false alarms */
export function watchTraffic(state: DetectorState, body: WindowBody, between: number): Alarm[] {
  const failed = Object.values(body.errors).reduce((sum, count) => sum + count, 0)
  if (body.requests === 0 || failed > body.requests) return []
  const at = body.endedAt
  return [
    watchErrors(state.errors, { bad: failed, trials: body.requests, at }, between),
    watchLatency(state.latency, body, between),
  ].flatMap((alarm, i) =>
    alarm === null ? [] : [{ ...alarm, detector: i === 0 ? ('errors' as const) : ('latency' as const), feature: null }],
  )
}

function watchErrors(state: DetectorState['errors'], of: { bad: number; trials: number; at: number }, between: number): RateAlarm | null {
  if (state.trials >= LEAST_SAMPLES && state.windows >= LEAST_WINDOWS) return judge(state, of, { most: MOST_PER_WINDOW.errors, between })
  state.windows += 1
  state.trials += of.trials
  state.successes += of.bad
  return null
}

function watchLatency(state: DetectorState['latency'], body: WindowBody, between: number): RateAlarm | null {
  const sketch = LatencySketch.fromState(body.latencyMs)
  if (sketch.count === 0) return null
  if (state.known !== null) {
    const of = { bad: sketch.countAbove(state.known.limitMs), trials: sketch.count, at: body.endedAt }
    return judge({ ...state.known, rate: state.rate }, of, { most: MOST_PER_WINDOW.latency, between })
  }
  const learned = state.learning === null ? LatencySketch.empty(sketch.accuracy) : LatencySketch.fromState(state.learning)
  if (learned.accuracy !== sketch.accuracy) return null
  learned.merge(sketch)
  state.windows += 1
  state.learning = learned.state()
  if (learned.count < LEAST_SAMPLES || state.windows < LEAST_WINDOWS) return null
  const limitMs = SLOW_FACTOR * (learned.quantile(SLOW_QUANTILE) ?? 0)
  state.known = { limitMs, successes: learned.countAbove(limitMs), trials: learned.count }
  state.learning = null
  return null
}

/** Counts a window against a baseline, as at most so many samples. */
export function judge(
  { successes, trials, rate }: Proportion & { rate: RateState },
  of: { bad: number; trials: number; at: number },
  how: { most: number; between: number },
): RateAlarm | null {
  const rule = bernoulliCusumRule({ successes, trials }, how.between)
  return rule === null ? null : addWindow(rate, rule, scaled(of, Math.min(1, how.most / of.trials)))
}

/** A window as a share of its samples, whole ones. */
export function scaled(
  { bad, trials, at }: { bad: number; trials: number; at: number },
  share: number,
): { bad: number; trials: number; at: number } {
  const fewer = Math.round(trials * share)
  return { bad: Math.min(fewer, Math.round(bad * share)), trials: fewer, at }
}
