import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { NATIVE_SCHEMA } from '../../shared/metrics/duration-histogram.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { packSketch } from '../../shared/stats/packed-sketch.ts'
import { enrolled } from '../harness/fleet.ts'
import { openMetricsDesk } from '../harness/metrics-desk.ts'

const python = process.env['MUSTER_TEST_PYTHON'] ?? join(process.cwd(), '.cache/venv/bin/python')
const hasReader = existsSync(python) && spawnSync(python, ['-c', 'import opentelemetry.proto.collector.metrics.v1']).status === 0
if (!hasReader)
  process.stderr.write(
    'opentelemetry-proto is not installed (python3 -m venv .cache/venv && .cache/venv/bin/pip install opentelemetry-proto==1.45.2): OTLP is read by its own tests only\n',
  )

interface Read {
  metrics: {
    name: string
    unit: string
    kind: string
    attributes: Record<string, string>
    value?: number
    count?: number
    scale?: number
    zero?: number
    sum?: number
    offset?: number
    counts?: number[]
  }[]
  logs: { severity: number; text: string; body: string; attributes: Record<string, unknown> }[]
  resources: Record<string, string>[]
}

test.skipIf(!hasReader)('what a receiver gets is what OpenTelemetry publishes, and says what the console shows', async () => {
  const lines: string[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      lines.push(`${request.url === '/v1/logs' ? 'logs' : 'metrics'} ${Buffer.concat(parts).toString()}`)
      response.writeHead(200).end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())

  const desk = await openMetricsDesk()
  enrolled(desk.store, 'cam-1', { site: 'lyon "ü"' })
  const latency = LatencySketch.empty()
  for (const ms of [0, 1, 2, 3, 250]) latency.add(ms)
  desk.writer.exec(`INSERT INTO subject (id, deployment, digest, model, version) VALUES (1, 'reader', 'd', 'digits', '1.0.0');
    INSERT INTO device (id, name) VALUES (1, 'cam-1'); INSERT INTO boot (id, name) VALUES (1, 'b');
    INSERT INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (1, 'cam-1', 's', 0, 0)`)
  desk.writer
    .prepare(
      `INSERT INTO window (spool, seq, device, subject, boot, started_at, ended_at, covered_ms, requests, rows, errors, not_finite, cache_hits,
        cpu_ms, received_at, errors_by_cause, validation, latency) VALUES (1, 1, 1, 1, 1, 0, 60000, 60000, 7, 7, 2, 0, 0, 0, 0, '{}', '{}', ?)`,
    )
    .run(packSketch(latency.state()))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await desk.call('metrics.setOtlp', { export: { url, everySeconds: 3600, logs: 'info', allowsPrivate: true } })
  desk.log('warn', 'a device is away', { device: 'cam-1', tries: 2 })
  await until('metrics and logs to arrive', 30, () => lines.some((line) => line.startsWith('logs ')))

  const ran = spawnSync(python, [join(import.meta.dirname, 'otlp_read.py')], { input: lines.join('\n'), encoding: 'utf8' })
  expect([ran.status, ran.stderr]).toEqual([0, ''])
  const { metrics, logs, resources } = JSON.parse(ran.stdout) as Read
  const { families } = await desk.call('metrics.show', {})
  const shown = families.flatMap(({ name, type, series }) => series.map((one) => ({ ...one, type, name: name.replace(/_total$/, '') })))
  expect(metrics.map(({ name, attributes }) => [name, attributes])).toEqual(shown.map(({ name, labels }) => [name, labels]))
  const kinds = { counter: 'sum', gauge: 'gauge', histogram: 'exponential_histogram' }
  expect(metrics.map(({ kind }) => kind)).toEqual(shown.map(({ type }) => kinds[type]))
  const same = shown.flatMap(({ value, name }, i) =>
    value === null || /^process_|_otlp_|_store_/.test(name) ? [] : [[metrics[i]!.value, value]],
  )
  expect(same.map(([sent]) => sent)).toEqual(same.map(([, value]) => value))
  const durations = metrics.find(({ kind }) => kind === 'exponential_histogram')!
  expect(durations).toMatchObject({ count: 5, scale: NATIVE_SCHEMA, zero: 1, unit: 's' })
  expect(durations.sum).toBeCloseTo(0.256, 12)
  // Bucket i of the protocol is (base^i, base^(i+1)].
  const ends = durations.counts!.flatMap((count, i) => Array.from({ length: count }, () => 2 ** ((durations.offset! + i + 1) / 8)))
  for (const [i, seconds] of [0.001, 0.002, 0.003, 0.25].entries()) {
    expect(ends[i]!).toBeGreaterThanOrEqual(seconds * 0.99)
    expect(ends[i]!).toBeLessThan(seconds * 1.02 * 2 ** (1 / 8))
  }
  expect(logs).toEqual([{ severity: 13, text: 'WARN', body: 'a device is away', attributes: { device: 'cam-1', tries: 2 } }])
  expect(resources[0]).toEqual({ 'service.name': 'muster-console', 'service.version': '1.2.3', 'service.instance.id': 'plant' })
})
