import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Figure } from '../../../shared/rpc/contract/monitoring.ts'
import { classificationScores, countsOfConfusion } from '../../../shared/stats/classification.ts'
import { wilsonInterval } from '../../../shared/stats/proportion-interval.ts'
import { expectedCalibrationError, maximumCalibrationError, reliability } from '../../../shared/stats/quality/calibration.ts'
import { estimatedScores, type ExpectedOutcomes } from '../../../shared/stats/quality/confidence-based.ts'
import { confusionOf, type QualityState } from '../../../shared/stats/quality/quality-state.ts'
import { rocAuc } from '../../../shared/stats/quality/ranking.ts'
import { weightedProportion } from '../../../shared/stats/quality/weighted-proportion.ts'
import { regressionScores } from '../../../shared/stats/regression.ts'

type Quality = ResultOf<'monitoring.quality'>

/** Fewer labels say nothing: an interval of half the scale. */
const LEAST_LABELS = 10
/** Fewer rows make an estimate that is mostly chance. */
const LEAST_ESTIMATED = 100
/** More classes than this make no table that anybody reads. */
const MOST_CLASSES = 100
/** Half a 95 % interval in standard errors. */
const Z = 1.959963984540054

export const noFigure: Figure = { state: 'none', value: null, low: null, high: null, n: 0 }

/** The share of right rows among the labelled ones, with its Wilson interval. */
export function accuracyFigure({ classified, right }: Pick<QualityState, 'classified' | 'right'>): Figure {
  if (classified === 0) return noFigure
  const { low, high } = wilsonInterval(right, classified)!
  return { state: classified < LEAST_LABELS ? 'insufficient data' : 'measured', value: right / classified, low, high, n: classified }
}

/** The mean absolute error, with the interval of a mean. */
export function maeFigure({ regression }: Pick<QualityState, 'regression'>): Figure {
  const { rows, squared } = regression
  const { mae } = regressionScores(regression)
  if (rows === 0 || mae === null) return { ...noFigure, n: rows }
  const variance = rows < 2 ? null : Math.max(0, squared / rows - mae * mae) * (rows / (rows - 1))
  const half = variance === null || !Number.isFinite(variance) ? null : Z * Math.sqrt(variance / rows)
  const state = rows < LEAST_LABELS || half === null ? 'insufficient data' : 'measured'
  return { state, value: mae, low: half === null ? null : Math.max(0, mae - half), high: half === null ? null : mae + half, n: rows }
}

/**
 * Accuracy in the population that the labelled rows stand for. "Inconclusive" where there are labels, but a few heavy ones outweigh all others.
 */
export function weightedFigure({ weighted }: Pick<QualityState, 'weighted'>): Figure {
  const estimate = weightedProportion(weighted)
  if (estimate === null) return noFigure
  const { share, low, high, rows, effectiveRows } = estimate
  const state = rows < LEAST_LABELS ? 'insufficient data' : effectiveRows < LEAST_LABELS ? 'inconclusive' : 'measured'
  return { state, value: share, low, high, n: effectiveRows }
}

/** Accuracy without labels, from calibrated confidence; the interval is that of the rows that came, and knows nothing of concept drift. */
export function estimateFigure(estimate: ExpectedOutcomes | null): Figure {
  if (estimate === null) return noFigure
  const { rows, accuracy, accuracyError } = estimatedScores(estimate)
  if (accuracy === null || accuracyError === null) return { ...noFigure, n: rows }
  const half = Z * accuracyError
  const state = rows < LEAST_ESTIMATED ? 'insufficient data' : 'estimated'
  return { state, value: accuracy, low: Math.max(0, accuracy - half), high: Math.min(1, accuracy + half), n: rows }
}

type Scores = Pick<
  Quality,
  | 'macroF1'
  | 'weightedF1'
  | 'balancedAccuracy'
  | 'mcc'
  | 'kappa'
  | 'brier'
  | 'ece'
  | 'mce'
  | 'auc'
  | 'classes'
  | 'confusion'
  | 'reliability'
  | 'regression'
>

/** All scores that follow from labels. @param declared classes of the manifest */
export function labelScores(state: QualityState, declared: readonly string[]): Scores {
  const { confident, calibration, fine } = state
  const area = rocAuc(fine.rows.map((rows, bin) => ({ positive: fine.right[bin]!, negative: rows - fine.right[bin]! })))
  return {
    ...classScores(state, declared),
    brier: confident.rows === 0 ? null : confident.squared / confident.rows,
    ...{ ece: expectedCalibrationError(calibration), mce: maximumCalibrationError(calibration) },
    auc: area === null ? null : { value: area.value, low: area.lower, high: area.upper },
    reliability: confident.rows === 0 ? [] : reliability(calibration),
    regression: regressionOf(state),
  }
}

function regressionOf({ regression }: QualityState): Quality['regression'] {
  if (regression.rows === 0) return null
  const { mae, rmse, r2, bias, mape } = regressionScores(regression)
  return { mae, rmse, r2, bias, mape }
}

const noClasses = { macroF1: null, weightedF1: null, balancedAccuracy: null, mcc: null, kappa: null, classes: [], confusion: null }

function classScores(
  state: QualityState,
  declared: readonly string[],
): Pick<Scores, 'macroF1' | 'weightedF1' | 'balancedAccuracy' | 'mcc' | 'kappa' | 'classes' | 'confusion'> {
  if (state.classified === 0) return noClasses
  const confusion = confusionOf(state, declared.length <= MOST_CLASSES ? declared : [])
  const { macroF1, weightedF1, balancedAccuracy, mcc, kappa, perClass } = classificationScores(countsOfConfusion(confusion.matrix))
  return {
    ...{ macroF1, weightedF1, balancedAccuracy, mcc, kappa },
    classes: perClass.map(({ support, predicted, precision, recall, f1 }, i) => ({
      ...{ label: confusion.labels[i]!, support, predicted, precision, recall, f1 },
    })),
    confusion: confusion.labels.length > MOST_CLASSES ? null : confusion,
  }
}
