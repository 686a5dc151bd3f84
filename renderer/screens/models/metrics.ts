import { formatNumber, formatPercent } from '../../components/format.ts'

type Metrics = Readonly<Record<string, number | null>>
/** An interval of one metric, as an evaluation carries it. */
export interface MetricInterval {
  metric: string
  low: number
  high: number
  level: number
}

interface MetricKind {
  name: string
  isShare?: boolean
  hint: string
}

/** The field's terms in words. `isShare`: read as percent. */
const kinds: Record<string, MetricKind> = {
  accuracy: { name: 'accuracy', isShare: true, hint: 'Share of the rows whose class was right.' },
  balancedAccuracy: { name: 'balanced accuracy', isShare: true, hint: 'Mean over the classes of the share that was right.' },
  macroF1: { name: 'macro F1', hint: 'Mean over the classes of F1, each class counting the same.' },
  weightedF1: { name: 'weighted F1', hint: 'Mean over the classes of F1, weighted by their rows.' },
  mcc: { name: 'MCC', hint: 'Matthews correlation: 1 is perfect, 0 is chance.' },
  kappa: { name: "Cohen's kappa", hint: 'Agreement beyond chance: 1 is perfect, 0 is chance.' },
  logLoss: { name: 'log loss', hint: 'How surprised the probabilities are by the truth; lower is better.' },
  mae: { name: 'MAE', hint: 'Mean absolute error, in the unit of the target.' },
  rmse: { name: 'RMSE', hint: 'Root of the mean squared error, in the unit of the target.' },
  r2: { name: 'R²', hint: 'Share of the spread of the target that is explained.' },
  bias: { name: 'bias', hint: 'Mean of prediction minus truth; 0 is best.' },
  mape: { name: 'MAPE', isShare: true, hint: 'Mean of the error as a share of the true value.' },
}

/** A metric in words; what nobody here knows keeps its key. */
export function metricName(metric: string): string {
  return (Object.hasOwn(kinds, metric) ? kinds[metric]?.name : undefined) ?? metric
}

/** One sentence on what a metric says; empty for one that came with a bundle. */
export function metricHint(metric: string): string {
  return (Object.hasOwn(kinds, metric) ? kinds[metric]?.hint : undefined) ?? ''
}

function isShare(metric: string): boolean {
  return Object.hasOwn(kinds, metric) && kinds[metric]?.isShare === true
}

/** A value of a metric with its unit. */
export function formatMetric(metric: string, value: number | null): string {
  if (value === null) return 'undefined'
  return isShare(metric) ? formatPercent(value, 1) : withMinus(formatNumber(value, 4))
}

/** A difference with its sign; of shares in percentage points. */
export function formatDifference(metric: string, difference: number | null): string {
  if (difference === null) return ''
  const text = isShare(metric) ? `${(difference * 100).toFixed(1)} pp` : formatNumber(difference, 3)
  if (difference === 0 || /^-?0(\.0+)?( |$)/.test(text)) return `±${text.replace('-', '')}`
  return difference > 0 ? `+${text}` : withMinus(text)
}

/** Both ends of an interval in the unit of its metric, the unit written once: 94.4–97.9 %. */
export function formatInterval({ metric, low, high }: Pick<MetricInterval, 'metric' | 'low' | 'high'>): string {
  if (!isShare(metric)) return `${withMinus(formatNumber(low, 3))} to ${withMinus(formatNumber(high, 3))}`
  return `${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)} %`
}

/** The ends of an interval of a difference, with signs. */
export function formatDifferenceInterval(metric: string, { low, high }: { low: number; high: number }): string {
  return `${formatDifference(metric, low).replace(' pp', '')} to ${formatDifference(metric, high)}`
}

function withMinus(text: string): string {
  return text.replace('-', '−')
}

/** Metrics in the order of what people ask first. */
const order = Object.keys(kinds)
const firstAsked: Record<string, readonly string[]> = {
  classification: ['accuracy', 'macroF1'],
  regression: ['rmse', 'mae', 'r2'],
}

/** Names of metrics, the known ones first in a fixed order. */
export function orderMetrics(metrics: readonly string[]): string[] {
  const place = (metric: string): number => (order.includes(metric) ? order.indexOf(metric) : order.length)
  return [...metrics].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
}

export interface KeyMetric {
  metric: string
  value: number
  interval: MetricInterval | null
}

/** The one metric that stands for a version in a list; `null` without an evaluation. */
export function keyMetricOf(version: { task: string; metrics: Metrics; interval?: MetricInterval | null }): KeyMetric | null {
  const wanted = [...(firstAsked[version.task] ?? []), ...orderMetrics(Object.keys(version.metrics))]
  const metric = wanted.find((name) => version.metrics[name] !== undefined && version.metrics[name] !== null)
  if (metric === undefined) return null
  const { interval = null } = version
  return { metric, value: version.metrics[metric]!, interval: interval?.metric === metric ? interval : null }
}

/** True where more of the metric is better. */
export function isHigherBetter(metric: string): boolean {
  return !['logLoss', 'mae', 'rmse', 'mape', 'bias'].includes(metric)
}
