import { addPrediction, classificationScores, emptyConfusion, emptyCounts } from '../../../../shared/stats/classification.ts'
import { wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import { averagedScores, type AveragedScores } from '../../../../shared/stats/quality/averages.ts'
import {
  addConfidence,
  emptyCalibration,
  expectedCalibrationError,
  maximumCalibrationError,
} from '../../../../shared/stats/quality/calibration.ts'
import { clopperPearsonInterval } from '../../../../shared/stats/quality/clopper-pearson.ts'
import {
  addExpectedConfusion,
  addExpectedOutcome,
  emptyExpectedConfusion,
  emptyExpectedOutcomes,
  estimatedClassScores,
  estimatedScores,
} from '../../../../shared/stats/quality/confidence-based.ts'
import { averagePrecision, groupByScore, rocAuc } from '../../../../shared/stats/quality/ranking.ts'
import { medianAbsoluteError, symmetricRelativeError } from '../../../../shared/stats/quality/regression-samples.ts'
import { addScore, emptyScoreBins, scoreGroups } from '../../../../shared/stats/quality/score-bins.ts'
import { addRegression, emptyRegression, regressionScores } from '../../../../shared/stats/regression.ts'
import { addMoment, emptyMoments } from '../../../../shared/stats/sketch/moments.ts'
import type { Json } from './oracle.ts'
import type { OracleFunction } from './oracle-functions.ts'

type Numbers = number[]

function classification(truth: Numbers, predicted: Numbers, classes: number): Record<string, unknown> {
  const [confusion, counts] = [emptyConfusion(classes), emptyCounts(classes)]
  for (const [i, one] of truth.entries()) {
    confusion[one]![predicted[i]!]! += 1
    addPrediction(counts, one, predicted[i]!)
  }
  const scores = classificationScores(counts)
  const averages: Record<string, AveragedScores> = averagedScores(counts)
  return {
    confusion_rows_true: confusion,
    accuracy: scores.accuracy,
    balanced_accuracy: scores.balancedAccuracy,
    mcc: scores.mcc,
    kappa: scores.kappa,
    macro: averages['macroAllLabels'],
    micro: averages['micro'],
    weighted: averages['weighted'],
    f1_per_class: scores.perClass.map(({ f1 }) => f1),
  }
}

function binned(truth: Numbers, scores: Numbers, bins: number): Record<string, unknown> {
  const state = emptyScoreBins(bins)
  for (const [i, score] of scores.entries()) addScore(state, score, truth[i] === 1)
  const area = rocAuc(scoreGroups(state))!
  return {
    auc: area.value,
    half_tie_mass: area.upper - area.value,
    lower: area.lower,
    upper: area.upper,
    pos: state.positive,
    neg: state.negative,
  }
}

function calibration(edges: number | Numbers, conf: Numbers, correct: Numbers): Record<string, unknown> {
  const state = emptyCalibration(edges)
  for (const [i, confidence] of conf.entries()) addConfidence(state, confidence, correct[i] === 1)
  return { ece: expectedCalibrationError(state), mce: maximumCalibrationError(state, 1), counts: state.rows }
}

/** Quality with and without labels. */
export const qualityFns: Record<string, OracleFunction> = {
  classification: ({ input }) =>
    classification(input['y_true'] as Numbers, input['y_pred'] as Numbers, (input['labels'] as Numbers).length),
  roc_auc: ({ input, expected }) => {
    const [truth, scores] = [input['y'] as Numbers, input['score'] as Numbers]
    const groups = groupByScore(scores.map((score, i) => ({ score, positive: truth[i]! })))
    const sizes = Object.keys(expected).flatMap((key) => (key.startsWith('binned_') ? [Number(key.slice(7))] : []))
    return {
      auc: rocAuc(groups)!.value,
      average_precision: averagePrecision(groups)!.value,
      ...Object.fromEntries(sizes.map((bins) => [`binned_${bins}`, binned(truth, scores, bins)])),
    }
  },
  ece_edges: ({ input, params }) => {
    const bins = params['bins'] as number
    const edges = Array.from({ length: bins - 1 }, (_, k) => (k + 1) / bins)
    const [conf, correct] = [input['conf'] as Numbers, input['correct'] as Numbers]
    return { floor_rule: calibration(bins, conf, correct), ceil_rule_sklearn: calibration(edges, conf, correct) }
  },
  regression: ({ input }) => {
    const { y_true: y, y_pred: pred } = (input['predictions'] ?? { y_true: input['y']!, y_pred: input['pred']! }) as Record<string, Numbers>
    const sums = emptyRegression()
    for (const [i, value] of y!.entries()) addRegression(sums, value, pred![i]!)
    return { ...regressionScores(sums), median_ae: medianAbsoluteError(y!, pred!), smape: symmetricRelativeError(y!, pred!) }
  },
  proportion_ci: ({ input }) =>
    Object.fromEntries(
      (input['pairs'] as string[]).map((pair) => {
        const [k, n] = pair.split('/').map(Number) as [number, number]
        const ends = (interval: { low: number; high: number } | null): Json => [interval!.low, interval!.high]
        const exact = ends(clopperPearsonInterval(k, n))
        return [pair, { wilson95: ends(wilsonInterval(k, n)), wilson99: ends(wilsonInterval(k, n, 0.99)), clopper_pearson95: exact }]
      }),
    ),
  cbpe: ({ input, params }) => {
    const sums = emptyExpectedOutcomes()
    const p = input['p'] as Numbers
    for (const one of p) addExpectedOutcome(sums, one, params['threshold'] as number | undefined)
    const scores = estimatedScores(sums)
    const area = rocAuc(groupByScore(p.map((score) => ({ score, positive: score }))))
    return { ...sums, ...scores, accuracy_se_independent: scores.accuracyError, roc_auc: area!.value }
  },
  cbpe_multiclass: ({ input }) => {
    const rows = input['p'] as Numbers[]
    const confusion = emptyExpectedConfusion(rows[0]!.length)
    for (const row of rows) addExpectedConfusion(confusion, row)
    return { accuracy: estimatedClassScores(confusion).accuracy, confusion_rows_true: confusion }
  },
  confidence_drift: ({ input }) => {
    const meanOf = (values: Numbers): number => {
      const moments = emptyMoments()
      for (const value of values) addMoment(moments, value)
      return moments.mean
    }
    const [reference, current] = [meanOf(input['ref'] as Numbers), meanOf(input['cur'] as Numbers)]
    return { mean_ref: reference, mean_cur: current, difference: current - reference }
  },
}
