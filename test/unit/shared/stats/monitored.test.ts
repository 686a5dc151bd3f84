import { expect, test } from 'vitest'
import type { Baseline } from '../../../../shared/domain/bundle.ts'
import { hasReferenceRows, monitoredReferences } from '../../../../shared/stats/reference/monitored.ts'
import { binnedBaseline, textBaseline } from '../../../../shared/stats/reference-bins.ts'

const outcome = { label: 'label', probabilities: 'probabilities', value: null }
const classifier = { task: 'classification', labels: ['no', 'yes'], outcome } as const
const said = textBaseline('outcome', new Map([['no', 3]]), { missing: 0, other: 0 })
const baselineOf = (confidence: Baseline['features'][number] | null): Baseline => ({
  ...{ v: 1, rows: 3, features: [] },
  outcomes: { rows: 3, from: 'training', outcome: said, confidence, calibrator: null, accuracy: null },
})

test('a bundle without reference rows of its answers has bins for them, and no counts', () => {
  const { outcome: classes, confidence } = monitoredReferences({ ...classifier, labels: ['no', 'yes'] }, null)
  expect(classes).toMatchObject({ kind: 'categorical', categories: [['no', 0], ['yes', 0]] }) // prettier-ignore
  expect(confidence).toMatchObject({ kind: 'numeric', edges: expect.arrayContaining([0.05, 0.95]) })
  expect([hasReferenceRows(classes!), hasReferenceRows(confidence!)]).toEqual([false, false])
})

test('the confidence has bins of its own where the rows tell nothing of it, and those of the rows where they do', () => {
  const bare = monitoredReferences({ ...classifier, labels: ['no', 'yes'] }, baselineOf(null))
  expect([bare.outcome, hasReferenceRows(bare.confidence!)]).toEqual([said, false])
  const known = binnedBaseline('confidence', [0.5, 0.7, 0.9])
  expect(monitoredReferences({ ...classifier, labels: ['no', 'yes'] }, baselineOf(known)).confidence).toEqual(known)
})

test('a model without probabilities has no confidence, and one of values no classes', () => {
  const plain = { ...classifier, labels: ['no', 'yes'], outcome: { ...outcome, probabilities: null } }
  expect(monitoredReferences(plain, baselineOf(null)).confidence).toBeNull()
  const values = { task: 'regression' as const, labels: [], outcome: { label: null, probabilities: null, value: 'value' } }
  expect(monitoredReferences(values, null)).toEqual({ features: [], outcome: null, confidence: null })
})

test('numbers are binned however few they are; what is no number is counted apart', () => {
  expect(binnedBaseline('confidence', [0.5, Number.NaN, 0.5, Number.POSITIVE_INFINITY])).toMatchObject({ edges: [], counts: [2], missing: 1, infinite: 1, standardDeviation: 0 }) // prettier-ignore
  expect(binnedBaseline('confidence', [Number.NaN])).toBeNull()
})
