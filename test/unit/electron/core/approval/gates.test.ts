import { describe, expect, test } from 'vitest'
import { judgeGates, type GateEvidence } from '../../../../../electron/core/approval/gates.ts'
import type { OfflineGate } from '../../../../../shared/rpc/contract/approvals.ts'
import type { EvaluationRecord } from '../../../../../shared/rpc/contract/models.ts'
import { newcombeInterval } from '../../../../../shared/stats/proportion-interval.ts'

/** An evaluation in which so many of so many rows are right. */
function evaluation(right: number, rows: number, change: Partial<EvaluationRecord> = {}): EvaluationRecord {
  return {
    ...{ evaluation: 'e', dataset: 'holdout.csv', datasetSha256: 'a'.repeat(64), rows },
    metrics: { accuracy: right / rows, logLoss: 0.4, macroF1: null },
    confusion: [
      [right, rows - right],
      [0, 0],
    ],
    ...{ interval: null, latencyMs: { p50: 1, p95: 2, p99: 3 }, runtimeVersion: '1', evaluatedAt: 1 },
    ...change,
  }
}

function judge(gate: OfflineGate, evidence: Partial<GateEvidence>) {
  return judgeGates({ gates: [gate] }, { evaluations: [], incumbent: null, isIncumbent: false, ...evidence })[0]!
}

describe('bounds', () => {
  const evaluations = [evaluation(95, 100)]
  test.each([
    ['accuracy', 'at-least', 0.95, 'pass'],
    ['accuracy', 'at-least', 0.951, 'fail'],
    ['logLoss', 'at-most', 0.4, 'pass'],
    ['logLoss', 'at-most', 0.39, 'fail'],
    ['macroF1', 'at-least', 0.1, 'not enough evidence'],
    ['mae', 'at-most', 5, 'not enough evidence'],
    ['__proto__', 'at-least', 0, 'not enough evidence'],
  ] as const)('%s %s %d: %s', (metric, kind, value, state) => {
    expect(judge({ metric, kind, value }, { evaluations }).state).toBe(state)
  })

  test('a version that was not evaluated passes no gate', () => {
    const found = judge({ metric: 'accuracy', kind: 'at-least', value: 0 }, {})
    expect(found).toMatchObject({ state: 'not enough evidence', value: null, sentence: 'It was not evaluated on hold-out rows.' })
  })

  test.each([1, 29])('%d rows are not enough evidence, whatever they say', (rows) => {
    for (const right of [0, rows]) {
      const found = judge({ metric: 'accuracy', kind: 'at-least', value: 0.9 }, { evaluations: [evaluation(right, rows)] })
      expect(found).toMatchObject({ state: 'not enough evidence', value: right / rows })
      expect(found.sentence).toContain('fewer than 30')
    }
  })

  test('30 rows are enough', () => {
    expect(judge({ metric: 'accuracy', kind: 'at-least', value: 0.9 }, { evaluations: [evaluation(30, 30)] }).state).toBe('pass')
  })

  test('the newest evaluation counts', () => {
    const gate = { metric: 'accuracy', kind: 'at-least', value: 0.9 } as const
    expect(judge(gate, { evaluations: [evaluation(50, 100), evaluation(99, 100)] }).state).toBe('fail')
  })
})

describe('not worse than the incumbent', () => {
  const gate = { metric: 'accuracy', kind: 'not-worse', value: 0.02 } as const
  const against = (own: EvaluationRecord, other: EvaluationRecord) =>
    judge(gate, { evaluations: [own], incumbent: { version: '1.0.0', evaluations: [other] } })

  test('passes where the interval says so', () => {
    expect(against(evaluation(9500, 10_000), evaluation(9500, 10_000)).state).toBe('pass')
  })

  test('fails where the interval is beyond the margin', () => {
    const found = against(evaluation(8000, 10_000), evaluation(9500, 10_000))
    expect(found).toMatchObject({ state: 'fail', value: 0.8, incumbent: 0.95 })
  })

  test('few rows are not enough evidence, whatever the numbers', () => {
    expect(against(evaluation(19, 20), evaluation(19, 20)).state).toBe('not enough evidence')
    expect(against(evaluation(18, 20), evaluation(19, 20)).state).toBe('not enough evidence')
  })

  test('the edge is the end of the interval', () => {
    const [own, other] = [evaluation(940, 1000), evaluation(945, 1000)]
    const { low } = newcombeInterval({ successes: 945, trials: 1000 }, { successes: 940, trials: 1000 }, 0.95)!
    const at = (value: number) => judge({ ...gate, value }, { evaluations: [own], incumbent: { version: '1', evaluations: [other] } }).state
    expect([at(-low), at(-low - 1e-9)]).toEqual(['pass', 'not enough evidence'])
  })

  test('other rows, no incumbent and an unknown metric are not enough evidence', () => {
    const others = evaluation(99, 100, { datasetSha256: 'b'.repeat(64) })
    expect(against(evaluation(99, 100), others)).toMatchObject({ state: 'not enough evidence', value: 0.99, incumbent: 0.99 })
    expect(judge(gate, { evaluations: [evaluation(99, 100)] }).sentence).toContain('No version is in service')
    const incumbent = { version: '1', evaluations: [evaluation(99, 100)] }
    expect(judge({ ...gate, metric: 'logLoss' }, { evaluations: [evaluation(99, 100)], incumbent }).sentence).toContain('no interval')
    expect(judge({ ...gate, metric: 'macroF1' }, { evaluations: [evaluation(99, 100)], incumbent }).state).toBe('not enough evidence')
  })

  test('an older pair on common rows counts, and the version in service is not worse than itself', () => {
    const own = [evaluation(1, 100, { datasetSha256: 'c'.repeat(64) }), evaluation(9900, 10_000)]
    expect(judge(gate, { evaluations: own, incumbent: { version: '1', evaluations: [evaluation(9900, 10_000)] } }).state).toBe('pass')
    expect(judge(gate, { evaluations: [evaluation(1, 2)], isIncumbent: true }).state).toBe('pass')
  })
})
