import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { wilsonInterval, wilsonOfShare } from '../../../shared/stats/proportion-interval.ts'
import { mergeQuality, type QualityState } from '../../../shared/stats/quality/quality-state.ts'
import { addWeighted, emptyWeightedProportion, weightedProportion } from '../../../shared/stats/quality/weighted-proportion.ts'
import { regressionScores } from '../../../shared/stats/regression.ts'
import { qualityOfRows } from './desk-quality.ts'
import type { DeskContext, LabellingScope } from './desk-context.ts'
import { isRight, populationOf, type Population } from './population.ts'
import { cellOf, LEAST_COVERED } from './strata.ts'

type Progress = ResultOf<'labelling.progress'>

/** Labels of a scope and what they say. @param population if it is there already */
export function progressOf(context: DeskContext, scope: LabellingScope, population: Population = populationOf(context, scope)): Progress {
  const { targetHalfWidth } = context.settings()
  const quality = qualityOf(context, scope, population)
  const weighted = weightedOf(population)
  const interval = wilsonInterval(quality.right, quality.classified)
  const accuracy = interval === null ? null : { value: quality.right / quality.classified, ...interval, rows: quality.classified }
  const best = weighted.figure ?? (accuracy === null ? null : { ...accuracy, effectiveRows: accuracy.rows })
  return {
    labelled: population.settled.length,
    open: population.open.length,
    disputed: population.disputed,
    skipped: population.skipped,
    accuracy,
    weighted: weighted.figure,
    weightedMissing: weighted.missing,
    mae: regressionScores(quality.regression).mae,
    target: { halfWidth: targetHalfWidth, rowsToGo: best === null ? null : rowsToGo(best, population.settled.length, targetHalfWidth) },
  }
}

/** Labels of the desk and of feedback together; every row counts once. */
function qualityOf(context: DeskContext, scope: LabellingScope, { settled, factors }: Population): QualityState {
  const slice = {
    devices: scope.devices === null ? null : [...scope.devices],
    deployment: scope.deployment,
    digests: scope.bundles,
    from: 0,
    through: Number.MAX_SAFE_INTEGER,
  }
  const feedback = context.feedback.quality(slice, { bucketMs: null, by: 'all' })
  return feedback.map(({ state }) => state).reduce(mergeQuality, qualityOfRows(settled, factors))
}

/** The share of right rows among all requests, or why there is none. */
function weightedOf({ settled, factors }: Population): { figure: Progress['weighted']; missing: string | null } {
  const sums = emptyWeightedProportion()
  for (const row of settled) {
    const cell = cellOf(row)
    const right = isRight(row)
    if (cell !== null && right !== null) addWeighted(sums, right, row.weight * factors.of(cell))
  }
  const estimate = weightedProportion(sums)
  if (estimate === null || factors.covered === null) return { figure: null, missing: 'No sampled row has a label yet.' }
  if (factors.covered < LEAST_COVERED) {
    const missing = factors.missing.map(
      ({ reason, share }) => `${reasonWords[reason] ?? reason} (${Math.round(share * 100)} % of the requests)`,
    )
    return { figure: null, missing: `No label yet among ${missing.join(', ')}.` }
  }
  const { share, low, high, effectiveRows } = estimate
  return { figure: { value: share, low, high, effectiveRows }, missing: null }
}

/** From fewer labels the share says too little to reckon with: one wrong row of one would be a model that is never right. */
const LEAST_LABELLED = 10

const reasonWords: Record<string, string> = {
  random: 'the random samples',
  'low-confidence': 'the samples of low confidence',
  outlier: 'the outliers',
}

/**
 * Labels that are missing until the interval is so narrow, if the share stays what it is: the smallest number of effective rows whose
 * Wilson interval is, over how much a label has been worth so far.
 */
function rowsToGo(
  now: { value: number; low: number; high: number; effectiveRows: number },
  labelled: number,
  halfWidth: number,
): number | null {
  if (labelled < LEAST_LABELLED || now.effectiveRows <= 0 || halfWidth <= 0) return null
  const isEnough = (rows: number): boolean => {
    const { low, high } = wilsonOfShare(now.value, rows)
    return (high - low) / 2 <= halfWidth
  }
  let [few, many] = [now.effectiveRows, now.effectiveRows]
  if (isEnough(few)) return 0
  while (!isEnough(many)) many *= 2
  while (many - few > 0.5) {
    const middle = (few + many) / 2
    if (isEnough(middle)) many = middle
    else few = middle
  }
  return Math.max(1, Math.ceil((many - now.effectiveRows) * Math.max(1, labelled / now.effectiveRows)))
}
