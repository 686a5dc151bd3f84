import { expect, test } from 'vitest'
import { consoleCatalog } from '../../../../../shared/metrics/console-catalog.ts'
import { LatencySketch } from '../../../../../shared/stats/latency-sketch.ts'
import { packSketch } from '../../../../../shared/stats/packed-sketch.ts'
import { enrolled } from '../../../../harness/fleet.ts'
import { readFamilies } from '../../../../harness/metric-family.ts'
import { openMetricsDesk } from '../../../../harness/metrics-desk.ts'

test('a token of a viewer scrapes; no token, another one, a token for other methods and one in the address do not', async () => {
  const desk = await openMetricsDesk()
  const viewer = await desk.newToken({ name: 'prometheus', methods: ['metrics.show'] })
  const other = await desk.newToken({ name: 'reports', methods: ['tokens.list'] })
  const answers = await Promise.all([
    desk.scrape(viewer),
    desk.scrape(desk.token),
    desk.scrape(null),
    desk.scrape('mst_wrong'),
    desk.scrape(other),
    desk.scrape(null, `/metrics?token=${viewer}`),
    desk.scrape(viewer, '/metrics', { host: 'evil.test' }),
  ])
  expect(answers.map(({ status }) => status).slice(0, 5)).toEqual([200, 200, 403, 403, 403])
  expect(answers[5].status).toBeGreaterThanOrEqual(400)
  expect(answers[0].headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(answers[0].headers.get('cache-control')).toBe('no-store')
  expect(await answers[2].text()).not.toContain('muster_devices')
  await desk.call('tokens.revoke', { token: (await desk.call('tokens.list', {})).tokens.find(({ name }) => name === 'prometheus')!.token })
  expect((await desk.scrape(viewer)).status).toBe(403)
})

test('every metric of the catalogue is told, of the stores as they are, with the labels that it declares', async () => {
  const desk = await openMetricsDesk()
  enrolled(desk.store, 'cam-1', { site: 'lyon' })
  enrolled(desk.store, 'cam-2')
  const latency = LatencySketch.empty()
  for (const ms of [1, 2, 3]) latency.add(ms)
  desk.writer.exec(`INSERT INTO subject (id, deployment, digest, model, version) VALUES (1, 'reader', 'd', 'digits', '1.0.0');
    INSERT INTO device (id, name) VALUES (1, 'cam-1'); INSERT INTO boot (id, name) VALUES (1, 'b');
    INSERT INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (1, 'cam-1', 's', 0, 0)`)
  desk.writer
    .prepare(
      `INSERT INTO window (spool, seq, device, subject, boot, started_at, ended_at, covered_ms, requests, rows, errors, not_finite, cache_hits,
        cpu_ms, received_at, errors_by_cause, validation, latency) VALUES (1, 1, 1, 1, 1, 0, 60000, 60000, 5, 5, 2, 1, 0, 0, 0, '{}', '{}', ?)`,
    )
    .run(packSketch(latency.state()))
  const settings = {
    kind: 'webhook' as const,
    name: 'Ops',
    url: 'https://ops.example',
    secret: null,
    events: [],
    persons: false,
    allowsPrivate: false,
  }
  const places = { places: {}, restored: null, setAt: 0, setBy: 'anna' }
  for (const forward of ['f-good', 'f-bad', 'f-paused']) desk.store.forwards.put({ forward, settings, ...places })
  desk.store.forwards.stop('f-bad', { code: 'forward.refused', message: 'no', at: 1 })
  desk.store.forwards.setState('f-paused', 'paused')
  desk.store.forwardEvents.add({ forward: 'f-bad', uid: 'u', kind: 'alert', type: 't', title: 't', body: '{}', createdAt: 1 })
  const text = await (await desk.scrape(desk.token)).text()
  const named = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name))
  expect(named).toEqual(new Set(Object.keys(consoleCatalog)))
  expect(text).toContain('muster_devices{health="offline"} 2\n')
  expect(text).toContain('muster_devices_online 0\n')
  expect(text).toContain('muster_site_devices{site="lyon",state="offline"} 1\n')
  expect(text).toContain('muster_ingest_records_total 12\n')
  expect(text).toContain('muster_broker_up 1\n')
  expect(text.match(/^muster_forward_.*$/gm)).toEqual([
    'muster_forward_up{forward="f-bad",kind="webhook"} 0',
    'muster_forward_up{forward="f-good",kind="webhook"} 1',
    'muster_forward_waiting_events{forward="f-bad",kind="webhook"} 1',
    'muster_forward_waiting_events{forward="f-good",kind="webhook"} 0',
  ])
  expect(text).toContain('muster_fleet_inference_requests_total{deployment="reader",model="other",version="other"} 5\n')
  expect(text).toContain('muster_fleet_inference_errors_total{deployment="reader",model="other",version="other"} 2\n')
  expect(text).toContain('muster_fleet_inference_duration_seconds_count{deployment="reader",model="other",version="other"} 3\n')
  expect(text).not.toMatch(/ (NaN|undefined|null)$/m)
  const labels: Record<string, readonly string[]> = Object.fromEntries(
    Object.entries(consoleCatalog).map(([name, of]) => [name, of.labels]),
  )
  for (const { name, metric } of readFamilies(
    new Uint8Array(
      await (
        await desk.scrape(desk.token, '/metrics', {
          accept: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
        })
      ).arrayBuffer(),
    ),
  ))
    for (const one of metric) expect([name, one.label.map((label) => label.name)]).toEqual([name, labels[name]])
})

test('a broker that is away and a store that takes nothing are seen', async () => {
  const desk = await openMetricsDesk()
  Object.assign(desk.hub, {
    broker: { state: 'unreachable', problem: null },
    counters: { ...desk.hub.counters, problem: { code: 'store.disk-full', message: 'x' } },
  })
  const text = await (await desk.scrape(desk.token)).text()
  expect(text).toContain('muster_broker_up 0\n')
  expect(text).toContain('muster_store_writable 0\n')
})
