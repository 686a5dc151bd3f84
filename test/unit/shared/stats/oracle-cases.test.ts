import { describe, expect, test } from 'vitest'
import { defaultDriftRule, scoreWindow } from '../../../../shared/stats/drift/score-window.ts'
import { quantileEdges } from '../../../../shared/stats/reference-bins.ts'
import { Adwin } from '../../../../shared/stats/sequential/adwin.ts'
import { addToDdm, ddm } from '../../../../shared/stats/sequential/ddm.ts'
import { binnedCounts } from './oracle-drift.ts'
import { oracleFunctions } from './oracle-functions.ts'
import { detections } from './oracle-sequential.ts'
import { differences, oracleCases, oracleData } from './oracle.ts'

describe('every oracle case, within its tolerance', () => {
  test('there are 69 cases, and a function of ours for each', () => {
    expect(oracleCases.length).toBe(69)
    expect(oracleCases.filter(({ fn }) => oracleFunctions[fn] === undefined).map(({ id }) => id)).toEqual([])
  })

  test.each(oracleCases.map((one) => [one.id, one] as const))('%s', (_, one) => {
    expect(differences(oracleFunctions[one.fn]!(one), one.expected, one.tol)).toEqual([])
  })
})

describe('indices that river publishes for its own streams', () => {
  test('ADWIN 1023, beginning anew after the cut', () => {
    const window = new Adwin()
    expect(detections(oracleData.stream_step_mean, (value) => window.add(value))).toEqual([1023])
  })

  test('DDM 1049', () => {
    const state = ddm()
    expect(detections(oracleData.stream_step_errors, (value) => addToDdm(state, value === 1) === 'alarm')).toEqual([1049])
  })
})

describe('real data, by effect and evidence: rows in turn are no drift, halves of a sorted file are', () => {
  test.each([
    ['iris', 0, 4],
    ['wine', 0, 12],
    ['breast_cancer', 0, 13],
    ['digits', 0, 1],
  ] as const)('%s: %i and %i features', (name, interleaved, halves) => {
    const rows = oracleData[name].X
    const drifting = (inReference: (i: number) => boolean): number => {
      const windows = rows[0]!.map((_, feature) => {
        const side = (isReference: boolean): number[] =>
          rows.filter((_row, i) => inReference(i) === isReference).map((row) => row[feature]!)
        const edges = quantileEdges(Float64Array.from(side(true)).sort(), 10)
        const [reference, current] = [binnedCounts(edges, side(true)), binnedCounts(edges, side(false))]
        return {
          feature: String(feature),
          kind: 'numeric' as const,
          reference,
          current,
          correlation: null,
          effective: Number.POSITIVE_INFINITY,
        }
      })
      const rule = { ...defaultDriftRule, leastValues: 0, warnFrom: 0 }
      return scoreWindow(windows, 'half', rule).filter(({ level }) => level !== 'none').length
    }
    expect([drifting((i) => i % 2 === 0), drifting((i) => i < Math.floor(rows.length / 2))]).toEqual([interleaved, halves])
  })
})
