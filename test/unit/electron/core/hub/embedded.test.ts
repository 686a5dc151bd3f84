import { createServer } from 'node:net'
import { connectAsync } from 'mqtt'
import { generate, type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ARTIFACT, CODE, FLEET, hubDevice, REQUEST, secretOf, startEmbedded } from '../../../../harness/embedded-broker.ts'
import { connectPacket, openRaw, type RawConnection } from '../../../../harness/raw-mqtt.ts'

const root = `muster/1/${FLEET}`
const own = `${root}/device/cam-1`
const presence = `${own}/presence`
const subscribe = (...filters: string[]): Packet => ({
  cmd: 'subscribe',
  messageId: 1,
  subscriptions: filters.map((topic) => ({ topic, qos: 1 })),
})
const publish = (topic: string, part: Partial<IPublishPacket> = {}): Packet => ({
  ...{ cmd: 'publish', topic, payload: Buffer.from('{}'), qos: 1, retain: false, dup: false, messageId: 2 },
  ...part,
})

async function join(port: number, device = 'cam-1', part: Partial<IConnectPacket> = {}): Promise<RawConnection> {
  const connection = await openRaw(port)
  connection.send(connectPacket(device, secretOf(device), part))
  expect(await connection.next()).toMatchObject({ cmd: 'connack', returnCode: 0, sessionPresent: false })
  return connection
}

