import {
  alertMetrics,
  trustAlarms,
  type AlertCondition,
  type AlertConditionKind,
  type AlertMetric,
  type AlertRule,
} from '../../../shared/domain/alert.ts'
import { formatNumber, formatPercent } from '../../components/format.ts'
import { lengthText } from './length-text.ts'
import { measureText, referenceWords } from './alert-words.ts'

/** Kinds of condition, and what each looks for. */
export const kindWords: Record<AlertConditionKind, { title: string; summary: string }> = {
  threshold: { title: 'Threshold', summary: 'A metric is above or below a value.' },
  drift: { title: 'Drift', summary: 'What the model gets or answers differs from a reference: effect, evidence and persistence together.' },
  'data-quality': { title: 'Data quality', summary: 'More values are missing, out of range or unknown than in the reference.' },
  absence: { title: 'Absence', summary: 'Something that was there has stopped: connection, telemetry, requests.' },
  budget: { title: 'Error budget', summary: 'Errors use up the budget of the period much faster than even.' },
  detector: { title: 'Detector', summary: 'A detector on a device has told of a change.' },
  trust: { title: 'Trust', summary: 'What must never be, whatever the numbers say: the audit log was rolled back.' },
  quality: { title: 'Quality', summary: 'Measured accuracy has fallen, and the interval excludes that it has not.' },
}

/** Names of metrics as a person reads them. */
export const metricWords: Record<AlertMetric, string> = {
  'latency-p50': 'Latency p50',
  'latency-p95': 'Latency p95',
  'latency-p99': 'Latency p99',
  'error-rate': 'Error rate',
  'not-finite-rate': 'Answers with NaN or infinity',
  'finding-rate': 'Requests with a finding',
  throughput: 'Throughput',
  requests: 'Requests',
  'cpu-cores': 'CPU',
  'memory-free': 'Free memory',
  'agent-memory': 'Memory of the agent',
  'disk-free': 'Free disk',
  temperature: 'Temperature',
  'spool-records': 'Records waiting on the device',
  accuracy: 'Accuracy, measured',
  mae: 'Mean absolute error, measured',
  'label-coverage': 'Predictions with a known truth',
}

/** Causes of bad data, in words. */
export const causeWords = {
  missing: 'missing',
  'wrong-type': 'of a wrong type',
  infinite: 'infinite',
  'out-of-range': 'out of range',
  outlier: 'outliers',
  unseen: 'unseen categories',
} as const

/** What can be absent, in words. */
export const absenceWords = { connection: 'Connection', telemetry: 'Telemetry', inference: 'Requests' } as const

/** What can be judged for drift, in words. */
export const roleWords = { feature: 'features', outcome: 'predictions', confidence: 'confidence' } as const

/** A condition in one line. */
export function conditionText(condition: AlertCondition): string {
  switch (condition.kind) {
    case 'threshold': {
      const { metric, is, value, overMs } = condition
      return `${metricWords[metric]} ${is} ${measureText(value, alertMetrics[metric].unit)}, over ${lengthText(overMs)}`
    }
    case 'drift': {
      const roles = condition.roles.length === 3 ? 'everything' : condition.roles.map((role) => roleWords[role]).join(' and ')
      return `Drift of ${roles} against ${referenceWords[condition.reference]}, at ${condition.level}`
    }
    case 'data-quality': {
      const { causes } = condition
      return causes.length === 6 ? 'Bad values of any cause' : `Values ${causes.map((cause) => causeWords[cause]).join(', ')}`
    }
    case 'absence':
      return `${absenceWords[condition.of]} absent for ${lengthText(condition.forMs)}`
    case 'budget': {
      const { objective, burn, longMs } = condition
      return `Errors beyond ${formatPercent(1 - objective, 2)} burn ${formatNumber(burn)} times too fast, over ${lengthText(longMs)}`
    }
    case 'trust':
      return condition.of.map((alarm) => trustAlarms[alarm].replace(/\.$/, '')).join('; ')
    case 'detector':
      return condition.detectors.length === 0 ? 'Any detector on a device' : `Detectors ${condition.detectors.join(', ')}`
    case 'quality':
      return `Accuracy ${formatPercent(condition.drop)} below the reference, ${condition.leastLabels} labels or more`
  }
}

/** Where a rule looks, in one line. */
export function placeText({ query, deployment }: Pick<AlertRule, 'query' | 'deployment'>): string {
  return `${query === '' ? 'all devices' : query}${deployment === null ? '' : `, deployment ${deployment}`}`
}
