import { describe, expect, it } from 'vitest'
import { alertMarks } from '../../../../renderer/screens/monitoring/alert-marks.ts'
import { deviceBand, isFarAbove, rankedDevices } from '../../../../renderer/screens/monitoring/device-bands.ts'
import { thinned, verdictOf } from '../../../../renderer/screens/monitoring/drift-rows.tsx'
import { shownRows, sortedRows } from '../../../../renderer/screens/monitoring/health-rows.ts'
import { driftCsv, healthCsv } from '../../../../renderer/screens/monitoring/monitoring-csv.ts'
import { healthView } from '../../../../renderer/screens/monitoring/monitoring-view.ts'
import type { HealthRow, Verdict } from '../../../../renderer/screens/monitoring/monitoring-words.ts'
import { qualitySeries } from '../../../../renderer/screens/monitoring/quality-series.ts'
import type { Alert } from '../../../../shared/domain/alert.ts'
import type { Figure } from '../../../../shared/rpc/contract/monitoring.ts'

const figure = (state: Figure['state'], value: number | null = null): Figure => ({
  ...{ state, value, n: 10 },
  ...(value === null ? { low: null, high: null } : { low: value - 0.1, high: value + 0.1 }),
})

function row(change: {
  device?: string
  p95?: number | null
  errors?: number | null
  drift?: HealthRow['drift']['state']
  quality?: number
}): HealthRow {
  const { device = null, p95 = 10, errors = 0, drift = 'ok', quality } = change
  return {
    ...{ deployment: 'wine', model: 'wine', version: '1.0.0', digest: 'ab', device, devices: 1, task: 'classification', labelled: 0 },
    traffic: {
      ...{ requests: 100, errors: 0, errorRate: errors, errorRateLow: null, errorRateHigh: null, requestsPerSecond: null, notFinite: 0 },
      latencyMs: p95 === null ? null : { p50: p95 / 2, p95, p99: p95 * 2 },
    },
    ...{
      quality: quality === undefined ? figure('none') : figure('measured', quality),
      qualityMeasure: 'accuracy',
      estimate: figure('none'),
    },
    ...{ drift: { state: drift, features: [] }, dataQuality: { state: 'ok', findings: [] } },
  }
}

describe('rows of the start page', () => {
  const view = healthView.parse({ query: 'site = lyon', period: '7d' })
  const rows = shownRows(
    [row({ quality: 0.9 }), row({ device: 'cam-1', drift: 'alarm', p95: null }), row({ quality: 0.7, p95: 30 })],
    view,
    undefined,
  )

  it('lead to their version in the same period and for the same devices', () => {
    expect(rows.slice(0, 2).map(({ path }) => path)).toEqual([
      '/monitoring/wine/wine/1.0.0?period=7d&query=site+%3D+lyon',
      '/monitoring/wine/wine/1.0.0?period=7d&device=cam-1',
    ])
  })

  it('stand the worst first; in the order of a column what is unknown comes last in both directions', () => {
    expect(sortedRows(rows, null)[0]!.device).toBe('cam-1')
    const p95 = (descending: boolean) =>
      sortedRows(rows, { column: 'p95', descending }).map(({ traffic }) => traffic.latencyMs?.p95 ?? null)
    expect([p95(false), p95(true)]).toEqual([
      [10, 30, null],
      [30, 10, null],
    ])
  })

  it('are exported with what is unknown left empty, never zero', () => {
    const [head, , second] = healthCsv(rows)
      .split('\r\n')
      .map((line) => line.split(','))
    expect(second![head!.indexOf('latency_p95_ms')]).toBe('')
    expect(second![head!.indexOf('quality')]).toBe('')
    expect(second![head!.indexOf('quality_state')]).toBe('none')
  })
})