describe('a connection', () => {
  const refusals: { name: string; part: Partial<IConnectPacket>; code: number }[] = [
    { name: 'with a wrong secret', part: { password: Buffer.from('x') }, code: 4 },
    { name: 'without credentials', part: { username: undefined, password: undefined } as object, code: 4 },
    { name: 'of another device id', part: { clientId: 'cam-2' }, code: 5 },
    { name: 'without client id', part: { clientId: '' }, code: 2 },
    { name: 'of MQTT 5', part: { protocolVersion: 5 }, code: 1 },
    { name: 'of MQTT 3.1', part: { protocolVersion: 3, protocolId: 'MQIsdp' }, code: 1 },
    {
      name: 'with a will on the topic of another device',
      part: { will: { topic: `${root}/device/cam-2/presence`, payload: Buffer.from('x'), qos: 1, retain: true } },
      code: 5,
    },
    { name: 'without keepalive', part: { keepalive: 0 }, code: 5 },
  ]
  it.each(refusals)('case 40: $name is refused with code $code and closed', async ({ part, code }) => {
    const { port, messages } = await startEmbedded()
    const connection = await openRaw(port)
    connection.send(connectPacket('cam-1', secretOf('cam-1'), part))
    expect(await connection.next()).toMatchObject({ cmd: 'connack', returnCode: code })
    await connection.closed
    expect({ received: connection.received.length, messages }).toEqual({ received: 1, messages: [] })
  })

  it('case 40: without client id that wants to keep its session is refused with code 2 and closed', async () => {
    const { port } = await startEmbedded()
    const connection = await openRaw(port)
    connection.write(Buffer.from([0x10, 0x0c, 0x00, 0x04, 0x4d, 0x51, 0x54, 0x54, 0x04, 0x00, 0x00, 0x3c, 0x00, 0x00]))
    expect(await connection.next()).toMatchObject({ cmd: 'connack', returnCode: 2 })
    await connection.closed
  })

  it('of a guest makes room for the next: one code does not take the connections of all devices', async () => {
    const { port, broker } = await startEmbedded({ limits: { guests: 3 } })
    const guest = async (n: number): Promise<RawConnection> => {
      const connection = await openRaw(port)
      const part = { clientId: `enrol-request0request${n}`, username: 'enrol', password: Buffer.from(CODE) }
      connection.send(connectPacket('', '', part))
      expect(await connection.next()).toMatchObject({ cmd: 'connack', returnCode: 0 })
      return connection
    }
    const guests: RawConnection[] = []
    for (let n = 1; n <= 5; n += 1) guests.push(await guest(n))
    await Promise.all([guests[0]!.closed, guests[1]!.closed])
    await vi.waitFor(() => expect(broker.connections).toBe(3))
    for (const one of guests.slice(2)) {
      one.send({ cmd: 'pingreq' })
      expect(await one.next()).toMatchObject({ cmd: 'pingresp' })
    }
    await join(port)
  })

  it('keeps no session, whatever it asks for', async () => {
    const { port, broker } = await startEmbedded()
    const first = await join(port, 'cam-1', { clean: false })
    first.send(subscribe(`${own}/desired`))
    expect(await first.next()).toMatchObject({ cmd: 'suback', granted: [1] })
    first.socket.destroy()
    await first.closed
    await broker.publish(`${own}/desired`, Buffer.from('while away'), { qos: 1, retain: false })
    const second = await join(port, 'cam-1', { clean: false })
    second.send({ cmd: 'pingreq' })
    expect(await second.next()).toMatchObject({ cmd: 'pingresp' })
  })

  it('may send behind its CONNECT without waiting for the answer', async () => {
    const { port, messages } = await startEmbedded()
    const connection = await openRaw(port)
    connection.send(connectPacket('cam-1', secretOf('cam-1')))
    connection.send(publish(`${own}/reported`, { payload: Buffer.alloc(200_000, 0x61) }))
    expect([await connection.next(), await connection.next()]).toMatchObject([{ cmd: 'connack' }, { cmd: 'puback' }])
    await vi.waitFor(() =>
      expect(messages.map(({ topic, payload }) => ({ topic, bytes: payload.length }))).toEqual([
        { topic: `${own}/reported`, bytes: 200_000 },
      ]),
    )
  })

  it('may send a hundred packets at once behind its CONNECT', async () => {
    const { port, messages } = await startEmbedded()
    const connection = await openRaw(port)
    connection.send(connectPacket('cam-1', secretOf('cam-1')))
    for (let messageId = 1; messageId <= 100; messageId += 1) connection.send(publish(`${own}/reported`, { messageId }))
    await vi.waitFor(() => expect(messages).toHaveLength(100))
    await vi.waitFor(() => expect(connection.received.filter(({ cmd }) => cmd === 'puback')).toHaveLength(100))
  })

  it('may send thousands of small packets in one piece, and they come whole and in order', async () => {
    const { port, messages } = await startEmbedded()
    const connection = await join(port)
    const payloads = Array.from({ length: 5000 }, (_, i) => `${i}`.padEnd(40 + (i % 170), '.'))
    connection.write(Buffer.concat(payloads.map((payload) => generate(publish(`${own}/reported`, { qos: 0, payload })))))
    await vi.waitFor(() => expect(messages).toHaveLength(5000), { timeout: 10_000 })
    expect(messages.map(({ payload }) => payload)).toEqual(payloads)
  })

  it('that sends nothing is closed in time', async () => {
    const { port, refused } = await startEmbedded({ limits: { guard: { connectTimeoutMs: 50 } } })
    const connection = await openRaw(port)
    await connection.closed
    expect(refused).toEqual(['no accepted CONNECT in time'])
  })

  it('makes room when too many of one address stay open: the oldest goes, a device gets in', async () => {
    const { port, broker } = await startEmbedded({ limits: { door: { openingPerAddress: 5 } } })
    const idle: RawConnection[] = []
    for (let i = 0; i < 20; i += 1) idle.push(await openRaw(port))
    await Promise.all(idle.slice(0, 15).map(({ closed }) => closed))
    await join(port)
    expect(broker.connections).toBe(5)
    for (const { socket } of idle) socket.destroy()
  })

  const hostile = [
    { name: 'a packet of 256 MiB', send: (c: RawConnection) => c.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])) },
    {
      name: 'a packet above 256 KiB',
      send: (c: RawConnection) => c.send(publish(`${own}/telemetry`, { payload: Buffer.alloc(258 * 1024) })),
    },
    { name: 'a second CONNECT', send: (c: RawConnection) => c.send(connectPacket('cam-1', secretOf('cam-1'))) },
    { name: 'a topic of 65,535 bytes', send: (c: RawConnection) => c.send(publish('x'.repeat(65_535))) },
    { name: 'a topic of 101 levels', send: (c: RawConnection) => c.send(publish('a/'.repeat(100) + 'a')) },
    { name: 'an empty topic', send: (c: RawConnection) => c.write(Buffer.from([0x30, 0x02, 0x00, 0x00])) },
    { name: 'QoS 2', send: (c: RawConnection) => c.send(publish(`${own}/reported`, { qos: 2 })) },
    { name: 'QoS 3', send: (c: RawConnection) => c.write(Buffer.from([0x36, 0x05, 0x00, 0x01, 0x61, 0x00, 0x01])) },
    { name: 'a publish on $SYS', send: (c: RawConnection) => c.send(publish('$SYS/x')) },
    { name: 'a publish on a topic of another device', send: (c: RawConnection) => c.send(publish(`${root}/device/cam-2/reported`)) },
    { name: 'a publish on its own desired state', send: (c: RawConnection) => c.send(publish(`${own}/desired`, { retain: true })) },
    { name: 'a packet that only a server sends', send: (c: RawConnection) => c.write(Buffer.from([0x20, 0x02, 0x00, 0x00])) },
    { name: 'packet type 15', send: (c: RawConnection) => c.write(Buffer.from([0xf0, 0x00])) },
    { name: 'a length of five bytes', send: (c: RawConnection) => c.write(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])) },
    { name: 'a subscription of 101 levels', send: (c: RawConnection) => c.send(subscribe('a/'.repeat(100) + 'a')) },
  ]
  it.each(hostile)('cases 41 and 43: that sends $name is closed, and the others are unhurt', async ({ send }) => {
    const { port, messages } = await startEmbedded()
    const other = await join(port, 'cam-2')
    const connection = await join(port)
    send(connection)
    await connection.closed
    other.send(publish(`${root}/device/cam-2/reported`))
    expect(await other.next()).toMatchObject({ cmd: 'puback' })
    await vi.waitFor(() => expect(messages).toEqual([{ topic: `${root}/device/cam-2/reported`, payload: '{}' }]))
  })
})

