import { Aedes } from 'aedes'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dial } from '../../../../agent/mqtt/dial.ts'
import { reconnectDelayMs, startConnection, type Connection, type ConnectionOptions } from '../../../../agent/mqtt/connection.ts'
import { systemClock } from '../../../../agent/clock.ts'
import { until } from '../../../harness/local-api.ts'

interface TestBroker {
  broker: Aedes
  port: number
  cut(): void
}

async function startBroker(port = 0): Promise<TestBroker> {
  const broker = await Aedes.createBroker()
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    broker.handle(socket)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => sockets.forEach((socket) => socket.destroy())
  onTestFinished(async () => {
    cut()
    await new Promise<void>((resolve) => broker.close(() => resolve()))
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  return { broker, port: (server.address() as AddressInfo).port, cut }
}

const login = { clientId: 'cam-1', username: 'cam-1', password: 'secret' }

function connect(port: number, change: Partial<ConnectionOptions> = {}): Connection {
  const will = { topic: 'presence', payload: Buffer.from('offline'), qos: 1 as const, retain: true }
  const connection = startConnection({
    dial: () => ({ url: `mqtt://127.0.0.1:${port}`, ...login, will }),
    filters: ['desired', 'blocks/+'],
    clock: systemClock,
    random: () => 0,
    log: () => undefined,
    ...change,
  })
  onTestFinished(() => connection.stop(null))
  return connection
}

describe('a connection', () => {
  it('says that it is connected only when every filter is subscribed', async () => {
    const { broker, port } = await startBroker()
    const subscribed: string[] = []
    broker.on('subscribe', (subscriptions) => void subscribed.push(...subscriptions.map(({ topic }) => topic)))
    const connection = connect(port)
    const seen = await new Promise<string[]>((resolve) => connection.onState((connected) => connected && resolve([...subscribed])))
    expect(seen).toEqual(['desired', 'blocks/+'])
  })

  it('comes back after a cut, with the filters that were added, and replays nothing', async () => {
    const { broker, port, cut } = await startBroker()
    const published: string[] = []
    broker.on('publish', (packet, client) => void (client === null ? undefined : published.push(packet.payload.toString())))
    const connection = connect(port)
    const heard: string[] = []
    connection.onMessage((topic, payload) => heard.push(`${topic} ${payload.toString()}`))
    await until(() => connection.connected, 'connected')
    await connection.subscribe('shared/+')
    const states: boolean[] = []
    connection.onState((connected) => states.push(connected))
    cut()
    const lost = connection.publish('x', 'lost', { qos: 1, retain: false })
    await expect(lost).rejects.toMatchObject({ code: 'broker.unreachable' })
    await until(() => states.at(-1) === true, 'connected again')
    broker.publish({ cmd: 'publish', topic: 'shared/1', payload: 'again', qos: 0, retain: false, dup: false }, () => undefined)
    await until(() => heard.length > 0, 'heard')
    await connection.publish('x', 'new', { qos: 1, retain: false })
    expect([states, heard, published.filter((text) => text !== 'offline')]).toEqual([[false, true], ['shared/1 again'], ['new']])
  })

  it('keeps trying until the broker is there', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    probe.close()
    const connection = connect(port)
    await until(() => connection.state.problem?.code === 'broker.unreachable', 'refused once')
    expect(connection.state.problem?.message).toContain(`127.0.0.1:${port}`)
    await startBroker(port)
    await until(() => connection.connected, 'connected')
    expect(connection.state.problem).toBeNull()
  })

  it('reports a broker that refuses the login, and one that refuses a filter', async () => {
    const { broker, port } = await startBroker()
    broker.authenticate = (_client, _name, _password, done) => done(Object.assign(new Error('no'), { returnCode: 4 as const }), false)
    const first = connect(port)
    await until(() => first.state.problem !== null, 'refused')
    expect(first.state).toMatchObject({ connected: false, problem: { code: 'broker.refused' } })
    await first.stop(null)
    broker.authenticate = (_client, _name, _password, done) => done(null, true)
    broker.authorizeSubscribe = (_client, subscription, done) => done(null, subscription.topic === 'desired' ? subscription : null)
    const second = connect(port)
    await until(() => second.state.problem !== null, 'refused filter')
    expect(second.state.problem).toMatchObject({ code: 'broker.refused', message: 'The broker refuses to deliver blocks/+.' })
  })

  it('refuses one filter without losing the connection', async () => {
    const { broker, port } = await startBroker()
    broker.authorizeSubscribe = (_client, subscription, done) => done(null, subscription.topic.startsWith('secret') ? null : subscription)
    const connection = connect(port)
    await until(() => connection.connected, 'connected')
    await expect(connection.subscribe('secret/+')).rejects.toMatchObject({ code: 'broker.refused' })
    expect(connection.connected).toBe(true)
  })

  it('says farewell at the end, and leaves its will when it dies', async () => {
    const { broker, port, cut } = await startBroker()
    const presence: string[] = []
    broker.on('publish', (packet) => void (packet.topic === 'presence' ? presence.push(packet.payload.toString()) : undefined))
    const first = connect(port)
    await until(() => first.connected, 'connected')
    cut()
    await until(() => presence.length === 1, 'will')
    await until(() => first.connected, 'connected again')
    await first.stop({ topic: 'presence', payload: Buffer.from('goodbye') })
    expect(presence).toEqual(['offline', 'goodbye'])
  })

  it('survives a handler that throws', async () => {
    const { broker, port } = await startBroker()
    const connection = connect(port)
    const heard: string[] = []
    connection.onMessage((_, payload) => {
      heard.push(payload.toString())
      throw new Error('bad message')
    })
    await until(() => connection.connected, 'connected')
    for (const text of ['a', 'b'])
      broker.publish({ cmd: 'publish', topic: 'desired', payload: text, qos: 1, retain: false, dup: false }, () => undefined)
    await until(() => heard.length === 2, 'both')
    expect(connection.connected).toBe(true)
  })
})

describe('dialling', () => {
  it('gives up on a peer that accepts and says nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    await expect(dial({ url: `mqtt://127.0.0.1:${port}`, ...login, timeoutMs: 200 })).rejects.toMatchObject({ code: 'broker.unreachable' })
  })

  it('gives up on a peer that speaks something else', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    await expect(dial({ url: `mqtt://127.0.0.1:${port}`, ...login, timeoutMs: 5000 })).rejects.toMatchObject({ code: 'broker.unreachable' })
  })

  it('waits longer with each failure, at most 30 s, never in step', () => {
    expect([0, 1, 2, 10, 1000].map((attempt) => [reconnectDelayMs(attempt, 0), reconnectDelayMs(attempt, 1)])).toEqual([
      [250, 500],
      [500, 1000],
      [1000, 2000],
      [15_000, 30_000],
      [15_000, 30_000],
    ])
  })
})
