import type { EvaluationRecord } from '../../../shared/rpc/contract/models.ts'
import type { RowOutcome } from '../../../shared/inference/outcome.ts'
import { addPrediction, classificationScores, emptyConfusion, emptyCounts } from '../../../shared/stats/classification.ts'
import { addLogLoss, logLoss, type LogLossSum } from '../../../shared/stats/log-loss.ts'
import { wilsonInterval } from '../../../shared/stats/proportion-interval.ts'
import { addRegression, emptyRegression, regressionScores } from '../../../shared/stats/regression.ts'

/** Metrics of a run over labelled rows, in the form of the evaluation record. */
export type Scores = Pick<EvaluationRecord, 'metrics' | 'confusion' | 'interval'>

/** Adds up what a model said against what is true; the truth is a class index or a value. */
export interface Scorer {
  add(outcome: RowOutcome, truth: number, probabilities: readonly number[] | null): void
  scores(): Scores
}

/** A matrix of more classes than this is not kept; the scores need only its diagonal and margins. */
const MATRIX_CLASSES = 100
const LEVEL = 0.95

/** Scores predicted classes against `classes` declared ones. */
export function classScorer(classes: number): Scorer {
  const counts = emptyCounts(classes)
  const confusion = classes <= MATRIX_CLASSES ? emptyConfusion(classes) : null
  const loss: LogLossSum = { rows: 0, total: 0 }
  let rows = 0
  let right = 0
  return {
    add(outcome, truth, probabilities) {
      if (outcome.kind !== 'class') return
      rows += 1
      if (outcome.index === truth) right += 1
      addPrediction(counts, truth, outcome.index)
      if (confusion !== null) confusion[truth]![outcome.index]! += 1
      if (probabilities !== null) addLogLoss(loss, probabilities, truth)
    },
    scores() {
      const { accuracy, macroF1, weightedF1, balancedAccuracy, mcc, kappa } = classificationScores(counts)
      const interval = wilsonInterval(right, rows, LEVEL)
      return {
        // A loss over some of the rows would compare with nothing.
        metrics: { accuracy, macroF1, weightedF1, balancedAccuracy, mcc, kappa, logLoss: loss.rows === rows ? logLoss(loss) : null },
        confusion,
        interval: interval === null ? null : { metric: 'accuracy', ...interval, level: LEVEL },
      }
    },
  }
}

/** Scores predicted values. */
export function valueScorer(): Scorer {
  const sums = emptyRegression()
  return {
    add(outcome, truth) {
      if (outcome.kind === 'value') addRegression(sums, truth, outcome.value)
    },
    scores() {
      const { mae, rmse, r2, bias, mape } = regressionScores(sums)
      return { metrics: { mae, rmse, r2, bias, mape }, confusion: null, interval: null }
    },
  }
}
