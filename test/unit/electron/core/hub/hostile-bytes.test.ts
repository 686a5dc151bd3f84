import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { generate } from 'mqtt-packet'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { FromBrokerChild } from '../../../../harness/broker-child.ts'
import { seeded, validPackets } from '../../../../harness/malformed-packets.ts'
import { connectPacket, openRaw } from '../../../../harness/raw-mqtt.ts'

const MIB = 1024 * 1024

/** A broker in its own process; fails the test if the process ends before the test does. */
async function startChild() {
  // In a small heap its memory is what it holds, and not how much garbage came before.
  const child = fork(join(import.meta.dirname, '../../../../harness/broker-child.ts'), [], {
    execArgv: ['--expose-gc', '--max-semi-space-size=1', '--max-old-space-size=48'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [ready] = (await once(child, 'message')) as [Extract<FromBrokerChild, { type: 'ready' }>]
  return { child, port: Number(new URL(ready.url).port), usage: () => usageOf(child) }
}

async function usageOf(child: ChildProcess): Promise<Extract<FromBrokerChild, { type: 'usage' }>> {
  child.send('usage')
  const [usage] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the broker ended'))),
  ])) as [Extract<FromBrokerChild, { type: 'usage' }>]
  return usage
}

/** Opens a connection whose errors do not matter. */
async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  return socket
}

/** Writes until the peer closes, stops reading, or `bytes` are gone; returns what the socket took. */
async function pour(socket: Socket, bytes: number, chunk: Buffer): Promise<number> {
  let sent = 0
  let isStuck = false
  while (sent < bytes && !isStuck && !socket.destroyed) {
    sent += chunk.length
    if (!socket.write(chunk)) isStuck = await isStuckAfter(socket, 500)
  }
  return sent
}

/** False once the socket took everything or is closed; true if that does not happen in time. */
function isStuckAfter(socket: Socket, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), ms)
    for (const event of ['drain', 'close']) {
      socket.once(event, () => {
        clearTimeout(timer)
        resolve(false)
      })
    }
  })
}

/** The device still gets in and is heard: whatever the others do. */
async function expectServed(port: number): Promise<void> {
  const connection = await openRaw(port)
  connection.send(connectPacket('cam-1', 'secret-of-cam-1'))
  expect(await connection.next()).toMatchObject({ cmd: 'connack', returnCode: 0 })
  connection.send({
    cmd: 'publish',
    topic: 'muster/1/lab/device/cam-1/reported',
    payload: '{}',
    qos: 1,
    retain: false,
    dup: false,
    messageId: 1,
  })
  expect(await connection.next()).toMatchObject({ cmd: 'puback' })
  connection.socket.destroy()
}

describe('case 41: memory stays flat', () => {
  const beginnings = [
    { name: 'without a CONNECT', bytes: Buffer.alloc(0) },
    { name: 'as one CONNECT of 200 MiB', bytes: Buffer.from([0x10, 0x80, 0x80, 0x80, 0x64]) },
    { name: 'as the rest of a CONNECT that never ends', bytes: Buffer.from([0x10, 0xf0, 0x1f]) },
    { name: 'behind a refused CONNECT', bytes: generate(connectPacket('cam-1', 'wrong')) },
    {
      name: 'as one PUBLISH of 200 MiB of a known device',
      bytes: Buffer.concat([generate(connectPacket('cam-1', 'secret-of-cam-1')), Buffer.from([0x30, 0x80, 0x80, 0x80, 0x64])]),
    },
  ]
  it.each(beginnings)('under 200 MiB that come $name', async ({ bytes }) => {
    const { port, usage } = await startChild()
    await expectServed(port)
    const before = await usage()
    const socket = await open(port)
    if (bytes.length > 0) socket.write(bytes)
    const sent = await pour(socket, 200 * MIB, Buffer.alloc(MIB))
    socket.destroy()
    const after = await usage()
    expect({ sentMost: sent < 50 * MIB, grown: after.rssBytes - before.rssBytes < 20 * MIB }).toEqual({ sentMost: true, grown: true })
    await expectServed(port)
  })

  it('under 5,000 sockets that stay half open, and a device gets in', async () => {
    const { port, usage } = await startChild()
    await expectServed(port)
    const sockets: Socket[] = []
    let before = await usage()
    for (let i = 0; i < 70; i += 1) {
      // The first 2,000 bring the heap of the process to the size that it needs for garbage; 5,000 more must not add to what it holds.
      if (i === 20) before = await usage()
      const opened = await Promise.all(Array.from({ length: 100 }, () => open(port)))
      for (const socket of opened) socket.write(Buffer.from([0x10, 0x40]))
      sockets.push(...opened)
    }
    await expectServed(port)
    const after = await usage()
    for (const socket of sockets) socket.destroy()
    expect({ grownMiB: Math.max(0, Math.round((after.rssBytes - before.rssBytes) / MIB)), few: after.connections <= 300 }).toEqual({
      grownMiB: expect.any(Number),
      few: true,
    })
    expect(after.rssBytes - before.rssBytes).toBeLessThan(20 * MIB)
  }, 60_000)

  it('under a device that asks and never reads', async () => {
    const { port, usage } = await startChild()
    const before = await usage()
    const connection = await openRaw(port)
    connection.send(connectPacket('cam-1', 'secret-of-cam-1'))
    await connection.next()
    connection.socket.pause()
    // How much goes out says that the broker stopped to read; what it holds is the difference in memory.
    const sent = await pour(connection.socket, 200 * MIB, Buffer.alloc(MIB, Buffer.from([0xc0, 0x00])))
    const after = await usage()
    connection.socket.destroy()
    expect({ sentMost: sent < 100 * MIB, grown: after.rssBytes - before.rssBytes < 40 * MIB }).toEqual({ sentMost: true, grown: true })
  })
})

const seeds = validPackets('cam-1', 'secret-of-cam-1')

/** 10,000 packets per change; 100,000 with MUSTER_FULL=1. */
const ROUNDS = process.env['MUSTER_FULL'] === '1' ? 625 : 63
/** After so many rounds the process has taken what it needs. */
const WARM_ROUNDS = 20

describe('damaged packets', () => {
  it('case 41: never end the broker, before and behind a CONNECT, and its memory stays flat', async () => {
    const { port, child, usage } = await startChild()
    const random = seeded(42)
    const exited = once(child, 'exit').then(() => 'ended')
    let warmBytes = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round === WARM_ROUNDS) warmBytes = (await usage()).rssBytes
      await Promise.all(
        Array.from({ length: 40 }, async () => {
          const socket = await open(port)
          if (random() < 0.8) socket.write(generate(connectPacket('cam-1', 'secret-of-cam-1')))
          for (let i = 0; i < 4; i += 1) {
            const packet = generate(seeds[Math.floor(random() * seeds.length)]!)
            for (let flips = Math.floor(random() * 4); flips > 0; flips -= 1)
              packet[Math.floor(random() * packet.length)] = Math.floor(random() * 256)
            socket.write(random() < 0.2 ? packet.subarray(0, Math.floor(random() * packet.length)) : packet)
          }
          await new Promise((resolve) => setTimeout(resolve, 5))
          socket.destroy()
        }),
      )
    }
    expect(await Promise.race([exited, usage().then(() => 'lives')])).toBe('lives')
    expect((await usage()).rssBytes - warmBytes).toBeLessThan(20 * MIB)
    await expectServed(port)
  }, 300_000)
})
