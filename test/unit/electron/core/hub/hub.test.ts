import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { FromHub, HubOptions, ToHub } from '../../../../../electron/core/hub/messages.ts'
import { topicOf } from '../../../../../shared/protocol/topics.ts'
import { CODE, FLEET, hubDevice, REQUEST, secretOf } from '../../../../harness/embedded-broker.ts'
import { telemetryBatch } from '../../../../harness/telemetry.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-hub-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

interface HubChild {
  child: ChildProcess
  heard: FromHub[]
  url: string
  send(message: ToHub): void
  of<Type extends FromHub['type']>(type: Type): Extract<FromHub, { type: Type }>[]
  exited: Promise<unknown[]>
}

async function startHub(part: Partial<HubOptions> = {}): Promise<HubChild> {
  const child = fork(join(import.meta.dirname, '../../../../../electron/core/hub/main.ts'), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const heard: FromHub[] = []
  child.on('message', (message: FromHub) => heard.push(message))
  const exited = once(child, 'exit')
  const options: HubOptions = {
    ...{ fleet: FLEET, broker: { kind: 'embedded', host: '127.0.0.1', port: 0 }, telemetryFile: join(directory, 'telemetry.db') },
    ...{
      artifactDirectory: directory,
      devices: [hubDevice('cam-1', []), hubDevice('cam-2', [])],
      enrolmentCodes: [CODE],
      limitBytesPerSecond: null,
    },
    ...part,
  }
  child.send({ type: 'start', options } satisfies ToHub)
  const of: HubChild['of'] = (type) => heard.filter((message): message is never => message.type === type)
  await vi.waitFor(() => expect(of('started').length + of('failed').length).toBe(1), { timeout: 10_000 })
  return { child, heard, url: of('started')[0]?.url ?? '', send: (message) => void child.send(message, () => undefined), of, exited }
}

async function joinAs(device: string, url: string): Promise<MqttClient> {
  const client = await connectAsync(url, {
    clientId: device,
    username: device,
    password: secretOf(device),
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: 3000,
  })
  client.on('error', () => undefined)
  onTestFinished(() => client.endAsync(true))
  return client
}

const presence = (status: string) => JSON.stringify({ v: 1, sentAt: 5, device: 'cam-1', status, boot: 'b-1', agentVersion: '1.0' })
const forwarded = (hub: HubChild) =>
  hub.of('messages').flatMap(({ messages }) => messages.map(({ name, sender, json }) => ({ name, sender, json })))

describe('the hub as a process', () => {
  it('forwards what devices say, and says itself that one is gone which said nothing', async () => {
    const hub = await startHub()
    const device = await joinAs('cam-1', hub.url)
    await device.publishAsync(topicOf(FLEET, 'presence', { device: 'cam-1' }), presence('online'), { qos: 1, retain: true })
    await device.publishAsync(topicOf(FLEET, 'reported', { device: 'cam-1' }), '{"any":"thing"}', { qos: 1 })
    await vi.waitFor(() => expect(forwarded(hub)).toHaveLength(2))
    device.stream.destroy()
    await vi.waitFor(() => expect(forwarded(hub)).toHaveLength(3))
    const [online, reported, offline] = forwarded(hub)
    expect([online, reported]).toEqual([
      { name: 'presence', sender: 'cam-1', json: presence('online') },
      { name: 'reported', sender: 'cam-1', json: '{"any":"thing"}' },
    ])
    expect(JSON.parse(offline!.json)).toEqual({
      v: 1,
      sentAt: expect.any(Number),
      device: 'cam-1',
      status: 'offline',
      boot: 'b-1',
      agentVersion: '1.0',
    })
  })

  it('publishes for the core and answers, forwards enrolments, and ends when it is told to', async () => {
    const hub = await startHub()
    const guest = await connectAsync(hub.url, {
      clientId: `enrol-${REQUEST}`,
      username: 'enrol',
      password: CODE,
      protocolVersion: 4,
      reconnectPeriod: 0,
    })
    const answers: string[] = []
    guest.on('message', (_topic, payload) => answers.push(payload.toString()))
    await guest.subscribeAsync(topicOf(FLEET, 'enrolResult', { request: REQUEST }), { qos: 1 })
    await guest.publishAsync(topicOf(FLEET, 'enrolRequest', { request: REQUEST }), 'please', { qos: 1 })
    await vi.waitFor(() => expect(forwarded(hub)).toEqual([{ name: 'enrolRequest', sender: REQUEST, json: 'please' }]))
    hub.send({
      type: 'publish',
      id: 7,
      topic: topicOf(FLEET, 'enrolResult', { request: REQUEST }),
      payload: Buffer.from('welcome'),
      qos: 1,
      retain: false,
    })
    await vi.waitFor(() =>
      expect({ answers, published: hub.of('published') }).toEqual({
        answers: ['welcome'],
        published: [{ type: 'published', id: 7, problem: null }],
      }),
    )
    hub.send({ type: 'stop' })
    expect(await hub.exited).toEqual([0, null])
    expect(hub.heard.at(-1)).toEqual({ type: 'stopped' })
    await guest.endAsync(true)
  })

  it('cuts off a device that is removed, and lets a new one in', async () => {
    const hub = await startHub()
    const device = await joinAs('cam-1', hub.url)
    const closed = new Promise<void>((resolve) => device.once('close', () => resolve()))
    hub.send({ type: 'devices', upsert: [hubDevice('cam-3', [])], remove: ['cam-1'] })
    await closed
    await expect(joinAs('cam-1', hub.url)).rejects.toMatchObject({ code: 4 })
    const other = await joinAs('cam-3', hub.url)
    expect(other.connected).toBe(true)
    expect(forwarded(hub)).toEqual([])
  })

  it('cuts off a device whose secret is another one now', async () => {
    const hub = await startHub()
    const device = await joinAs('cam-1', hub.url)
    const closed = new Promise<void>((resolve) => device.once('close', () => resolve()))
    hub.send({ type: 'devices', upsert: [{ ...hubDevice('cam-1', []), secretHash: 'e'.repeat(64) }], remove: [] })
    await closed
    await expect(joinAs('cam-1', hub.url)).rejects.toMatchObject({ code: 4 })
  })

  it('counts what it ingests', async () => {
    const hub = await startHub()
    const device = await joinAs('cam-1', hub.url)
    const telemetry = topicOf(FLEET, 'telemetry', { device: 'cam-1' })
    for (const payload of [
      telemetryBatch({ device: 'cam-1', from: 1, through: 5 }),
      telemetryBatch({ device: 'cam-1', from: 1, through: 5 }),
      telemetryBatch({ device: 'cam-2', from: 1, through: 5 }),
    ]) {
      await device.publishAsync(telemetry, payload, { qos: 1 })
    }
    await vi.waitFor(() =>
      expect(hub.of('ingest').at(-1)?.counters).toEqual({
        batches: 3,
        records: 5,
        duplicates: 5,
        quarantined: 0,
        refused: 1,
        pending: 0,
        problem: null,
      }),
    )
  })

  it('ends when the core is gone, with everything committed that it received', async () => {
    const hub = await startHub()
    const device = await joinAs('cam-1', hub.url)
    const { seen } = await collectAcks(device)
    for (let seq = 1; seq <= 50; seq += 1)
      await device.publishAsync(
        topicOf(FLEET, 'telemetry', { device: 'cam-1' }),
        telemetryBatch({ device: 'cam-1', from: seq, through: seq }),
        { qos: 1 },
      )
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0))
    hub.child.disconnect()
    expect(await hub.exited).toEqual([0, null])
    expect(stored()).toEqual({ n: 50, different: 50 })
  })

  it('says why it does not start', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    const hub = await startHub({ broker: { kind: 'embedded', host: '127.0.0.1', port } })
    expect(hub.of('failed')).toMatchObject([
      { problem: { code: 'port.in-use', message: `The broker cannot listen on 127.0.0.1:${port}: it is in use.` } },
    ])
    expect(await hub.exited).toEqual([1, null])
  })

  it('starts although the external broker is away, and says so first', async () => {
    const hub = await startHub({ broker: { kind: 'external', url: 'mqtt://127.0.0.1:1', username: null, password: null } })
    expect(hub.heard.slice(0, 2)).toMatchObject([
      { type: 'broker', state: 'unreachable', problem: { code: 'broker.unreachable' } },
      { type: 'started', url: 'mqtt://127.0.0.1:1' },
    ])
  })
})

