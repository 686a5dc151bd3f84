import { describe, expect, test } from 'vitest'
import { evidenceText, missingText, neededText } from '../../../../renderer/screens/rollouts/comparison/evidence-words.ts'
import { differenceText, isHigherBetter, metricText, unitOf } from '../../../../renderer/screens/rollouts/live/rollout-words.ts'
import type { GateEvidence, MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'

const HOUR = 3_600_000
const arm = { n: 1000, events: 10, value: 0.01, low: 0, high: 0.02 }
const metric = (change: Partial<MetricEvidence> = {}): MetricEvidence => ({
  ...{ metric: 'latency', role: 'required', verdict: 'not enough evidence', sentence: '', candidate: arm, incumbent: arm },
  ...{ difference: 0, low: 0, high: 0, margin: 0.05, alpha: 0.01, eValue: 2.5, needs: 500, method: '', ...change },
})
const evidence = (metrics: MetricEvidence[], change: Partial<GateEvidence> = {}): GateEvidence => ({
  ...{ at: 10 * HOUR, from: 8 * HOUR, verdict: 'not enough evidence', sentence: '', metrics, candidateDevices: 1, incumbentDevices: 1 },
  ...{ incumbent: null, sizeBound: { failures: 0, devices: 1, high: 0.95 }, ...change },
})

describe('what is still needed', () => {
  const cases: { name: string; of: MetricEvidence; from?: number; says: string | null }[] = [
    { name: 'at 500 answers an hour 500 take an hour', of: metric(), says: '500 more answers, about 60 min' },
    { name: 'labels are counted as labels', of: metric({ metric: 'accuracy', needs: 20 }), says: '20 more labels, about 2 min' },
    { name: 'a part of an answer is one answer', of: metric({ needs: 0.2 }), says: '1 more answer, about 1 s' },
    {
      name: 'without any traffic nobody knows when',
      of: metric({ candidate: { ...arm, n: 0 } }),
      says: '500 more answers; none comes at present',
    },
    { name: 'in no time there is no rate', of: metric(), from: 10 * HOUR, says: '500 more answers; none comes at present' },
    { name: 'not known is not nothing, and no number either', of: metric({ needs: null }), says: null },
    { name: 'nothing is needed', of: metric({ needs: 0 }), says: null },
  ]
  test.each(cases)('$name', ({ of, from = 8 * HOUR, says }) => {
    expect(neededText(of, { from, at: 10 * HOUR })).toBe(says)
  })

  test('only required metrics without a verdict hold a gate', () => {
    const passed = metric({ metric: 'errors', verdict: 'pass', needs: null })
    const guard = metric({ metric: 'agreement', role: 'guard', needs: 9 })
    expect(missingText(evidence([passed, guard]))).toBeNull()
    expect(missingText(evidence([passed, guard, metric(), metric({ metric: 'errors', needs: null })]))).toBe(
      'Still needed, at the present rate: slow answers, 500 more answers, about 60 min; failed requests, nobody knows how much.',
    )
  })
})

test('evidence stands beside what makes it fail; none is a dash', () => {
  expect(evidenceText(metric())).toBe('2.5 of 100')
  expect(evidenceText(metric({ eValue: 4e9 }))).toBe('over a million of 100')
  expect(evidenceText(metric({ eValue: 4e-7 }))).toBe('<0.001 of 100')
  expect(evidenceText(metric({ eValue: null }))).toBe('–')
})

test('values and differences have their unit and their sign; no value is a dash, never zero', () => {
  expect(metricText('share', 0.0041)).toBe('0.41 %')
  expect(metricText('share', null)).toBe('–')
  expect(metricText('bytes', 61_000_000)).toBe('61 MB')
  expect(metricText('error', 0.5)).toBe('0.5')
  expect(metricText('ms', 4.2)).toBe('4.20 ms')
  expect(differenceText('share', 0.0003)).toBe('+0.03 pp')
  expect(differenceText('share', -0.021)).toBe('−2.1 pp')
  expect(differenceText('bytes', 0.06)).toBe('+6 %')
  expect(differenceText('error', null)).toBe('–')
})

test('of a regression what is called accuracy is an error: it counts nothing, and less of it is better', () => {
  const mean = { n: 40, events: null, value: 0.5, low: 0.4, high: 0.6 }
  expect(unitOf(metric({ metric: 'accuracy', candidate: mean, incumbent: mean }))).toBe('error')
  expect(isHigherBetter('accuracy', 'error')).toBe(false)
  expect(unitOf(metric({ metric: 'accuracy' }))).toBe('share')
  expect(isHigherBetter('accuracy', 'share')).toBe(true)
  const nothing = { n: 0, events: null, value: null, low: null, high: null }
  expect(unitOf(metric({ metric: 'accuracy', candidate: nothing, incumbent: nothing }))).toBe('share')
})
