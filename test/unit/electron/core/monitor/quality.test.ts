import { describe, expect, test } from 'vitest'
import type { MonitorParts } from '../../../../../electron/core/monitor/monitor-parts.ts'
import { openMonitoringScreens } from '../../../../../electron/core/monitor/screens.ts'
import { openMonitor } from '../../../../../electron/core/monitor/monitor.ts'
import { peersOf } from '../../../../../electron/core/monitor/peers.ts'
import { qualitySeries } from '../../../../../electron/core/monitor/quality-series.ts'
import { accuracyFigure, estimateFigure, labelScores, maeFigure, weightedFigure } from '../../../../../electron/core/monitor/quality.ts'
import { addLabelled, emptyQuality } from '../../../../../shared/stats/quality/quality-state.ts'
import { baselineOf, countRows, DEPLOYMENT, DIGEST, labelsOf, monitorParts, trafficOf } from '../../../../harness/counted-slices.ts'
import { normals, seeded } from '../../../shared/stats/oracle.ts'

const HOUR = 3_600_000
const NOW = 1000 * 24 * HOUR

describe('figures', () => {
  test('accuracy: none, insufficient and measured are different states', () => {
    expect(accuracyFigure({ classified: 0, right: 0 })).toEqual({ state: 'none', value: null, low: null, high: null, n: 0 })
    expect(accuracyFigure({ classified: 9, right: 8 }).state).toBe('insufficient data')
    // 9 of 10: the Wilson interval of the specification.
    const figure = accuracyFigure({ classified: 10, right: 9 })
    expect(figure).toMatchObject({ state: 'measured', value: 0.9, n: 10 })
    expect(figure.low).toBeCloseTo(0.596, 3)
    expect(figure.high).toBeCloseTo(0.982, 3)
  })

  test('an estimate is never a measurement', () => {
    expect(estimateFigure(null).state).toBe('none')
    expect(estimateFigure({ rows: 50, tp: 40, fp: 10, fn: 0, tn: 0, variance: 5 }).state).toBe('insufficient data')
    const figure = estimateFigure({ rows: 200, tp: 180, fp: 20, fn: 0, tn: 0, variance: 16 })
    expect(figure).toMatchObject({ state: 'estimated', value: 0.9, n: 200 })
    expect(figure.high! - figure.low!).toBeCloseTo((2 * 1.96 * 4) / 200, 4)
  })

  test('a few heavy weights are inconclusive', () => {
    const even = { rows: 20, weights: 20, weightsSquared: 20, successes: 18 }
    expect(weightedFigure({ weighted: even })).toMatchObject({ state: 'measured', value: 0.9, n: 20 })
    const heavy = { rows: 20, weights: 119, weightsSquared: 19 + 10_000, successes: 100 }
    expect(weightedFigure({ weighted: heavy }).state).toBe('inconclusive')
  })

  test('mean absolute error with the interval of a mean', () => {
    const state = emptyQuality()
    for (let i = 0; i < 20; i += 1) addLabelled(state, { predicted: 10 + (i % 2 === 0 ? 1 : 3), actual: 10, confidence: null, weight: 1 })
    const figure = maeFigure(state)
    expect(figure).toMatchObject({ state: 'measured', value: 2, n: 20 })
    // Deviation 1.026 of 20 errors that are 1 or 3.
    expect(figure.high! - 2).toBeCloseTo((1.96 * Math.sqrt(20 / 19)) / Math.sqrt(20), 3)
  })

  test('scores of labels: confusion, classes, area and reliability', () => {
    const state = emptyQuality()
    const label = (actual: string, predicted: string, confidence: number, times: number): void => {
      for (let i = 0; i < times; i += 1) addLabelled(state, { actual, predicted, confidence, weight: 1 })
    }
    label('a', 'a', 0.95, 8)
    label('a', 'b', 0.55, 2)
    label('b', 'b', 0.85, 9)
    label('b', 'a', 0.6, 1)
    const scores = labelScores(state, ['a', 'b'])
    expect(scores.confusion).toEqual({
      labels: ['a', 'b'],
      matrix: [
        [8, 2],
        [1, 9],
      ],
    })
    expect(scores.classes[0]).toMatchObject({ label: 'a', support: 10, predicted: 9, recall: 0.8 })
    expect(scores.balancedAccuracy).toBeCloseTo(0.85, 12)
    // Every right answer is surer than every wrong one.
    expect(scores.auc).toMatchObject({ value: 1, high: 1 })
    expect(scores.reliability.filter(({ rows }) => rows > 0)).toHaveLength(4)
    expect(scores.regression).toBeNull()
  })
})

const screens = (parts: MonitorParts) => openMonitoringScreens(parts, openMonitor(parts))

