import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Broker, BrokerEvents } from '../../electron/core/hub/broker.ts'
import { createExternalBroker } from '../../electron/core/hub/external.ts'
import { deviceFilters, topicOf } from '../../shared/protocol/topics.ts'
import { FLEET, secretOf, startEmbedded } from '../harness/embedded-broker.ts'
import { CONSOLE_USER, hasMosquitto, startMosquitto, type Mosquitto } from '../harness/mosquitto.ts'

/** What the console and a device see of a broker, whichever it is. */
interface Stage {
  broker: Broker
  messages: { topic: string; payload: string }[]
  states: string[]
  join(device: string): Promise<MqttClient>
}

async function joinAt(url: string, credentials: { username?: string; password?: string }, device: string): Promise<MqttClient> {
  const will = { topic: topicOf(FLEET, 'presence', { device }), payload: Buffer.from('offline'), qos: 1 as const, retain: true }
  const client = await connectAsync(url, { ...credentials, clientId: device, protocolVersion: 4, clean: true, reconnectPeriod: 0, will })
  onTestFinished(() => client.endAsync(true))
  return client
}

async function embedded(): Promise<Stage> {
  const { broker, messages, url } = await startEmbedded()
  return { broker, messages, states: [], join: (device) => joinAt(url, { username: device, password: secretOf(device) }, device) }
}

