import { alertMetrics, type AlertMetric } from '../../../../shared/domain/alert.ts'
import { percent, subjectWords, type RuleOf } from './look.ts'
import { evidenceOf, type Reading } from './reading.ts'

/** What was measured, and on how much. */
export interface Measured {
  value: number | null
  n: number
  low?: number | null
  high?: number | null
}

/** The reading of a measured value against the threshold of a rule. */
export function readingOf(
  rule: RuleOf<'threshold'>,
  of: { subject: Reading['subject']; measured: Measured; from: number; through: number; decides?: number | null },
): Reading {
  const { metric, is, value: threshold } = rule.condition
  const { subject, measured, from, through } = of
  const { unit } = alertMetrics[metric]
  const decides = of.decides === undefined ? measured.value : of.decides
  const isMet = decides !== null && (is === 'above' ? decides > threshold : decides < threshold)
  const shown = measured.value === null ? 'unknown' : valueText(measured.value, unit)
  const interval =
    measured.low == null || measured.high == null
      ? ''
      : ` (95 % interval ${valueText(measured.low, unit)} to ${valueText(measured.high, unit)})`
  return {
    subject,
    state: decides === null ? 'insufficient data' : isMet ? 'met' : 'clear',
    sentence: `${subjectWords(subject)}: ${metricWords[metric]} is ${shown}${interval}, ${is} ${valueText(threshold, unit)} is the limit; n = ${Math.round(measured.n)}.`,
    evidence: evidenceOf(unit, {
      value: measured.value,
      threshold,
      n: measured.n,
      low: measured.low ?? null,
      high: measured.high ?? null,
      from,
      through,
    }),
  }
}

const metricWords: Record<AlertMetric, string> = {
  'latency-p50': 'the median latency',
  'latency-p95': 'the 95th percentile of the latency',
  'latency-p99': 'the 99th percentile of the latency',
  'error-rate': 'the share of failed requests',
  'not-finite-rate': 'the share of answers with NaN or infinity',
  'finding-rate': 'the share of requests with a finding',
  throughput: 'the throughput',
  requests: 'the number of requests',
  'cpu-cores': 'the CPU in use',
  'memory-free': 'the free memory',
  'agent-memory': 'the memory of the agent',
  'disk-free': 'the free disk space',
  temperature: 'the temperature',
  'spool-records': 'the number of waiting records',
  accuracy: 'the measured accuracy',
  mae: 'the mean absolute error',
  'label-coverage': 'the share of predictions with a known truth',
}

function valueText(value: number, unit: string): string {
  if (unit === 'share') return percent(value)
  if (unit === 'bytes') return `${(value / 1024 ** 2).toFixed(0)} MiB`
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 1 ? 1 : 3
  return unit === 'value' ? value.toFixed(digits) : `${value.toFixed(digits)} ${unit}`
}
