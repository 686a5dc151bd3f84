import { expect, test } from 'vitest'
import { DurationHistogram, durationBounds } from '../../../../shared/metrics/duration-histogram.ts'
import { expose, wantsProtobuf } from '../../../../shared/metrics/expose.ts'
import { histograms, numbers, type MetricFacts } from '../../../../shared/metrics/family.ts'
import { cellsOf, readFamilies } from '../../../harness/metric-family.ts'

const catalog = {
  x_total: { type: 'counter', help: 'Back\\slash\nand line.', labels: ['a'] },
  y: { type: 'gauge', help: 'Y.', labels: [] },
  z_seconds: { type: 'histogram', unit: 's', help: 'Z.', labels: [] },
} as const satisfies Record<string, MetricFacts>

const PROMETHEUS_2 =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
const PROMETHEUS_2_TEXT =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'

function families(values: readonly number[]) {
  const histogram = new DurationHistogram()
  for (const value of values) histogram.add(value)
  return [
    numbers(catalog, 'x_total', [
      { labels: { a: 'q"\\\nü' }, value: 2 ** 53 - 1 },
      { labels: { a: 'unknown' }, value: null },
      { labels: { a: 'broken' }, value: Number.NaN },
    ]),
    numbers(catalog, 'y', [{ labels: {}, value: 0.1 }]),
    histograms(catalog, 'z_seconds', [{ labels: { a: 'b' }, histogram: histogram.state() }]),
  ]
}

test('text has every series once, escapes what would break a line, and leaves out what is not known', () => {
  const { type, body } = expose(families([0.0003, 0.3, 20]), undefined)
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = String(body).split('\n')
  expect(lines.slice(0, 5)).toEqual([
    '# HELP x_total Back\\\\slash\\nand line.',
    '# TYPE x_total counter',
    'x_total{a="q\\"\\\\\\nü"} 9007199254740991',
    '# HELP y Y.',
    '# TYPE y gauge',
  ])
  expect(lines).toContain('z_seconds_bucket{a="b",le="0.00025"} 0')
  expect(lines).toContain('z_seconds_bucket{a="b",le="0.0005"} 1')
  expect(lines).toContain('z_seconds_bucket{a="b",le="10"} 2')
  expect(lines).toContain('z_seconds_bucket{a="b",le="+Inf"} 3')
  expect(lines).toContain('z_seconds_sum{a="b"} 20.3003')
  expect(lines).toContain('z_seconds_count{a="b"} 3')
})

test('protobuf says the same to another reader, and every native bucket holds what was counted in it', () => {
  const values = [0, 1e-7, 2 ** -10, 2 ** -10 * 1.0001, 0.004, 0.004, 0.0041, 0.25, 1, 7.7, 100_000]
  const { type, body } = expose(families(values), PROMETHEUS_2)
  expect(type).toContain('io.prometheus.client.MetricFamily')
  const [counter, gauge, histogram] = readFamilies(body as Uint8Array)
  expect(counter).toMatchObject({ name: 'x_total', help: 'Back\\slash\nand line.' })
  expect(counter!.metric).toEqual([{ label: [{ name: 'a', value: 'q"\\\nü' }], counter: { value: 2 ** 53 - 1 } }])
  expect(gauge).toMatchObject({ name: 'y', type: 'GAUGE', metric: [{ gauge: { value: 0.1 } }] })
  expect(histogram).toMatchObject({ name: 'z_seconds', type: 'HISTOGRAM' })
  const read = histogram!.metric[0]!.histogram!
  expect(read).toMatchObject({ sampleCount: values.length, schema: 3, zeroThreshold: 2 ** -20, zeroCount: 2 })
  expect(read.sampleSum).toBeCloseTo(
    values.reduce((sum, one) => sum + one, 0),
    9,
  )
  expect(read.bucket.map(({ upperBound }) => upperBound)).toEqual([...durationBounds, Number.POSITIVE_INFINITY])
  expect(read.bucket.at(-1)!.cumulativeCount).toBe(values.length)
  // By the definition of Prometheus: bucket i holds what is above 2^((i-1)/8) and at most 2^(i/8).
  const expected = new Map<number, number>()
  for (const value of values.filter((one) => one > 2 ** -20)) {
    const held = Math.min(value, 2 ** 14)
    let index = -200
    while (2 ** (index / 8) < held) index += 1
    expected.set(index, (expected.get(index) ?? 0) + 1)
  }
  expect(cellsOf(read)).toEqual([...expected].sort(([a], [b]) => a - b))
  // An exact power of two is the upper end of its bucket, and a hair above it is in the next one.
  expect(cellsOf(read).filter(([index]) => index === -80 || index === -79)).toEqual([
    [-80, 1],
    [-79, 1],
  ])
})

test('what is no duration counts nowhere', () => {
  const histogram = new DurationHistogram()
  for (const value of [Number.NaN, -1, Number.POSITIVE_INFINITY]) histogram.add(value)
  expect(histogram.state()).toEqual({ count: 0, sum: 0, buckets: Array.from({ length: 16 }, () => 0), zero: 0, cells: [] })
})

test.each([
  ['', false],
  ['*/*', false],
  ['text/plain', false],
  [PROMETHEUS_2, true],
  [PROMETHEUS_2_TEXT, false],
  // Prometheus 3 with native histograms, and without them, where text stands first.
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.3', true],
  [
    'text/plain;version=0.0.4;q=0.5,application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.3',
    false,
  ],
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text', false],
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0', false],
  ['application/vnd.google.protobuf;proto=other.Family;encoding=delimited', false],
])('a scraper that accepts %j gets protobuf: %j', (accept, isProtobuf) => {
  expect(wantsProtobuf(accept)).toBe(isProtobuf)
})
