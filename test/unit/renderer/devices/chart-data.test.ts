import { describe, expect, test } from 'vitest'
import { accuracySeries, lastValue, latencySeries, periods, spanOf, timesOf } from '../../../../renderer/screens/devices/chart-data.ts'
import type { TelemetrySeries } from '../../../../shared/rpc/contract/telemetry-series.ts'

const at = Date.parse('2026-01-02T03:04:05Z')
const series: TelemetrySeries = {
  deployment: null,
  model: null,
  version: null,
  digest: null,
  requests: [10, null],
  errors: [0, null],
  errorsByCause: [],
  validation: [],
  cacheHits: [0, null],
  notFinite: [0, null],
  requestsPerSecond: [1, null],
  latencyMs: { p50: [1, null], p95: [2, null], p99: [3, null] },
  labelled: [5, null],
  correct: [4, null],
  accuracy: [0.8, null],
  accuracyLow: [0.4, null],
  accuracyHigh: [0.95, null],
  totals: { requests: 10, errors: 0, latencyMs: null, labelled: 5, classified: 5, correct: 4, cacheHits: 0, notFinite: 0, cpuMs: 0 },
}

describe('spans of the charts', () => {
  test('a span holds now, and stays the same within a bucket', () => {
    const { from, through, buckets } = spanOf('1h', at)
    expect(through).toBeGreaterThanOrEqual(at)
    expect(through - from).toBe(3_600_000)
    expect(buckets).toBe(60)
    expect(spanOf('1h', at + 20_000)).toEqual({ from, through, buckets })
    expect(spanOf('1h', at + 60_000).through).toBe(through + 60_000)
  })

  test('no bucket is shorter than a minute, and none asks for more than the core gives', () => {
    for (const { ms, buckets } of Object.values(periods)) {
      expect(ms / buckets).toBeGreaterThanOrEqual(60_000)
      expect(Number.isInteger(ms / buckets)).toBe(true)
      expect(buckets).toBeLessThanOrEqual(600)
    }
  })

  test('moments of the buckets', () => {
    const grid = { from: 1000, bucketMs: 100, buckets: 3 }
    expect(timesOf(grid, 'start')).toEqual([1000, 1100, 1200])
    expect(timesOf(grid, 'middle')).toEqual([1050, 1150, 1250])
  })
})

describe('series of the charts', () => {
  test('a gap has no band', () => {
    expect(latencySeries(series).map(({ band }) => band)).toEqual([[{ low: 1, high: 3 }, null], undefined, undefined])
    expect(accuracySeries(series)[0]!.band).toEqual([{ low: 0.4, high: 0.95 }, null])
  })
  test('the newest measure is behind the gaps', () => {
    expect([lastValue([1, 2, null]), lastValue([null]), lastValue([])]).toEqual([2, null, null])
  })
})
