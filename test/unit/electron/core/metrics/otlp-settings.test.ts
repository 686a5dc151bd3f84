import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { addMetricsCommands } from '../../../../../electron/core/cli/metrics-commands.ts'
import { runCommand } from '../../../../harness/command-line.ts'
import { openMetricsDesk } from '../../../../harness/metrics-desk.ts'

/** A receiver that keeps what it took. */
async function receiver(): Promise<{ url: string; got: { path: string; secret: string | undefined; body: string }[] }> {
  const got: { path: string; secret: string | undefined; body: string }[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      got.push({ path: request.url ?? '', secret: request.headers.authorization, body: Buffer.concat(parts).toString() })
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const muster = (desk: { url: string; token: string }, ...args: string[]) =>
  runCommand(addMetricsCommands, ['--url', desk.url, '--token', desk.token, 'metrics', ...args])

test('the command line shows metrics, and says where they are scraped', async () => {
  const desk = await openMetricsDesk()
  const shown = await muster(desk, 'show', 'muster_broker')
  expect([shown.exit, shown.out]).toEqual([0, expect.stringContaining(`Scraped at ${desk.url}/metrics`)])
  expect(shown.out).toMatch(/muster_broker_up\s+1/)
  expect((await muster(desk, '--json', 'show', 'muster_devices_online')).json()).toMatchObject({
    url: `${desk.url}/metrics`,
    families: [{ name: 'muster_devices_online', type: 'gauge', series: [{ labels: {}, value: 0, histogram: null }] }],
  })
  expect((await muster(desk, 'show', 'nothing')).exit).toBe(2)
})

test('an export begins when it is set, and ends with off; the secret is sent, sealed from view, and does not move to another address', async () => {
  const desk = await openMetricsDesk()
  const { url, got } = await receiver()
  const secret = 'Bearer s3cret'
  await desk.call('metrics.setOtlp', { export: { url, secret, everySeconds: 5, logs: 'warn', allowsPrivate: true } })
  desk.log('warn', 'a device is away', { device: 'cam-1' })
  await vi.waitFor(() => expect(got.map(({ path }) => path)).toEqual(['/v1/metrics', '/v1/logs']), { timeout: 10_000, interval: 20 })
  expect(got.every((one) => one.secret === secret)).toBe(true)
  expect(got[0]!.body).toContain('"muster_devices_online"')
  expect(got[1]!.body).toContain('a device is away')
  const shown = await desk.call('metrics.otlp', {})
  expect(shown.export).toMatchObject({ url, hasSecret: true, isShut: false })
  expect(JSON.stringify(shown)).not.toContain('s3cret')
  expect(JSON.stringify(desk.store.audit.after(0, 100))).not.toContain('s3cret')
  const kept = await desk.call('metrics.setOtlp', { export: { url, everySeconds: 5, allowsPrivate: true } })
  expect(kept.export?.hasSecret).toBe(true)
  const moved = await desk.call('metrics.setOtlp', { export: { url: 'https://elsewhere.test', everySeconds: 5 } })
  expect(moved.export?.hasSecret).toBe(false)
  expect((await muster(desk, 'otlp', 'off')).exit).toBe(0)
  expect(await desk.call('metrics.otlp', {})).toMatchObject({ export: null, state: { nextAt: null } })
})

test('a receiver that does not answer is not stored, unless a person says so; an address that is none never is', async () => {
  const desk = await openMetricsDesk()
  const away = 'http://127.0.0.1:9'
  const refused = await muster(desk, 'otlp', 'set', away, '--allow-private')
  expect([refused.exit, refused.err]).toEqual([6, expect.stringContaining('Nothing was stored')])
  expect((await muster(desk, 'otlp', 'set', away)).err).toContain('not a public address')
  expect((await desk.call('metrics.otlp', {})).export).toBeNull()
  const kept = await muster(desk, '--json', 'otlp', 'set', away, '--allow-private', '--no-check', '--logs', 'error')
  expect(kept.json()).toMatchObject({ export: { url: away, logs: 'error', everySeconds: 60 } })
  for (const url of ['collector', 'ftp://x.test', 'https://a:b@x.test', 'https://x.test/?a'])
    await expect(desk.call('metrics.setOtlp', { export: { url } })).rejects.toMatchObject({ code: 'input.invalid' })
  await expect(desk.call('metrics.setOtlp', { export: { url: 'https://x.test', header: 'Host' } })).rejects.toMatchObject({
    code: 'input.invalid',
  })
  await expect(desk.call('metrics.setOtlp', { export: { url: 'https://x.test', secret: 'a\nb: c' } })).rejects.toMatchObject({
    code: 'input.invalid',
  })
  expect((await muster(desk, 'otlp', 'set', away, '--logs', 'all')).exit).toBe(2)
})

test('it works with a real receiver through the command line', async () => {
  const desk = await openMetricsDesk()
  const { url, got } = await receiver()
  expect((await muster(desk, 'otlp', 'set', url, '--allow-private', '--every', '5')).out).toContain(`${url}: metrics every 5 s`)
  await vi.waitFor(() => expect(got.length).toBeGreaterThanOrEqual(2), { timeout: 10_000, interval: 20 })
  expect(got[0]).toMatchObject({ path: '/v1/metrics', body: '{"resourceMetrics":[]}' })
  await vi.waitFor(async () => expect((await desk.call('metrics.otlp', {})).state.sent.metrics).toBeGreaterThan(20), { timeout: 10_000 })
})
