import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ResultOf } from '../../shared/rpc/contract.ts'
import type { LabelledRow } from '../../shared/stats/quality/quality-state.ts'

const python = join(process.cwd(), '.cache/venv/bin/python')
const script = join(import.meta.dirname, '../interop/sklearn_scores.py')

/** Absent where it was not installed: see .ci/run. */
export const hasScikitLearn = existsSync(python) && spawnSync(python, ['-c', 'import sklearn.metrics']).status === 0

/** What a test that is skipped for want of it says. */
export const howToInstall = 'python3 -m venv .cache/venv && .cache/venv/bin/pip install "scikit-learn==1.9.1"'

/** Labelled rows as scikit-learn takes them: classes are texts. */
export interface ScoredRows {
  truth: readonly (string | number)[]
  predicted: readonly (string | number)[]
  labels?: readonly string[]
  confidence?: readonly number[]
  weight?: readonly number[]
}

/** What `sklearn_scores.py` prints of classes. */
export interface ClassesBySklearn {
  accuracy: number
  macroF1: number
  weightedF1: number
  balancedAccuracy: number
  mcc: number
  kappa: number
  confusion: number[][]
  precision: number[]
  recall: number[]
  f1: number[]
  support: number[]
  weighted?: number
  brier?: number
  ece?: number
  auc?: number | null
}

/** What it prints of values. */
export interface ValuesBySklearn {
  mae: number
  rmse: number
  r2: number
  mape: number
  bias: number
}

/** The scores of scikit-learn. @throws Error with what Python said */
export function scoredBySklearn(rows: ScoredRows & { labels: readonly string[] }): ClassesBySklearn
export function scoredBySklearn(rows: ScoredRows): ValuesBySklearn
export function scoredBySklearn(rows: ScoredRows): ClassesBySklearn | ValuesBySklearn {
  const { status, stdout, stderr } = spawnSync(python, [script], { input: JSON.stringify(rows), encoding: 'utf8', timeout: 45_000 })
  if (status !== 0) throw new Error(`scikit-learn failed: ${stderr}`)
  return JSON.parse(stdout) as ClassesBySklearn | ValuesBySklearn
}

type Scores = Pick<
  ResultOf<'monitoring.quality'>,
  'macroF1' | 'weightedF1' | 'balancedAccuracy' | 'mcc' | 'kappa' | 'brier' | 'ece' | 'auc' | 'classes' | 'confusion'
>

/**
 * Asserts that our scores of labelled rows are those of scikit-learn.
 * @param of.confidenceDigits decimals of what rests on the confidence, where that was rounded on its way
 * @returns what it said
 */
export function expectScoresOfSklearn(
  ours: Scores,
  of: { labels: readonly string[]; rows: readonly LabelledRow[]; confidenceDigits?: number },
): ClassesBySklearn {
  const { labels, rows, confidenceDigits = 12 } = of
  const theirs = scoredBySklearn({
    ...{ labels, truth: rows.map(({ actual }) => String(actual)), predicted: rows.map(({ predicted }) => String(predicted)) },
    ...{ confidence: rows.map(({ confidence }) => confidence ?? 0), weight: rows.map(({ weight }) => weight) },
  })
  const near = (value: number): unknown => expect.closeTo(value, 12)
  const { macroF1, weightedF1, balancedAccuracy, mcc, kappa, brier, ece, auc } = theirs
  expect(ours).toMatchObject({
    ...{
      macroF1: near(macroF1),
      weightedF1: near(weightedF1),
      // Without a true row of a class its recall is undefined, and so is the mean; scikit-learn leaves the class out.
      balancedAccuracy: theirs.support.includes(0) ? null : near(balancedAccuracy),
      mcc: near(mcc),
      kappa: near(kappa),
    },
    ...{
      brier: expect.closeTo(brier!, confidenceDigits),
      ece: expect.closeTo(ece!, confidenceDigits),
      confusion: { labels, matrix: theirs.confusion },
    },
    // Without a positive there is no recall; scikit-learn says 0.
    classes: labels.map((label, i) => ({
      ...{ label, support: theirs.support[i], precision: near(theirs.precision[i]!), f1: near(theirs.f1[i]!) },
      recall: theirs.support[i] === 0 ? null : near(theirs.recall[i]!),
    })),
  })
  if (auc !== null && auc !== undefined) {
    expect(ours.auc!.low).toBeLessThanOrEqual(auc)
    expect(ours.auc!.high).toBeGreaterThanOrEqual(auc)
  }
  return theirs
}
