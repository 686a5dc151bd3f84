import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../build/demo/child.ts'
import { startFleet } from '../harness/console.ts'

const python = join(process.cwd(), '.cache/venv/bin/python')
const hasReader = existsSync(python) && spawnSync(python, ['-c', 'import cloudevents.core.bindings.http, standardwebhooks']).status === 0
if (!hasReader)
  process.stderr.write(
    'cloudevents and standardwebhooks are not installed: webhooks are read by our own receiver only. To run the test: ' +
      'python3 -m venv .cache/venv && .cache/venv/bin/pip install cloudevents==2.2.0 standardwebhooks==1.1.0\n',
  )

/** What the receiver understood of a request. */
interface Told {
  port?: number
  refused?: string
  id?: string
  webhook?: string
  specversion?: string
  source?: string
  type?: string
  subject?: string | null
  time?: number
  data?: Record<string, unknown>
}

/** Starts `webhook_receiver.py`, which knows one secret. */
async function startReceiver(secret: string): Promise<{ url: string; told: Told[] }> {
  const child = spawn(python, [join(import.meta.dirname, 'webhook_receiver.py')], {
    ...{ env: { ...process.env, HOOK_SECRET: secret }, stdio: ['ignore', 'pipe', 'inherit'] },
  })
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  })
  const told: Told[] = []
  createInterface({ input: child.stdout }).on('line', (line) => told.push(JSON.parse(line) as Told))
  const { port } = await until('the receiver listens', 60, () => told.shift())
  return { url: `http://127.0.0.1:${port}/hook`, told }
}

test.skipIf(!hasReader)(
  'libraries of others check the signature and read the event: of data out, and of alerts',
  { timeout: 300_000 },
  async () => {
    const secret = `whsec_${Buffer.from('a key of thirty-two bytes, or so.').toString('base64')}`
    const { url, told } = await startReceiver(secret)
    const { host } = await startFleet({ broker: 'embedded', devices: [] })
    const rpc = host.rpc!
    const since = Date.now() / 1000 - 1
    const place = { kind: 'webhook' as const, name: 'Plant system', url, secret, allowsPrivate: true }
    const { forward } = await rpc.call('forward.set', { set: { ...place, events: ['device', 'audit'] } })
    await rpc.call('devices.createCode', { device: 'press-1', labels: { site: 'Zürich 🏭' } })
    const arrived = (type: string): Promise<Told> => until(type, 60, () => told.find((one) => one.type === type))

    const made = await arrived('muster.device.devices.createCode')
    expect(made).toMatchObject({
      ...{ specversion: '1.0', source: '/muster/test/device' },
      // Signed as bytes: letters beyond ASCII are where two programs may differ.
      data: { title: 'devices.createCode', action: 'devices.createCode', detail: { input: { labels: { site: 'Zürich 🏭' } } } },
    })
    expect(made.id).toBe(made.webhook)
    expect(made.time).toBeGreaterThan(since)
    expect(made.time).toBeLessThan(Date.now() / 1000 + 1)

    const { channel } = await rpc.call('alerts.setChannel', { set: { ...place, name: 'Operations' } })
    await rpc.call('alerts.testChannel', { channel: channel.channel })
    expect(await arrived('muster.alert.test')).toMatchObject({ specversion: '1.0', source: '/muster/test/alerts', data: { kind: 'test' } })

    expect(told.filter((one) => one.refused !== undefined)).toEqual([])
    const ids = told.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    // With another secret nothing is believed: the library looks at the signature.
    await rpc.call('forward.set', {
      forward,
      set: { ...place, events: ['device'], secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` },
    })
    expect(await rpc.call('forward.test', { forward })).toMatchObject({ works: false, problem: { code: 'channel.refused' } })
    expect(told.at(-1)).toEqual({ refused: 'No matching signature found' })
  },
)
