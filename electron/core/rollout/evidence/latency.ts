import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import type { RateCell, RateWindow } from '../../../../shared/stats/canary/design-effect.ts'
import type { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import type { Look, MetricRule } from './evidence-parts.ts'
import { figure } from './figures.ts'
import { noteOf } from './note.ts'
import { rateEvidence, type RateQuestion } from './rate-evidence.ts'
import { runTimesOf } from './run-times.ts'
import { ownPast } from './own-past.ts'
import { afterWarmUp, mergedSketches } from './traffic.ts'

/**
 * Slow is what takes a tenth, and at least half a millisecond, longer than the 95th percentile of the incumbent. Latencies of small models lie in a
 * few bins of a sketch, so without some slack a version that is slower by one bin would be slower always; and what takes a fraction of a millisecond
 * is slower or faster by that much for what else the device does just then, which is no fault of a version and nobody's concern.
 */
const SLACK = 1.1
const LEAST_SLACK_MS = 0.5

/** Times of one device. */
interface Timed {
  device: string
  latency: LatencySketch
}

/** Slow ones of both sides, by a limit from the incumbent's times. */
interface Slow {
  windows: RateQuestion['windows']
  /** ms; null: the incumbent has no times. */
  limit: number | null
}

/** The share of slow answers, and of slow runs of a shadow, by limits from the incumbent's merged times. */
export function latencyEvidenceOf(look: Look, rule: MetricRule): MetricEvidence {
  const answers = slowOf(afterWarmUp(look.windows, look.question, look.scope))
  const runs = slowRuns(look)
  const limits = [
    ...(runs.limit === null ? [] : [`${figure(runs.limit)} ms of run time`]),
    ...(answers.limit === null ? [] : [`${figure(answers.limit)} ms`]),
  ]
  return rateEvidence({
    ...{ rule, relativeMargin: 0, areTotals: runs.limit !== null },
    windows: [...answers.windows, ...runs.windows],
    past: () => slowBefore(look),
    words: {
      title: 'Latency',
      events: `of the answers are ${limits.length === 0 ? 'slow' : `slower than ${limits.join(' or, serving, ')}`}`,
      ...{ trials: 'answers', note: noteOf(look) },
      ...missingOf(look),
    },
  })
}

/** A shadow stands beside its incumbent all the time, as one sum per device. */
function slowRuns({ question, shadows }: Look): Slow {
  const times = runTimesOf(shadows)
  const candidate = times.map(({ device, shadow }) => ({ device, latency: shadow }))
  const incumbent = times.map(({ device, active }) => ({ device, latency: active }))
  return slowOf(times.length === 0 ? [] : [{ at: question.from, candidate, incumbent }])
}

/** Answers of the one device of the version, by a limit from its own times with the incumbent. */
function slowBefore(look: Look): RateWindow | null {
  const windows = afterWarmUp(look.windows, look.question, look.scope).map((window) => ({
    ...window,
    candidate: window.candidate.filter(hasTimes),
    incumbent: window.incumbent.filter(hasTimes),
  }))
  const past = ownPast({ ...look, windows })
  return past === null ? null : (slowOf([{ at: look.question.from, ...past }]).windows[0] ?? null)
}

function slowOf(all: readonly { at: number; candidate: readonly Timed[]; incumbent: readonly Timed[] }[]): Slow {
  const windows = all.map(({ candidate, incumbent }) => ({ candidate: candidate.filter(hasTimes), incumbent: incumbent.filter(hasTimes) }))
  const incumbents = windows.filter(({ candidate }) => candidate.length > 0).flatMap(({ incumbent }) => incumbent)
  const p95 = mergedSketches(incumbents.map(({ latency }) => latency)).quantile(0.95)
  const limit = p95 === null ? null : Math.max(p95 * SLACK, p95 + LEAST_SLACK_MS)
  const cell = ({ device, latency }: Timed): RateCell => {
    return { device, trials: latency.count, events: limit === null ? 0 : latency.countAbove(limit) }
  }
  return { windows: windows.map(({ candidate, incumbent }) => ({ canary: candidate.map(cell), baseline: incumbent.map(cell) })), limit }
}

function missingOf({ shadows }: Look): { noCandidate: string; noIncumbent: string } {
  const isUntold = shadows.some(({ sums }) => sums.latency.count > 0) && runTimesOf(shadows).length === 0
  if (isUntold) {
    const untold = 'the agents beside the shadow tell no run time of the active bundle for the same requests'
    return { noCandidate: untold, noIncumbent: untold }
  }
  return {
    noCandidate: 'the version has answered nothing since it warmed up',
    noIncumbent: 'no device answered with the incumbent at the same time',
  }
}

function hasTimes({ latency }: Timed): boolean {
  return latency.count > 0
}