describe('a device that is shut in, or out', () => {
  const publish = (hub: HubChild, name: 'desired' | 'certificateResult', device: string): void =>
    hub.send({ type: 'publish', id: 1, topic: topicOf(FLEET, name, { device }), payload: Buffer.from(name), qos: 1, retain: false })

  it('in quarantine asks for its next certificate and hears the answer, and nothing else', async () => {
    const hub = await startHub({ devices: [{ ...hubDevice('cam-1', []), isQuarantined: true }] })
    const device = await joinAs('cam-1', hub.url)
    const heard: string[] = []
    device.on('message', (_topic, payload) => heard.push(payload.toString()))
    for (const name of ['desired', 'certificateResult'] as const)
      await device.subscribeAsync(topicOf(FLEET, name, { device: 'cam-1' }), { qos: 1 })
    for (const name of ['reported', 'certificateRequest'] as const)
      await device.publishAsync(topicOf(FLEET, name, { device: 'cam-1' }), name, { qos: 1 })
    await vi.waitFor(() => expect(forwarded(hub)).toEqual([{ name: 'certificateRequest', sender: 'cam-1', json: 'certificateRequest' }]))
    publish(hub, 'desired', 'cam-1')
    publish(hub, 'certificateResult', 'cam-1')
    await vi.waitFor(() => expect(heard).toEqual(['certificateResult']))
  })

  it('case 45: is cut before anything else is done, and the hub says so; another one goes on', async () => {
    const hub = await startHub()
    const [device, other] = [await joinAs('cam-1', hub.url), await joinAs('cam-2', hub.url)]
    const heard: string[] = []
    for (const [name, client] of [
      ['cam-1', device],
      ['cam-2', other],
    ] as const) {
      client.on('message', () => heard.push(name))
      await client.subscribeAsync(topicOf(FLEET, 'desired', { device: name }), { qos: 1 })
    }
    const ended = new Promise<void>((resolve) => device.once('close', () => resolve()))
    hub.send({ type: 'devices', upsert: [], remove: ['cam-1'] })
    publish(hub, 'desired', 'cam-1')
    publish(hub, 'desired', 'cam-2')
    await ended
    await vi.waitFor(() => expect(heard).toEqual(['cam-2']))
    const told = hub.heard.flatMap(({ type }) => (type === 'cut' || type === 'published' ? [type] : []))
    expect([told, hub.of('cut')]).toEqual([['cut', 'published', 'published'], [{ type: 'cut', device: 'cam-1', at: expect.any(Number) }]])
    hub.send({ type: 'devices', upsert: [], remove: ['cam-9'] })
    publish(hub, 'desired', 'cam-2')
    await vi.waitFor(() => expect(hub.of('published')).toHaveLength(3))
    expect(hub.of('cut')).toHaveLength(1)
  })

  it('revoked or removed is told nothing, wherever it still listens', async () => {
    const hub = await startHub({ devices: [] })
    hub.send({
      type: 'publish',
      id: 1,
      topic: topicOf(FLEET, 'desired', { device: 'cam-1' }),
      payload: Buffer.from('x'),
      qos: 1,
      retain: true,
    })
    await vi.waitFor(() => expect(hub.of('published')).toMatchObject([{ id: 1, problem: null }]))
    hub.send({ type: 'devices', upsert: [hubDevice('cam-1', [])], remove: [] })
    const device = await vi.waitFor(() => joinAs('cam-1', hub.url))
    const heard: string[] = []
    device.on('message', (_topic, payload) => heard.push(payload.toString()))
    await device.subscribeAsync(topicOf(FLEET, 'desired', { device: 'cam-1' }), { qos: 1 })
    publish(hub, 'desired', 'cam-1')
    await vi.waitFor(() => expect(heard).toEqual(['desired']))
  })
})