async function mosquittoFor(): Promise<Mosquitto> {
  const directory = mkdtempSync(join(tmpdir(), 'muster-mosquitto-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const mosquitto = await startMosquitto(directory, FLEET, ['cam-1', 'cam-2'])
  onTestFinished(() => mosquitto.stop())
  return mosquitto
}

function observe() {
  const messages: Stage['messages'] = []
  const states: string[] = []
  const events: BrokerEvents = {
    onMessage: (topic, payload) => messages.push({ topic, payload: Buffer.from(payload).toString() }),
    onDeviceGone: () => undefined,
    onState: (state, problem) => states.push(problem === null ? state : `${state}: ${problem.code}`),
  }
  return { messages, states, events }
}

function externalAt(url: string, credentials: { username: string | null; password: string | null } = { username: null, password: null }) {
  const { messages, states, events } = observe()
  const broker = createExternalBroker({ fleet: FLEET, url, ...credentials, log: () => undefined, events })
  onTestFinished(() => broker.stop())
  return { broker, messages, states }
}

async function external(): Promise<Stage> {
  const mosquitto = await mosquittoFor()
  const stage = externalAt(mosquitto.url(CONSOLE_USER))
  await stage.broker.start()
  return { ...stage, join: (device) => joinAt(mosquitto.url(device), {}, device) }
}

const brokers = [
  { name: 'embedded', isThere: true, start: embedded },
  { name: 'external (mosquitto)', isThere: hasMosquitto, start: external },
]

describe.each(brokers)('a broker, $name', ({ isThere, start }) => {
  it.skipIf(!isThere)('brings the four messages of a device to the console', async () => {
    const { join, messages } = await start()
    const device = await join('cam-1')
    const names = ['presence', 'reported', 'telemetry', 'blockWant'] as const
    for (const name of names) await device.publishAsync(topicOf(FLEET, name, { device: 'cam-1' }), name, { qos: 1 })
    await vi.waitFor(() =>
      expect(messages).toEqual(names.map((name) => ({ topic: topicOf(FLEET, name, { device: 'cam-1' }), payload: name }))),
    )
  })

  it.skipIf(!isThere)('brings desired state, acks and blocks to the device they are for, and keeps the newest desired state', async () => {
    const { broker, join } = await start()
    const desired = topicOf(FLEET, 'desired', { device: 'cam-1' })
    await broker.publish(desired, Buffer.from('old'), { qos: 1, retain: true })
    await broker.publish(desired, Buffer.from('new'), { qos: 1, retain: true })
    const [one, two] = [await join('cam-1'), await join('cam-2')]
    const heard: string[][] = [[], []]
    one.on('message', (topic, payload) => heard[0]!.push(`${topic.split('/').slice(5).join('/')} ${payload.toString()}`))
    two.on('message', (topic) => heard[1]!.push(topic))
    await one.subscribeAsync(deviceFilters(FLEET, 'cam-1'), { qos: 1 })
    await two.subscribeAsync(deviceFilters(FLEET, 'cam-2'), { qos: 1 })
    await broker.publish(topicOf(FLEET, 'telemetryAck', { device: 'cam-1' }), Buffer.from('through 5'), { qos: 1, retain: false })
    await broker.publish(topicOf(FLEET, 'deviceBlock', { device: 'cam-1', artifact: 'a'.repeat(64), block: '0' }), Buffer.from('bytes'), {
      qos: 0,
      retain: false,
    })
    await vi.waitFor(() => expect(heard).toEqual([['desired new', 'telemetry/ack through 5', `block/${'a'.repeat(64)}/0 bytes`], []]))
  })

  it.skipIf(!isThere)('publishes the last will of a device that is cut off', async () => {
    const { join, messages } = await start()
    const device = await join('cam-1')
    device.stream.destroy()
    await vi.waitFor(() => expect(messages).toEqual([{ topic: topicOf(FLEET, 'presence', { device: 'cam-1' }), payload: 'offline' }]))
  })

  it.skipIf(!isThere)('does not let a device speak for another one', async () => {
    const { join, messages } = await start()
    const [one, two] = [await join('cam-1'), await join('cam-2')]
    one.on('error', () => undefined)
    one.publish(topicOf(FLEET, 'reported', { device: 'cam-2' }), 'forged', { qos: 0 })
    await two.publishAsync(topicOf(FLEET, 'reported', { device: 'cam-2' }), 'true', { qos: 1 })
    await vi.waitFor(() =>
      expect(messages.filter(({ topic }) => topic.endsWith('reported'))).toEqual([
        { topic: topicOf(FLEET, 'reported', { device: 'cam-2' }), payload: 'true' },
      ]),
    )
  })

  it.skipIf(!isThere)('takes 20 MiB of blocks and lets an ack through beside them', async () => {
    const { broker, join } = await start()
    const device = await join('cam-1')
    let bytes = 0
    let acks = 0
    device.on('message', (topic, payload) => {
      if (topic.endsWith('/ack')) acks += 1
      else bytes += payload.length
    })
    await device.subscribeAsync(deviceFilters(FLEET, 'cam-1'), { qos: 1 })
    const block = Buffer.alloc(256 * 1024, 1)
    for (let n = 0; n < 80; n += 1) {
      await broker.publish(topicOf(FLEET, 'deviceBlock', { device: 'cam-1', artifact: 'a'.repeat(64), block: `${n}` }), block, {
        qos: 0,
        retain: false,
      })
      await vi.waitFor(() => expect(broker.backlogBytes(['cam-1'])).toBeLessThan(4 * 1024 * 1024))
    }
    await broker.publish(topicOf(FLEET, 'telemetryAck', { device: 'cam-1' }), Buffer.from('x'), { qos: 1, retain: false })
    await vi.waitFor(() => expect({ bytes, acks }).toEqual({ bytes: 80 * block.length, acks: 1 }), { timeout: 10_000 })
  })

  it.skipIf(!isThere)('says that it is unreachable after its stop', async () => {
    const { broker } = await start()
    await broker.stop()
    await expect(broker.publish('muster/1/lab/x', Buffer.from('x'), { qos: 1, retain: false })).rejects.toMatchObject({
      code: 'broker.unreachable',
    })
  })
})

describe('an external broker', () => {
  it('that is not there does not fail the start, and is named', async () => {
    const { broker, states } = externalAt('mqtt://somebody:secret@127.0.0.1:1')
    expect(await broker.start()).toEqual({ url: 'mqtt://127.0.0.1:1', localUrl: 'mqtt://127.0.0.1:1' })
    expect(states).toEqual(['unreachable: broker.unreachable'])
    await expect(broker.publish('x', Buffer.from('x'), { qos: 1, retain: false })).rejects.toMatchObject({
      code: 'broker.unreachable',
      message: 'The broker at mqtt://127.0.0.1:1 is not reachable.',
    })
  })

  it('of an address that is none is refused', async () => {
    await expect(externalAt('localhost:1883').broker.start()).rejects.toMatchObject({ code: 'input.invalid' })
  })

  it.skipIf(!hasMosquitto)('that refuses the password is told from one that is away', async () => {
    const mosquitto = await mosquittoFor()
    const { broker, states } = externalAt(`mqtt://127.0.0.1:${mosquitto.port}`, { username: CONSOLE_USER, password: 'wrong' })
    await broker.start()
    expect(states).toEqual(['unreachable: broker.refused'])
  })

  it.skipIf(!hasMosquitto)('that comes back is used again, and nothing of before is said again', async () => {
    const mosquitto = await mosquittoFor()
    const { broker, states, messages } = externalAt(mosquitto.url(CONSOLE_USER))
    await broker.start()
    await mosquitto.stop()
    await vi.waitFor(() => expect(states).toEqual(['running', 'unreachable: broker.unreachable']))
    await expect(broker.publish('muster/1/lab/device/cam-1/desired', Buffer.from('old'), { qos: 1, retain: true })).rejects.toMatchObject({
      code: 'broker.unreachable',
    })
    await mosquitto.start()
    await vi.waitFor(() => expect(states.at(-1)).toBe('running'), { timeout: 10_000 })
    const device = await joinAt(mosquitto.url('cam-1'), {}, 'cam-1')
    const heard: string[] = []
    device.on('message', (_topic, payload) => heard.push(payload.toString()))
    await device.subscribeAsync(deviceFilters(FLEET, 'cam-1'), { qos: 1 })
    await broker.publish('muster/1/lab/device/cam-1/desired', Buffer.from('new'), { qos: 1, retain: true })
    await device.publishAsync(topicOf(FLEET, 'reported', { device: 'cam-1' }), 'here', { qos: 1 })
    await vi.waitFor(() =>
      expect({ heard, messages: messages.map(({ payload }) => payload) }).toEqual({ heard: ['new'], messages: ['here'] }),
    )
  })
})
