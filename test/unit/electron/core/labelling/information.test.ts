import { describe, expect, test } from 'vitest'
import { uncertaintyOf, type Candidate } from '../../../../../electron/core/labelling/candidate.ts'
import { addToCell, rank, type CellSums } from '../../../../../electron/core/labelling/information.ts'
import { cellOf, factorsOf } from '../../../../../electron/core/labelling/strata.ts'
import { keyOf, taskOf } from '../../../../../electron/core/labelling/task-id.ts'

const candidate = (prediction: string, change: Partial<Candidate> = {}): Candidate => ({
  ...{ device: 'cam-1', prediction, row: 0, deployment: 'd', digest: 'a', model: 'm', version: '1', predictedAt: 0, predicted: 'x' },
  ...{ confidence: 0.95, weight: 1, reason: 'random', task: `cam-1/${prediction}/0`, sample: 1, uncertainty: 0.1, other: null, place: 0.5 },
  ...change,
})

function ranked(rows: readonly Candidate[], labelled: readonly { row: Candidate; isRight: boolean }[] = []) {
  const sums = new Map<string, CellSums>()
  for (const row of rows) addToCell(sums, { ...row, isLabelled: false, isRight: null })
  for (const { row, isRight } of labelled) addToCell(sums, { ...row, isLabelled: true, isRight })
  return rank(
    rows.map((one) => ({ candidate: one, isStarted: false })),
    sums,
  )
}

describe('what a label is worth', () => {
  test('uncertainty is 1 for a tossed coin, 0 for a sure answer, and null where nothing is known', () => {
    expect(uncertaintyOf(0.5, [0.5, 0.5])).toBe(1)
    expect(uncertaintyOf(1, [1, 0])).toBe(0)
    expect(uncertaintyOf(0.75, undefined)).toBe(0.5)
    expect(uncertaintyOf(null, undefined)).toBeNull()
    // Two rivals of ten are as near to each other as two of two, but the others are ruled out.
    const many = uncertaintyOf(0.5, [0.5, 0.5, 0, 0, 0, 0, 0, 0, 0, 0])!
    expect(many).toBeCloseTo((1 + Math.log(2) / Math.log(10)) / 2, 12)
  })

  test('strata take turns: what teaches comes first, and the accuracy of all requests is not forgotten', () => {
    const rows = [
      ...Array.from({ length: 30 }, (_, i) => candidate(`r${i}`, { weight: 30, place: i / 30 })),
      ...Array.from({ length: 30 }, (_, i) =>
        candidate(`l${i}`, { reason: 'low-confidence', confidence: 0.4, uncertainty: 0.8, place: i / 30 }),
      ),
    ]
    const first = ranked(rows)
      .slice(0, 12)
      .map((one) => one.candidate.reason)
    expect(first[0]).toBe('low-confidence')
    expect(first.filter((reason) => reason === 'random').length).toBeGreaterThanOrEqual(3)
    expect(first.filter((reason) => reason === 'low-confidence').length).toBeGreaterThanOrEqual(6)
  })

  test('random rows are asked where they narrow the interval most: much weight, and a share near one half', () => {
    const sure = Array.from({ length: 20 }, (_, i) => candidate(`s${i}`, { weight: 10, place: i / 20 }))
    const unsure = Array.from({ length: 20 }, (_, i) => candidate(`u${i}`, { weight: 10, confidence: 0.55, place: i / 20 }))
    const order = ranked([...sure, ...unsure])
      .slice(0, 10)
      .map((one) => one.candidate.confidence)
    // Neyman: in proportion to the standard deviations, 0.50 to 0.22.
    expect(order.filter((confidence) => confidence === 0.55).length).toBe(7)
  })

  test('labels that are there make the next ones of their cell worth less', () => {
    const rows = [candidate('a'), candidate('b', { confidence: 0.85 })]
    const done = Array.from({ length: 9 }, (_, i) => ({ row: candidate(`x${i}`), isRight: true }))
    expect(ranked(rows, done).map((one) => one.candidate.prediction)).toEqual(['b', 'a'])
  })

  test('of disagreements the first of each pair of answers come first', () => {
    const other = (outcome: string) => ({ other: { version: '2', outcome } })
    const rows = [
      candidate('a1', other('y')),
      candidate('a2', { ...other('y'), place: 0.6 }),
      candidate('b1', { ...other('z'), place: 0.9 }),
    ]
    expect(ranked(rows).map((one) => one.candidate.prediction)).toEqual(['a1', 'b1', 'a2'])
  })
})

describe('how labelled rows stand for all', () => {
  const row = (reason: Candidate['reason'], confidence: number | null, weight: number, isLabelled: boolean) => ({
    cell: cellOf({ deployment: 'd', digest: 'a', reason, confidence })!,
    weight,
    isLabelled,
  })

  test('a labelled row stands for the weight of its cell, and for bands beside it that have none', () => {
    const factors = factorsOf([
      row('random', 0.95, 10, true),
      row('random', 0.95, 30, false),
      row('random', 0.8, 20, false),
      row('outlier', null, 5, true),
    ])
    expect(factors.of(row('random', 0.95, 1, true).cell)).toBe(6)
    expect(factors.of(row('outlier', null, 1, true).cell)).toBe(1)
    expect(factors.covered).toBe(1)
  })

  test('a stratum without a label is said to be missing', () => {
    const factors = factorsOf([row('random', 0.95, 80, false), row('low-confidence', 0.4, 20, true)])
    expect(factors.covered).toBeCloseTo(0.2, 12)
    expect(factors.missing).toEqual([{ reason: 'random', share: 0.8 }])
    expect(factorsOf([]).covered).toBeNull()
  })
})

test('a task is named by device, prediction and row, also where the prediction holds slashes', () => {
  const key = { device: 'cam-1', prediction: 'a/b~c/7', row: 3 }
  expect(keyOf(taskOf(key))).toEqual(key)
  for (const text of ['', 'cam-1', 'cam-1/p', 'cam-1//0', '/p/0', 'cam-1/p/x', 'cam-1/p/-1'])
    expect(() => keyOf(text)).toThrow('names no row')
})
