import { describe, expect, test } from 'vitest'
import { MOST_OUTCOME_ROWS, OutcomeRows, type SaidRow } from '../../../../../electron/core/registry/outcome-rows.ts'
import { baseline } from '../../../../../shared/domain/bundle.ts'
import { outcomeWords } from '../../../../../shared/inference/outcome-words.ts'
import { calibrate } from '../../../../../shared/stats/quality/isotonic.ts'

const classRow = (index: number, confidence: number, truth: number | null): SaidRow => ({
  outcome: { kind: 'class', index, label: ['no', 'yes', 'perhaps'][index]!, confidence },
  probabilities: index === 0 ? [confidence, 1 - confidence] : [1 - confidence, confidence],
  truth,
})
const valueRow = (value: number): SaidRow => ({ outcome: { kind: 'value', value }, probabilities: null, truth: null })
const kept = (labels: string[], rows: SaidRow[]): OutcomeRows => {
  const all = new OutcomeRows(labels)
  for (const row of rows) all.offer(row)
  return all
}
/** Sure by 0.9, right in two of three rows. */
const overconfident = (rows: number): SaidRow[] =>
  Array.from({ length: rows }, (_, i) => {
    const said = i % 4 < 2 ? 0 : 1
    return classRow(said, 0.9, i % 3 === 0 ? 1 - said : said)
  })

describe('the reference of outcomes', () => {
  test('classes with their counts, also one that was never said; confidence in bins; right rows of known ones', () => {
    const made = kept(['no', 'yes', 'perhaps'], [classRow(0, 0.5, 0), classRow(1, 0.75, 0), classRow(1, 1, null)]).reference('holdout')!
    expect(made).toMatchObject({
      ...{ rows: 3, from: 'holdout', calibrator: null, accuracy: { rows: 2, right: 1 } },
      outcome: { kind: 'categorical', name: 'outcome', categories: [['yes', 2], ['no', 1], ['perhaps', 0]], other: 0, missing: 0 }, // prettier-ignore
      confidence: { kind: 'numeric', name: 'confidence', edges: [0.5, 0.75], counts: [1, 1, 1], min: 0.5, max: 1, mean: 0.75 },
    })
    expect(baseline.parse({ v: 1, rows: 3, features: [], outcomes: made }).outcomes).toEqual(made)
  })

  test('training rows tell classes and right rows, and nothing of confidence: the model has seen them', () => {
    const made = kept(['no', 'yes', 'perhaps'], overconfident(300)).reference('training')
    expect(made).toMatchObject({ rows: 300, from: 'training', confidence: null, calibrator: null, accuracy: { rows: 300, right: 200 } })
  })

  test('values: a small sample is binned however few differ, many rows of few values are categories', () => {
    const values = (rows: number) => Array.from({ length: rows }, (_, i) => valueRow(i % 4))
    expect(kept([], values(12)).reference('holdout')).toMatchObject({
      ...{ confidence: null, accuracy: null, calibrator: null },
      outcome: { kind: 'numeric', edges: [0, 1, 2], counts: [3, 3, 3, 3] },
    })
    expect(kept([], values(100)).reference('holdout')!.outcome).toMatchObject({ kind: 'categorical', categories: [['0', 25], ['1', 25], ['2', 25], ['3', 25]] }) // prettier-ignore
  })

  test('no row, no reference', () => {
    expect(kept(['no', 'yes'], []).reference('holdout')).toBeNull()
  })

  test('of a file of any length evenly, and never more than the most', () => {
    const rows = new OutcomeRows([])
    for (let i = 0; i < 4 * MOST_OUTCOME_ROWS + 7; i += 1) {
      rows.offer(valueRow(i))
      if (rows.length > MOST_OUTCOME_ROWS) throw new Error(`${rows.length} rows are kept`)
    }
    const { outcome, rows: count } = rows.reference('holdout')!
    expect(count).toBe(Math.ceil((4 * MOST_OUTCOME_ROWS + 7) / 8))
    expect(outcome).toMatchObject({ kind: 'numeric', min: 0, max: 8 * (count - 1), mean: 4 * (count - 1) })
  })
})

describe('a calibrator', () => {
  const calibratorOf = (labels: string[], rows: SaidRow[], from: 'holdout' | 'training' = 'holdout') =>
    kept(labels, rows).reference(from)!.calibrator

  test('of three classes starts from the confidence, of two from the probability of the second', () => {
    const three = calibratorOf(['no', 'yes', 'perhaps'], overconfident(300))!
    expect(calibrate(three, 0.9)).toBeCloseTo(2 / 3, 12)
    const two = calibratorOf(['no', 'yes'], overconfident(300))!
    expect([calibrate(two, 0.9), calibrate(two, 0.1)]).toEqual([expect.closeTo(2 / 3, 12), expect.closeTo(1 / 3, 12)])
  })

  test('only of hold-out rows, only of enough of them, and only if the model is sometimes wrong', () => {
    expect(calibratorOf(['no', 'yes', 'perhaps'], overconfident(300), 'training')).toBeNull()
    expect(calibratorOf(['no', 'yes', 'perhaps'], overconfident(99))).toBeNull()
    const always = Array.from({ length: 300 }, (_, i) => classRow(i % 2, 0.9, i % 2))
    expect(calibratorOf(['no', 'yes', 'perhaps'], always)).toBeNull()
  })
})

test('in words', () => {
  const words = (labels: string[], rows: SaidRow[]) => {
    const { calibrator, ...facts } = kept(labels, rows).reference('holdout')!
    return outcomeWords({ ...facts, isCalibrated: calibrator !== null })
  }
  expect(words(['no', 'yes', 'perhaps'], overconfident(300))).toBe(
    '300 hold-out rows: no 50 %, yes 50 %, perhaps 0 %; confidence 0.9 on average, calibrated; 200 of 300 right',
  )
  expect(words([], [valueRow(0.123_456), valueRow(7000.9)])).toBe('2 hold-out rows: values 0.123 to 7000')
})
