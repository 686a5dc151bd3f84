import { describe, expect, test } from 'vitest'
import { bucketAt, gridOf, secondsOf } from '../../../../../../electron/core/store/telemetry/grid.ts'
import { openSeries } from '../../../../../../electron/core/store/telemetry/series.ts'
import { LatencySketch } from '../../../../../../shared/stats/latency-sketch.ts'
import { wilsonInterval } from '../../../../../../shared/stats/proportion-interval.ts'

const MINUTE = 60_000

describe('a period in buckets', () => {
  const rows = [
    { name: 'an hour of minutes', from: 0, through: 60 * MINUTE, buckets: 60, is: [0, MINUTE, 60] },
    {
      name: 'an hour that begins within a minute has no 61st',
      from: 30_000,
      through: 60.5 * MINUTE,
      buckets: 60,
      is: [MINUTE, MINUTE, 60],
    },
    { name: 'a day in 288', from: 0, through: 1440 * MINUTE, buckets: 288, is: [0, 5 * MINUTE, 288] },
    { name: 'never shorter than the unit', from: 0, through: 5 * MINUTE, buckets: 600, is: [0, MINUTE, 5] },
    { name: 'a moment is one bucket', from: 70_000, through: 70_001, buckets: 10, is: [MINUTE, MINUTE, 1] },
    { name: 'all of time', from: 0, through: 8_640_000_000_000_000, buckets: 600, is: [0, 240_000_000 * MINUTE, 600] },
  ]
  test.each(rows)('$name', ({ from, through, buckets, is }) => {
    const grid = gridOf({ from, through, buckets }, MINUTE)
    expect([grid.from, grid.bucketMs, grid.buckets]).toEqual(is)
  })

  test('begins with the first bucket and ends before its end', () => {
    const grid = gridOf({ from: 0, through: 150_000, buckets: 2 }, MINUTE)
    expect([-1, 0, 119_999, 120_000, 149_999, 150_000].map((at) => bucketAt(grid, at))).toEqual([-1, 0, 0, 1, 1, -1])
    expect([secondsOf(grid, 0), secondsOf(grid, 1)]).toEqual([120, 30])
  })

  test.each([
    [10, 10],
    [10, 9],
  ])('from %i to %i is none', (from, through) => {
    expect(() => gridOf({ from, through, buckets: 1 }, MINUTE)).toThrow('ends before it begins')
  })
})

const subject = { deployment: 'main', digest: 'd1', model: 'digits', version: '1.0.0' }

function sketchOf(...values: number[]) {
  const sketch = LatencySketch.empty()
  for (const value of values) sketch.add(value)
  return sketch.state()
}

describe('a series', () => {
  const grid = gridOf({ from: 0, through: 4 * MINUTE, buckets: 4 }, MINUTE)

  test('sums what falls into a bucket; a bucket without anything is a gap and not zero', () => {
    const series = openSeries(grid, 'all')
    series.addTraffic(subject, 0, { requests: 60, errors: 2, coveredMs: 30_000, causes: { a: 2 }, sketch: sketchOf(1, 2, 3) })
    series.addTraffic({ ...subject, digest: 'd2' }, 0, { requests: 60, errors: 0, coveredMs: 30_000, causes: {}, sketch: sketchOf(100) })
    series.addTraffic(subject, 2, { requests: 0, errors: 0, coveredMs: 60_000, causes: {}, sketch: sketchOf() })
    series.addQuality(subject, 3, { labelled: 4, classified: 3, correct: 2 })
    const [all, ...more] = series.finish('elapsed')
    expect(more).toEqual([])
    expect(all).toMatchObject({
      ...{ deployment: null, version: null, requests: [120, null, 0, null], errors: [2, null, 0, null] },
      ...{ requestsPerSecond: [2, null, 0, null], errorsByCause: [{ cause: 'a', counts: [2, null, 0, null] }] },
      ...{ labelled: [null, null, null, 4], correct: [null, null, null, 2], accuracy: [null, null, null, 2 / 3] },
      totals: { requests: 120, errors: 2, labelled: 4, correct: 2 },
    })
    const merged = LatencySketch.fromState(sketchOf(1, 2, 3, 100))
    expect(all!.latencyMs.p50).toEqual([merged.quantile(0.5), null, null, null])
    expect(all!.latencyMs.p99).toEqual([merged.quantile(0.99), null, null, null])
    expect([all!.accuracyLow[3], all!.accuracyHigh[3]]).toEqual(Object.values(wilsonInterval(2, 3)!))
  })

  test('of one device divides by the time that its windows cover', () => {
    const series = openSeries(grid, 'version')
    series.addTraffic(subject, 0, { requests: 60, errors: 0, coveredMs: 30_000, causes: {}, sketch: null })
    series.addTraffic(subject, 1, { requests: 60, errors: 0, coveredMs: 0, causes: {}, sketch: null })
    const [one] = series.finish('covered')
    expect([one!.requestsPerSecond, one!.latencyMs.p95, one!.version]).toEqual([[2, null, null, null], [null, null, null, null], '1.0.0'])
  })

  test('shows the most frequent causes, and the others together', () => {
    const series = openSeries(grid, 'all')
    const causes = Object.fromEntries(Array.from({ length: 45 }, (_, i) => [`cause-${i}`, i + 1]))
    series.addTraffic(subject, 1, { requests: 9, errors: 9, coveredMs: 0, causes: { ...causes, other: 5 }, sketch: null })
    const shown = series.finish('elapsed')[0]!.errorsByCause
    expect([shown.length, shown[0], shown.at(-1)]).toEqual([
      21,
      { cause: 'cause-44', counts: [null, 45, null, null] },
      // 1 to 25 of the causes that are not shown, and the 5 that were together already.
      { cause: 'other', counts: [null, (25 * 26) / 2 + 5, null, null] },
    ])
  })

  test('of very many made-up versions is one of the 40 with the most requests', () => {
    const series = openSeries(grid, 'version')
    for (let i = 0; i < 100; i += 1)
      series.addTraffic({ ...subject, digest: `d${i}` }, 0, { requests: i, errors: 0, coveredMs: 0, causes: {}, sketch: null })
    const shown = series.finish('elapsed')
    expect([shown.length, shown[0]!.totals.requests, shown.at(-1)!.totals.requests]).toEqual([40, 99, 60])
  })
})