describe('subscriptions and what leaves', () => {
  it('case 42: are checked filter by filter: the allowed are granted, the forbidden get 0x80', async () => {
    const { port, broker } = await startEmbedded()
    const connection = await join(port)
    const filters = [
      '#',
      `${own}/desired`,
      '+/x',
      '$SYS/#',
      '$share/g/#',
      `${root}/block/${ARTIFACT}/+`,
      `${root}/device/cam-2/desired`,
      `${own}/block/+/+`,
    ]
    connection.send(subscribe(...filters))
    expect(await connection.next()).toMatchObject({ cmd: 'suback', granted: [128, 1, 128, 128, 128, 1, 128, 1] })
    await broker.publish(`${root}/device/cam-2/desired`, Buffer.from('not yours'), { qos: 1, retain: true })
    await broker.publish(`${own}/desired`, Buffer.from('yours'), { qos: 1, retain: true })
    expect(await connection.next()).toMatchObject({ cmd: 'publish', topic: `${own}/desired`, payload: Buffer.from('yours') })
  })

  it('bring the retained desired state to a device that comes later', async () => {
    const { port, broker } = await startEmbedded()
    await broker.publish(`${own}/desired`, Buffer.from('first'), { qos: 1, retain: true })
    await broker.publish(`${own}/desired`, Buffer.from('newest'), { qos: 1, retain: true })
    const connection = await join(port)
    connection.send(subscribe(`${own}/desired`))
    expect([await connection.next(), await connection.next()]).toMatchObject([
      { cmd: 'suback' },
      { cmd: 'publish', retain: true, payload: Buffer.from('newest') },
    ])
  })

  it('end with the right to an artifact', async () => {
    const { port, broker, access } = await startEmbedded()
    const connection = await join(port)
    connection.send(subscribe(`${root}/block/${ARTIFACT}/+`, `${own}/desired`))
    await connection.next()
    access.upsert([hubDevice('cam-1', [])])
    await broker.publish(`${root}/block/${ARTIFACT}/0`, Buffer.alloc(9), { qos: 0, retain: false })
    await broker.publish(`${own}/desired`, Buffer.from('x'), { qos: 0, retain: false })
    expect(await connection.next()).toMatchObject({ cmd: 'publish', topic: `${own}/desired` })
  })
})

