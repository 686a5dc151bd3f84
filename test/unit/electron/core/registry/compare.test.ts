import { describe, expect, test } from 'vitest'
import { compareMetrics, pairOf } from '../../../../../electron/core/registry/compare/metrics.ts'
import type { EvaluationRecord } from '../../../../../shared/rpc/contract/models.ts'
import { newcombeInterval } from '../../../../../shared/stats/proportion-interval.ts'
import { digestOf, openReleaseDesk } from '../../../../harness/release-desk.ts'

const record = (accuracy: number, change: Partial<EvaluationRecord> = {}): EvaluationRecord => ({
  ...{
    evaluation: 'e',
    dataset: 'holdout.csv',
    datasetSha256: digestOf('rows'),
    rows: 100,
    metrics: { accuracy },
    confusion: null,
    interval: null,
  },
  ...{ latencyMs: { p50: 1, p95: 2, p99: 3 }, runtimeVersion: '1.30.0', evaluatedAt: 0 },
  ...change,
})
const verdict = (left: number, right: number) => {
  const [one] = compareMetrics(pairOf([record(left)], [record(right)]))
  return [one!.verdict, one!.interval]
}

describe('the difference of two metrics', () => {
  test('is decided by the interval of the difference, and only by it', () => {
    const interval = (a: number, b: number) => ({
      ...newcombeInterval({ successes: a, trials: 100 }, { successes: b, trials: 100 }, 0.95)!,
      ...{ level: 0.95, method: 'Newcombe' },
    })
    expect(verdict(0.9, 0.92)).toEqual(['unsure', interval(90, 92)])
    expect(verdict(0.7, 0.95)).toEqual(['right', interval(70, 95)])
    expect(verdict(0.95, 0.7)).toEqual(['left', interval(95, 70)])
    expect(verdict(0.9, 0.9)[0]).toBe('same')
  })

  test('without an interval decides nothing, and says why', () => {
    const pair = pairOf([record(0, { metrics: { mae: 1, bias: 0.1 } })], [record(0, { metrics: { mae: 2, bias: 0.2 } })])
    expect(compareMetrics(pair).map(({ metric, better, verdict: is, difference, note }) => [metric, better, is, difference, note])).toEqual(
      [
        ['mae', 'lower', 'unsure', 1, 'No interval: the results of single rows are not stored.'],
        ['bias', null, null, 0.1, 'No interval: the results of single rows are not stored.'],
      ],
    )
  })

  test('is taken on the same rows where both were ever asked them; else it says that the rows differ', () => {
    const other = { datasetSha256: digestOf('other') }
    const pair = pairOf([record(0.5, other), record(0.9)], [record(0.8)])
    expect([pair.sameRows, pair.left?.metrics['accuracy']]).toEqual([true, 0.9])
    const [one] = compareMetrics(pairOf([record(0.9, other)], [record(0.8)]))
    expect(one!.note).toContain('different rows')
    expect(compareMetrics(pairOf([record(0.9)], []))).toMatchObject([{ left: 0.9, right: null, difference: null, verdict: null }])
  })
})

test('two real versions side by side', async () => {
  const desk = openReleaseDesk()
  for (const version of ['1.0.0', '1.3.0-regressed']) await desk.importSample('digits', version)
  await desk.importSample('diabetes', '1.0.0')
  const compared = await desk.call('models.compare', { model: 'digits', left: '1.0.0', right: '1.3.0-regressed' })
  expect(compared.sameRows).toBe(true)
  expect(compared.isInterchangeable).toBe(true)
  const accuracy = compared.metrics.find(({ metric }) => metric === 'accuracy')!
  expect(accuracy.difference).toBeCloseTo(accuracy.right! - accuracy.left!, 12)
  expect(accuracy).toMatchObject({ better: 'higher', verdict: 'left', interval: { level: 0.95, method: 'Newcombe' } })
  expect(compared.left.goldenRows).toBeGreaterThan(0)
  expect(compared.left.version).toMatchObject({ model: 'digits', version: '1.0.0' })
  expect(compared.latency.map(({ quantile }) => quantile)).toEqual(['p50', 'p95', 'p99'])
  // Each baseline tells what its own model answers, so these two have no block in common.
  expect(compared.sharedBytes).toBe(0)
  const itself = await desk.call('models.compare', { model: 'digits', left: '1.0.0', right: '1.0.0' })
  expect(itself.sharedBytes).toBe(itself.right.version.sizeBytes)
  const across = await desk.call('models.compare', { model: 'digits', left: '1.0.0', rightModel: 'diabetes', right: '1.0.0' })
  expect(across).toMatchObject({ isInterchangeable: false, sameRows: false })
  expect(new Set(across.differences.map(({ part }) => part))).toEqual(new Set(['task', 'input', 'output', 'feature', 'label', 'opset']))
})
