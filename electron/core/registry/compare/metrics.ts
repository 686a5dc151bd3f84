import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { EvaluationRecord } from '../../../../shared/rpc/contract/models.ts'
import { newcombeInterval, type Proportion } from '../../../../shared/stats/proportion-interval.ts'

type Compared = ResultOf<'models.compare'>['metrics'][number]

const LEVEL = 0.95

/** Which way a metric is better; one that is not here has no better side. */
const better: Readonly<Record<string, 'higher' | 'lower'>> = {
  ...{ accuracy: 'higher', macroF1: 'higher', weightedF1: 'higher', balancedAccuracy: 'higher', mcc: 'higher', kappa: 'higher' },
  ...{ r2: 'higher', logLoss: 'lower', mae: 'lower', rmse: 'lower', mape: 'lower' },
}

/** Metrics whose difference gets an interval. */
export const metricsWithInterval: ReadonlySet<string> = new Set(['accuracy'])

/** The two evaluations to compare: the newest pair on the same rows, else the newest of each. */
export function pairOf(
  left: readonly EvaluationRecord[],
  right: readonly EvaluationRecord[],
): { left: EvaluationRecord | null; right: EvaluationRecord | null; sameRows: boolean } {
  for (const one of left) {
    const other = right.find(({ datasetSha256 }) => datasetSha256 === one.datasetSha256)
    if (other !== undefined) return { left: one, right: other, sameRows: true }
  }
  return { left: left[0] ?? null, right: right[0] ?? null, sameRows: false }
}

/** Every metric that one of the two has, side by side. */
export function compareMetrics({ left, right, sameRows }: ReturnType<typeof pairOf>): Compared[] {
  const names = [...new Set([...Object.keys(left?.metrics ?? {}), ...Object.keys(right?.metrics ?? {})])]
  return names.map((metric) => {
    const [a, b] = [valueOf(left, metric), valueOf(right, metric)]
    const direction = Object.hasOwn(better, metric) ? better[metric]! : null
    const difference = a === null || b === null ? null : b - a
    const interval = metricsWithInterval.has(metric) && difference !== null ? accuracyInterval(left!, right!) : null
    return {
      ...{ metric, better: direction, left: a, right: b, difference, interval },
      verdict: verdictOf(direction, difference, interval),
      note: noteOf({ metric, difference, hasInterval: interval !== null, sameRows }),
    }
  })
}

function valueOf(of: EvaluationRecord | null, metric: string): number | null {
  return of !== null && Object.hasOwn(of.metrics, metric) ? (of.metrics[metric] ?? null) : null
}

function accuracyInterval(left: EvaluationRecord, right: EvaluationRecord): Compared['interval'] {
  const interval = newcombeInterval(rightAnswers(left), rightAnswers(right), LEVEL)
  return interval === null ? null : { ...interval, level: LEVEL, method: 'Newcombe' }
}

function rightAnswers({ rows, metrics, confusion }: EvaluationRecord): Proportion {
  const counted = confusion?.reduce((sum, row, i) => sum + (row[i] ?? 0), 0)
  return { successes: counted ?? Math.round((metrics['accuracy'] ?? 0) * rows), trials: rows }
}

/** A difference without an interval may be chance: it decides nothing. */
function verdictOf(direction: 'higher' | 'lower' | null, difference: number | null, interval: Compared['interval']): Compared['verdict'] {
  if (direction === null || difference === null) return null
  if (difference === 0) return 'same'
  if (interval === null || (interval.low <= 0 && interval.high >= 0)) return 'unsure'
  return difference > 0 === (direction === 'higher') ? 'right' : 'left'
}

function noteOf(of: { metric: string; difference: number | null; hasInterval: boolean; sameRows: boolean }): string {
  if (of.difference === null) return 'One of the two has no value.'
  const rows = of.sameRows ? '' : 'The two were evaluated on different rows: part of the difference may be the rows. '
  if (!of.hasInterval) return `${rows}No interval: the results of single rows are not stored.`
  if (!of.sameRows) return `${rows}The interval is that of two independent samples.`
  return 'Both were asked the same rows, but which rows each got right is not stored. The interval is that of two independent samples, wider than that of pairs.'
}