describe('over a slice', () => {
  const normal = normals(seeded(2))
  const rows = (n: number) => Array.from({ length: n }, () => ({ a: normal(), b: normal() }))

  test('feedback and desk are one measurement; coverage is of the predicted rows', () => {
    const key = { bucket: 0, device: null, deployment: null, digest: null }
    const parts = monitorParts(null, () => NOW, { deskQuality: () => [{ key, state: labelsOf(10, 10) }] })
    parts.slices.add('d1', NOW - HOUR, { quality: labelsOf(70, 10), traffic: trafficOf(1000, 2) })
    const quality = openMonitor(parts).quality({
      devices: null,
      deployment: DEPLOYMENT,
      digest: DIGEST,
      from: NOW - 24 * HOUR,
      through: NOW,
    })
    expect(quality).toMatchObject({
      labelled: 100,
      coverage: 0.1,
      sources: { feedback: 80, desk: 20 },
      accuracy: { state: 'measured', value: 0.8, n: 100 },
    })
  })

  test('the series says none where nothing was labelled', () => {
    const parts = monitorParts(null, () => NOW)
    parts.slices.add('d1', NOW - HOUR, { quality: labelsOf(70, 10) })
    const subject = { devices: null, deployment: DEPLOYMENT, digest: DIGEST, from: NOW - 24 * HOUR, through: NOW }
    const series = qualitySeries(parts, subject, 24)
    expect(series).toMatchObject({ from: NOW - 24 * HOUR, bucketMs: HOUR })
    expect(series.measured.map(({ state }) => state)).toEqual([...Array.from({ length: 23 }, () => 'none'), 'measured'])
  })

  test('health: a row per version, under the name of this registry, insufficient where nothing is known', async () => {
    const parts = monitorParts(baselineOf(rows(500)), () => NOW)
    const { references } = parts.bundle(DIGEST)!
    for (let back = 4; back >= 2; back -= 1)
      for (const device of ['d1', 'd2']) {
        parts.slices.add(device, NOW - back * HOUR, { counts: countRows(references, rows(200)), traffic: trafficOf(200, 2, { errors: 3 }) })
      }
    const slice = { devices: null, from: NOW - 24 * HOUR, through: NOW }
    const { rows: shown, total } = await screens(parts).health({ slice, by: 'version', limit: 10 })
    expect(total).toBe(1)
    expect(shown[0]).toMatchObject({
      ...{ model: 'wine', version: '1.0.0', device: null, devices: 2, task: 'classification', labelled: 0 },
      ...{ traffic: { requests: 1200, errors: 18, errorRate: 0.015 }, quality: { state: 'none' }, estimate: { state: 'none' } },
      ...{ drift: { state: 'ok', features: [] }, dataQuality: { state: 'ok', findings: [] } },
    })
    const each = await screens(parts).health({ slice, by: 'device', limit: 1 })
    expect(each).toMatchObject({ total: 2, rows: [{ devices: 1, drift: { state: 'ok' } }] })
    const bare = monitorParts(null, () => NOW)
    bare.slices.add('d1', NOW - HOUR, { traffic: trafficOf(5, 2) })
    const [row] = (await screens(bare).health({ slice, by: 'version', limit: 10 })).rows
    expect(row).toMatchObject({ drift: { state: 'insufficient data' }, dataQuality: { state: 'insufficient data' } })
  })

  test('a device against its peers: slower and wrong is said, alike is said too', () => {
    const parts = monitorParts(null, () => NOW)
    for (const [i, device] of ['d1', 'd2', 'd3', 'd4', 'd5'].entries()) {
      const isOdd = device === 'd1'
      const errors = isOdd ? 60 : 5 + i
      parts.slices.add(device, NOW - HOUR, { traffic: trafficOf(1000, isOdd ? 9 : 2 + i / 20, { errors }), quality: labelsOf(90, 10) })
    }
    const [subject] = parts.slices.subjects({ devices: ['d1'], from: 0, through: NOW })
    const of = (device: string) => peersOf(parts, openMonitor(parts), subject!, { device, from: NOW - 24 * HOUR, through: NOW })
    const stateOf = (device: string) => Object.fromEntries(of(device).figures.map(({ measure, state }) => [measure, state]))
    const odd = { 'latency-p50': 'differs', 'latency-p95': 'differs', 'error-rate': 'differs', throughput: 'as its peers' }
    expect(stateOf('d1')).toEqual({ ...odd, accuracy: 'as its peers', confidence: 'insufficient data' })
    expect(of('d1').figures[0]).toMatchObject({ rank: 1, unit: 'ms' })
    expect(new Set(Object.values(stateOf('d3')))).not.toContain('differs')
    expect(of('d1').peers).toBe(4)
  })
})