async function collectAcks(device: MqttClient): Promise<{ seen: number[] }> {
  const seen: number[] = []
  device.on('message', (_topic, payload) => seen.push((JSON.parse(payload.toString()) as { through: number }).through))
  await device.subscribeAsync(topicOf(FLEET, 'telemetryAck', { device: 'cam-1' }), { qos: 1 })
  return { seen }
}

function stored(): unknown {
  const db = new Database(join(directory, 'telemetry.db'), { readonly: true })
  try {
    return db.prepare('SELECT count(*) AS n, count(DISTINCT seq) AS different FROM event').get()
  } finally {
    db.close()
  }
}

describe('kill -9 of the hub', () => {
  it('at any moment loses nothing that was acknowledged and stores nothing twice', async () => {
    let acked = 0
    for (let cycle = 0; cycle < 10; cycle += 1) {
      const hub = await startHub()
      const device = await joinAs('cam-1', hub.url)
      const { seen } = await collectAcks(device)
      const send = (from: number): void =>
        void device.publish(
          topicOf(FLEET, 'telemetry', { device: 'cam-1' }),
          telemetryBatch({ device: 'cam-1', from, through: from + 9 }),
          { qos: 0 },
        )
      for (let i = 0; i < 4; i += 1) send(acked + 1 + i * 10)
      // Each cycle kills at another moment: from before the first commit to behind several acks.
      await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(Math.min(cycle, 1)))
      for (let i = 4; i < 4 + cycle * 4; i += 1) send(acked + 1 + i * 10)
      hub.child.kill('SIGKILL')
      await hub.exited
      acked = Math.max(acked, ...seen)
      const { n, different } = stored() as { n: number; different: number }
      expect({ isAckedStored: n >= acked, different }).toEqual({ isAckedStored: true, different: n })
    }
    const hub = await startHub()
    const device = await joinAs('cam-1', hub.url)
    const { seen } = await collectAcks(device)
    for (let from = acked + 1; from <= 2000; from += 10)
      await device.publishAsync(
        topicOf(FLEET, 'telemetry', { device: 'cam-1' }),
        telemetryBatch({ device: 'cam-1', from, through: Math.min(from + 9, 2000) }),
        { qos: 1 },
      )
    await vi.waitFor(() => expect(Math.max(...seen)).toBe(2000), { timeout: 10_000 })
    expect(stored()).toEqual({ n: 2000, different: 2000 })
  }, 90_000)
})