describe('retained messages', () => {
  it('case 43: of a device are kept for presence alone', async () => {
    const { port, messages } = await startEmbedded()
    const connection = await join(port)
    connection.send(publish(`${own}/reported`, { retain: true }))
    connection.send(publish(presence, { retain: true, payload: Buffer.from('here') }))
    await vi.waitFor(() =>
      expect(messages).toEqual([
        { topic: `${own}/reported`, payload: '{}' },
        { topic: presence, payload: 'here' },
      ]),
    )
  })
})

describe('the last will', () => {
  const will = { topic: presence, payload: Buffer.from('offline'), qos: 1 as const, retain: true }

  it('is published when the connection is cut, and the device is gone', async () => {
    const { port, messages, gone } = await startEmbedded()
    const connection = await join(port, 'cam-1', { will })
    connection.socket.destroy()
    await vi.waitFor(() => expect({ messages, gone }).toEqual({ messages: [{ topic: presence, payload: 'offline' }], gone: ['cam-1'] }))
  })

  it('is void after a DISCONNECT', async () => {
    const { port, messages, gone } = await startEmbedded()
    const connection = await join(port, 'cam-1', { will })
    connection.send({ cmd: 'disconnect' })
    await vi.waitFor(() => expect(gone).toEqual(['cam-1']))
    expect(messages).toEqual([])
  })

  it('is void at a takeover: the device is there', async () => {
    const { port, broker, messages, gone } = await startEmbedded()
    const older = await join(port, 'cam-1', { will })
    const newer = await join(port, 'cam-1', { will })
    await older.closed
    newer.send(publish(presence, { payload: Buffer.from('online') }))
    expect(await newer.next()).toMatchObject({ cmd: 'puback' })
    await vi.waitFor(() => expect(messages).toHaveLength(1))
    expect({ messages, gone, takeovers: broker.takeovers }).toEqual({
      messages: [{ topic: presence, payload: 'online' }],
      gone: [],
      takeovers: 1,
    })
    newer.socket.destroy()
    await vi.waitFor(() => expect({ last: messages.at(-1)?.payload, gone }).toEqual({ last: 'offline', gone: ['cam-1'] }))
  })

  it('case 44: is void when the broker stops', async () => {
    const { port, broker, messages, gone } = await startEmbedded()
    const connection = await join(port, 'cam-1', { will })
    await broker.stop()
    await connection.closed
    expect({ messages, gone }).toEqual({ messages: [], gone: [] })
  })
})

describe('messages of one moment', () => {
  it('all reach a device: a retained order is not lost to an acknowledgement that overtakes it', async () => {
    const { port, broker } = await startEmbedded()
    const connection = await join(port)
    for (const topic of ['desired', 'telemetry/ack']) {
      connection.send(subscribe(`${own}/${topic}`))
      expect(await connection.next()).toMatchObject({ cmd: 'suback' })
    }
    const text = (packet: { payload?: unknown }): string => String(packet.payload)
    for (let i = 0; i < 20; i += 1) {
      void broker.publish(`${own}/desired`, Buffer.from(`order ${i}`), { qos: 1, retain: true })
      void broker.publish(`${own}/telemetry/ack`, Buffer.from(`ack ${i}`), { qos: 1, retain: false })
    }
    await vi.waitFor(() => {
      const got = connection.received.filter(({ cmd }) => cmd === 'publish').map((packet) => text(packet as { payload?: unknown }))
      for (let i = 0; i < 20; i += 1) expect(got).toEqual(expect.arrayContaining([`order ${i}`, `ack ${i}`]))
    })
  })
})

