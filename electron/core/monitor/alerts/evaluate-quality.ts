import type { AlertMetric } from '../../../../shared/domain/alert.ts'
import { confidenceSequence, defaultSequenceRule } from '../../../../shared/stats/canary/confidence-sequence.ts'
import { duration } from '../../devices/why.ts'
import type { QualityAnswer } from '../monitor.ts'
import { percent, subjectWords, type Look, type RuleOf, type Sight } from './look.ts'
import { readingOf } from './metric-reading.ts'
import { evidenceOf, type Reading } from './reading.ts'
import { askedOf, slicesOf, type JudgedSlice } from './slices.ts'

/** Labels come slowly. */
const EVERY_MS = 60_000

/** Judges measured accuracy against that on the reference rows. */
export function qualityLooks(rule: RuleOf<'quality'>, sight: Sight): Look[] {
  const everyMs = Math.max(1000, Math.min(EVERY_MS, rule.condition.overMs / 60))
  return slicesOf(rule, sight).map((slice) => ({
    key: slice.key,
    everyMs,
    see: (now) => ({ readings: [dropReading(rule, { slice, sight: now })] }),
  }))
}

/**
 * The share of right answers that is judged: where the desk chose what to label, the weighted one, because people label what is doubtful; else the
 * labels that came with the use.
 */
function judgedAccuracy({ accuracy, weighted, sources }: QualityAnswer): QualityAnswer['accuracy'] {
  return sources.desk > 0 ? weighted : accuracy
}

function dropReading(rule: RuleOf<'quality'>, { slice, sight }: { slice: JudgedSlice; sight: Sight }): Reading {
  const { drop, overMs, leastLabels } = rule.condition
  const from = sight.now - overMs
  const answer = sight.monitor.quality({ ...askedOf(slice, sight.now), from })
  const { value, n, low, high, state } = judgedAccuracy(answer)
  const base = answer.reference
  const who = subjectWords(slice.subject)
  const facts = {
    n,
    low,
    high,
    value,
    m: base?.rows ?? null,
    from,
    through: sight.now,
    reference: base === null ? null : `${base.from} rows`,
  }
  const expected = base?.accuracy ?? null
  const evidence = evidenceOf('share', { ...facts, threshold: expected === null ? null : Math.max(0, expected - drop) })
  const unknown = (why: string): Reading => ({
    ...{ subject: slice.subject, state: 'insufficient data', sentence: `${who}: nothing can be said of its accuracy: ${why}`, evidence },
  })
  if (base === null || expected === null) return unknown('its accuracy on reference rows is not known.')
  if (value === null || n < leastLabels || state === 'inconclusive')
    return unknown(`${Math.floor(n)} labels of ${duration(overMs)} count, ${leastLabels} are needed.`)
  const difference = value - expected
  const standardError = Math.sqrt((value * (1 - value)) / n + (expected * (1 - expected)) / Math.max(1, base.rows))
  const sequence = confidenceSequence(difference, standardError, n, { ...defaultSequenceRule, alpha: sight.thresholds.qualityAlpha })
  const isFallen = difference <= -drop && sequence !== null && difference + sequence.halfWidth < 0
  const isOver = difference > -HYSTERESIS * drop
  return {
    subject: slice.subject,
    state: isFallen ? 'met' : isOver ? 'clear' : 'easing',
    sentence: `${who}: accuracy measured with ${Math.floor(n)} labels is ${percent(value)} (95 % interval ${percent(low ?? 0)} to ${percent(high ?? 1)}), on ${base.rows} reference rows it was ${percent(expected)}; a fall of ${percent(drop)} matters.`,
    evidence: { ...evidence, p: sequence?.p ?? null },
  }
}

/** Values below which a mean error is chance. */
const LEAST_LABELS = 20
/** What fell is over again below this share of the drop. */
const HYSTERESIS = 0.8

/** Compares measured quality with a value that a person set; the bound of the interval that speaks for the rule decides. */
export function qualityMetricLooks(rule: RuleOf<'threshold'>, sight: Sight): Look[] {
  const { metric, is, overMs } = rule.condition
  return slicesOf(rule, sight).map((slice) => ({
    key: slice.key,
    everyMs: EVERY_MS,
    see(now) {
      const from = now.now - overMs
      const answer = now.monitor.quality({ ...askedOf(slice, now.now), from })
      const { measured, decides } = measuredOf(answer, metric, is)
      return { readings: [readingOf(rule, { subject: slice.subject, measured, from, through: now.now, decides })] }
    },
  }))
}

interface Decision {
  measured: { value: number | null; n: number; low: number | null; high: number | null }
  /** What is compared; null: too little is known. */
  decides: number | null
}

function measuredOf(answer: QualityAnswer, metric: AlertMetric, is: 'above' | 'below'): Decision {
  if (metric === 'mae') {
    const value = answer.regression?.mae ?? null
    return { measured: { value, n: answer.labelled, low: null, high: null }, decides: answer.labelled < LEAST_LABELS ? null : value }
  }
  if (metric === 'label-coverage') {
    const measured = { value: answer.coverage, n: answer.labelled, low: null, high: null }
    return { measured, decides: answer.coverage }
  }
  const figure = judgedAccuracy(answer)
  return { measured: figure, decides: figure.state === 'measured' ? (is === 'above' ? figure.low : figure.high) : null }
}