describe('devices against each other', () => {
  const rows = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map((p95, i) => row({ device: `cam-${i + 1}`, p95, drift: i === 2 ? 'warn' : 'ok' }))
  const p95 = deviceBand(rows, ({ traffic }) => traffic.latencyMs?.p95 ?? null, 4)
  const none = deviceBand([], () => null, null)

  it('have a band of the middle 80 %, with all of them merged in it; few devices have none', () => {
    expect(p95).toEqual({ low: 2, high: 9, middle: 4 })
    expect(deviceBand(rows.slice(0, 4), () => 1, 1)).toEqual({ low: null, high: null, middle: 1 })
  })

  it('stand by verdict first, then by how far they are above the band', () => {
    expect(
      rankedDevices(rows, { p95, errors: none })
        .slice(0, 3)
        .map(({ device }) => device),
    ).toEqual(['cam-3', 'cam-10', 'cam-1'])
  })

  it('are coloured only far outside: a tenth is above the band at any time', () => {
    expect([9.5, 16, 17, null].map((value) => isFarAbove(value, p95))).toEqual([false, false, true, false])
  })
})

const window = (at: number, effect: number | null): Verdict['windows'][number] => ({
  ...{ from: at, through: at + 1, level: 'none', n: 1, effective: 1, m: 1, effect, psi: null, psiAdjusted: null, jsDistance: null },
  ...{ p: 1, pAdjusted: null },
})
const verdict = (name: string, role: Verdict['role']): Verdict => ({
  ...{ name, role, kind: 'numeric', state: 'ok', sentence: '', last: null, warnings: 0, alarms: 0 },
  windows: [window(0, null), window(3_600_000, 0.2)],
})

describe('drift', () => {
  it('of a feature that is called like the outcome is not the outcome', () => {
    const features = [verdict('outcome', 'outcome'), verdict('outcome', 'feature')]
    expect(verdictOf(features, { feature: 'outcome', role: 'feature' })).toBe(features[1])
    expect(verdictOf(features, { feature: '', role: 'feature' })).toBeUndefined()
  })

  it('keeps peaks and gaps where a course has more windows than can be seen', () => {
    const values = Array.from({ length: 480 }, (_, i) => (i < 10 ? null : i === 255 ? 9 : 0.1))
    const thin = thinned(values)
    expect([thin.length, thin[0], Math.max(...thin.map((one) => one ?? 0))]).toEqual([48, null, 9])
    expect(thinned([1, null])).toEqual([1, null])
  })

  it('is exported window by window with the reference it rests on', () => {
    const lines = driftCsv([verdict('ash', 'feature')], { kind: 'training', id: 'ab:110' }).split('\r\n')
    expect(lines).toHaveLength(4)
    expect(lines[2]).toBe('feature,ash,numeric,ok,training,ab:110,1970-01-01T01:00:00.000Z,1970-01-01T01:00:00.001Z,none,1,1,1,0.2,,,,1,')
  })
})

describe('quality over time', () => {
  it('draws measured and estimated apart; what rests on too little is neither', () => {
    const measured = [figure('measured', 0.9), figure('insufficient data', 0.5), figure('none')]
    const { times, series } = qualitySeries(
      { from: 0, bucketMs: 10, measured, estimated: [figure('estimated', 0.8), figure('none'), figure('none')] },
      22,
    )
    expect(times).toEqual([5, 15, 22])
    expect(series.map(({ name, values, areDots }) => [name, values, areDots ?? false])).toEqual([
      ['measured', [0.9, null, null], false],
      ['estimated', [0.8, null, null], false],
      ['insufficient data', [null, 0.5, null], true],
    ])
    expect(series[0]!.band).toEqual([{ low: 0.8, high: 1 }, null, null])
  })
})

describe('alerts on the time axis', () => {
  it('are those that fired, for as long as they did', () => {
    const alert = (id: number, change: Partial<Alert>) =>
      ({ alert: id, ruleName: 'Drift', sentence: 'ash', severity: 'warning', ...change }) as Alert
    const marks = alertMarks([
      alert(1, { state: 'firing', firedAt: 5, resolvedAt: null }),
      alert(2, { state: 'pending', firedAt: null, resolvedAt: null }),
      alert(3, { state: 'resolved', firedAt: 1, resolvedAt: 4 }),
    ])
    expect(marks.map(({ id, from, through }) => [id, from, through])).toEqual([
      ['1', 5, null],
      ['3', 1, 4],
    ])
  })
})