describe('a storm of takeovers', () => {
  it('leaves one connection, which works', async () => {
    const { port, broker, gone } = await startEmbedded()
    const all = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const connection = await openRaw(port)
        connection.send(connectPacket('cam-1', secretOf('cam-1')))
        return connection
      }),
    )
    await vi.waitFor(() => expect(all.filter(({ socket }) => !socket.destroyed)).toHaveLength(1))
    const last = all.find(({ socket }) => !socket.destroyed)!
    last.send(publish(`${own}/reported`))
    await vi.waitFor(() => expect(last.received.at(-1)).toMatchObject({ cmd: 'puback' }))
    expect({ connections: broker.connections, takeovers: broker.takeovers, gone }).toEqual({ connections: 1, takeovers: 29, gone: [] })
  })
})

describe('a device that is removed', () => {
  it('case 45: is cut off at once, what waits for it is dropped, and it is refused afterwards', async () => {
    const { port, broker, access, messages, gone } = await startEmbedded({ limits: { guard: { outputBytes: 128 * 1024 * 1024 } } })
    const connection = await join(port)
    connection.send(subscribe(`${own}/desired`))
    await connection.next()
    // It reads no more: what is for it waits in the broker.
    connection.socket.pause()
    for (let i = 0; i < 1000; i += 1) {
      connection.send(publish(`${own}/reported`))
      void broker.publish(`${own}/desired`, Buffer.alloc(32 * 1024, i), { qos: 1, retain: false })
    }
    await vi.waitFor(() => expect(broker.backlogBytes(['cam-1'])).toBeGreaterThan(0))
    access.remove(['cam-1'])
    expect([broker.disconnect('cam-1'), broker.backlogBytes(['cam-1'])]).toEqual([true, 0])
    connection.socket.resume()
    await connection.closed
    expect(connection.received.length).toBeLessThan(1000)
    await vi.waitFor(() => expect(broker.connections).toBe(0))
    // What was let in before is on its way to the console for a moment.
    const taken = messages.length
    expect(broker.disconnect('cam-1')).toBe(false)
    const again = await openRaw(port)
    again.send(connectPacket('cam-1', secretOf('cam-1')))
    expect(await again.next()).toMatchObject({ cmd: 'connack', returnCode: 4 })
    await again.closed
    expect({ later: messages.length - taken, gone }).toEqual({ later: 0, gone: [] })
  })
})

describe('a guest', () => {
  const guest = { clientId: `enrol-${REQUEST}`, username: 'enrol', password: Buffer.from(CODE) }

  it('asks and is answered, and may do nothing else', async () => {
    const { port, broker, messages } = await startEmbedded()
    const connection = await join(port, 'guest', guest)
    connection.send(subscribe(`${root}/enrol/${REQUEST}/result`, '#'))
    expect(await connection.next()).toMatchObject({ granted: [1, 128] })
    connection.send(publish(`${root}/enrol/${REQUEST}`, { payload: Buffer.from('please') }))
    expect(await connection.next()).toMatchObject({ cmd: 'puback' })
    await vi.waitFor(() => expect(messages).toEqual([{ topic: `${root}/enrol/${REQUEST}`, payload: 'please' }]))
    await broker.publish(`${root}/enrol/${REQUEST}/result`, Buffer.from('welcome'), { qos: 1, retain: false })
    expect(await connection.next()).toMatchObject({ topic: `${root}/enrol/${REQUEST}/result`, payload: Buffer.from('welcome') })
    connection.send(publish(`${own}/telemetry`))
    await connection.closed
    expect(messages).toHaveLength(1)
  })

  it('sends no more than 4 KiB', async () => {
    const { port, messages } = await startEmbedded()
    const connection = await join(port, 'guest', guest)
    connection.send(publish(`${root}/enrol/${REQUEST}`, { payload: Buffer.alloc(4097) }))
    await connection.closed
    expect(messages).toEqual([])
  })

  it('has one connection per request, and a minute', async () => {
    const { port, broker } = await startEmbedded({ limits: { guestLifetimeMs: 100 } })
    const first = await join(port, 'guest', guest)
    const second = await join(port, 'guest', guest)
    await first.closed
    expect({ connections: broker.connections, takeovers: broker.takeovers }).toEqual({ connections: 1, takeovers: 1 })
    await second.closed
  })
})

