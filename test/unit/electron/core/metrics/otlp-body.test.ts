import { expect, test } from 'vitest'
import { logBody, metricBodies } from '../../../../../electron/core/metrics/otlp-body.ts'
import type { WaitingLog } from '../../../../../electron/core/metrics/log-queue.ts'
import { consoleCatalog } from '../../../../../shared/metrics/console-catalog.ts'
import { DurationHistogram } from '../../../../../shared/metrics/duration-histogram.ts'
import { histograms, numbers } from '../../../../../shared/metrics/family.ts'
import { T0 } from '../../../../harness/fleet.ts'

const source = { fleet: 'plant', version: '1.2.3', startedAt: T0 }
const labels = { deployment: 'reader', model: 'digits', version: '1.0.0' }
const attributes = [
  { key: 'deployment', value: { stringValue: 'reader' } },
  { key: 'model', value: { stringValue: 'digits' } },
  { key: 'version', value: { stringValue: '1.0.0' } },
]
const times = { startTimeUnixNano: `${T0}000000`, timeUnixNano: `${T0 + 5}000000` }

test('gauges, counters and histograms are what the protocol calls so', () => {
  const durations = new DurationHistogram()
  for (const seconds of [0, 1, 1, 1.5]) durations.add(seconds)
  const families = [
    numbers(consoleCatalog, 'muster_devices_online', [{ labels: {}, value: 3 }]),
    numbers(consoleCatalog, 'muster_fleet_inference_requests_total', [{ labels, value: 2 ** 53 - 1 }]),
    histograms(consoleCatalog, 'muster_fleet_inference_duration_seconds', [{ labels, histogram: durations.state() }]),
  ]
  const bodies = metricBodies(families, source, T0 + 5)
  expect(bodies).toHaveLength(1)
  expect(bodies[0]!.count).toBe(3)
  const { resourceMetrics } = JSON.parse(bodies[0]!.body) as {
    resourceMetrics: [{ resource: unknown; scopeMetrics: [{ metrics: unknown[] }] }]
  }
  expect(resourceMetrics[0].resource).toEqual({
    attributes: [
      { key: 'service.name', value: { stringValue: 'muster-console' } },
      { key: 'service.version', value: { stringValue: '1.2.3' } },
      { key: 'service.instance.id', value: { stringValue: 'plant' } },
    ],
  })
  const description = (name: keyof typeof consoleCatalog): string => consoleCatalog[name].help
  expect(resourceMetrics[0].scopeMetrics[0].metrics).toEqual([
    {
      ...{ name: 'muster_devices_online', description: description('muster_devices_online'), unit: '' },
      gauge: { dataPoints: [{ attributes: [], ...times, asDouble: 3 }] },
    },
    {
      ...{ name: 'muster_fleet_inference_requests', description: description('muster_fleet_inference_requests_total'), unit: '' },
      sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ attributes, ...times, asDouble: 2 ** 53 - 1 }] },
    },
    {
      ...{ name: 'muster_fleet_inference_duration_seconds', unit: 's' },
      description: description('muster_fleet_inference_duration_seconds'),
      exponentialHistogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            ...{ attributes, ...times, count: '4', sum: 3.5, scale: 3, zeroCount: '1', zeroThreshold: 2 ** -20 },
            // 1 is the upper end of the bucket that begins at 2^(-1/8); 1.5 is in the one from 2^(4/8) on.
            positive: { offset: -1, bucketCounts: ['2', '0', '0', '0', '0', '1'] },
          },
        ],
      },
    },
  ])
})

test('many series go out in several requests that no receiver finds too large, each once', () => {
  const readings = Array.from({ length: 3000 }, (_, i) => ({ labels: { ...labels, deployment: `line-${i}` }, value: i }))
  const bodies = metricBodies([numbers(consoleCatalog, 'muster_model_labels', readings)], source, T0)
  expect(bodies.length).toBeGreaterThan(1)
  expect(Math.max(...bodies.map(({ body }) => Buffer.byteLength(body)))).toBeLessThan(256 * 1024)
  expect(bodies.reduce((sum, { count }) => sum + count, 0)).toBe(3000)
  const named = bodies.flatMap(({ body }) => [...body.matchAll(/"line-(\d+)"/g)].map(([, i]) => Number(i)))
  expect(named).toEqual(readings.map((_, i) => i))
})

test('log entries have a severity, a body and flat attributes; what does not fit waits for the next request', () => {
  const entries: WaitingLog[] = [
    { at: T0, level: 'warn', message: 'a device is away', detail: { device: 'cam-1', count: 2, isNew: true, more: { a: 1 } } },
    ...Array.from({ length: 400 }, (): WaitingLog => ({ at: T0, level: 'error', message: 'x'.repeat(1000), detail: {} })),
  ]
  const { body, count } = logBody(entries, source)
  const { resourceLogs } = JSON.parse(body) as { resourceLogs: [{ scopeLogs: [{ logRecords: object[] }] }] }
  const records = resourceLogs[0].scopeLogs[0].logRecords
  expect(records).toHaveLength(count)
  expect(count).toBeLessThan(400)
  expect(records[0]).toEqual({
    ...{ timeUnixNano: `${T0}000000`, observedTimeUnixNano: `${T0}000000`, severityNumber: 13, severityText: 'WARN' },
    body: { stringValue: 'a device is away' },
    attributes: [
      { key: 'device', value: { stringValue: 'cam-1' } },
      { key: 'count', value: { doubleValue: 2 } },
      { key: 'isNew', value: { boolValue: true } },
      { key: 'more', value: { stringValue: '{"a":1}' } },
    ],
  })
})