describe('a peer that does not read', () => {
  it('case 47: is cut off, and the others get theirs without waiting', async () => {
    const { port, broker, refused } = await startEmbedded({ limits: { guard: { drainTimeoutMs: 300 } } })
    const frozen = await join(port)
    const other = await join(port, 'cam-2')
    frozen.send(subscribe(`${root}/block/${ARTIFACT}/+`))
    other.send(subscribe(`${root}/block/${ARTIFACT}/+`))
    await Promise.all([frozen.next(), other.next()])
    frozen.socket.pause()
    for (let block = 0; block < 50; block += 1)
      await broker.publish(`${root}/block/${ARTIFACT}/${block}`, Buffer.alloc(256 * 1024), { qos: 0, retain: false })
    await vi.waitFor(() => expect(other.received.filter(({ cmd }) => cmd === 'publish')).toHaveLength(50))
    expect(broker.backlogBytes(['cam-1', 'cam-2'])).toBeGreaterThan(0)
    await vi.waitFor(() => expect(refused.at(-1)).toMatch(/^the peer reads nothing; \d+ bytes wait$/), { timeout: 5000 })
    expect(broker.backlogBytes(['cam-1', 'cam-2'])).toBe(0)
    frozen.socket.destroy()
  })

  it('and is sent more than its share is cut off at once', async () => {
    const { port, broker, refused } = await startEmbedded({ limits: { guard: { outputBytes: 4 * 1024 * 1024 } } })
    const frozen = await join(port)
    frozen.send(subscribe(`${own}/block/+/+`))
    await frozen.next()
    frozen.socket.pause()
    for (let block = 0; block < 100; block += 1)
      await broker.publish(`${own}/block/${ARTIFACT}/${block}`, Buffer.alloc(256 * 1024), { qos: 0, retain: false })
    expect(refused).toEqual([expect.stringMatching(/^the peer reads too slowly; \d+ bytes wait$/)])
    frozen.socket.destroy()
  })
})

describe('the port', () => {
  it('that is in use is named', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }
    await expect(startEmbedded({ port })).rejects.toMatchObject({
      code: 'port.in-use',
      message: `The broker cannot listen on 127.0.0.1:${port}: it is in use.`,
    })
  })
})

describe('a client library', () => {
  it('connects, sends and receives', async () => {
    const { url, broker, messages } = await startEmbedded()
    const client = await connectAsync(url, {
      clientId: 'cam-1',
      username: 'cam-1',
      password: secretOf('cam-1'),
      protocolVersion: 4,
      reconnectPeriod: 0,
    })
    onTestFinished(() => client.endAsync(true))
    const heard: string[] = []
    client.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`))
    await client.subscribeAsync(`${own}/telemetry/ack`, { qos: 1 })
    await client.publishAsync(`${own}/telemetry`, 'batch', { qos: 1 })
    await broker.publish(`${own}/telemetry/ack`, Buffer.from('ack'), { qos: 1, retain: false })
    await vi.waitFor(() =>
      expect({ heard, messages }).toEqual({
        heard: [`${own}/telemetry/ack ack`],
        messages: [{ topic: `${own}/telemetry`, payload: 'batch' }],
      }),
    )
  })
})
