import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { serve } from '../../../../../electron/core/serve/serve.ts'
import { openUploads } from '../../../../../electron/core/serve/uploads.ts'
import { temporaryDirectory, T0 } from '../../../../harness/fleet.ts'
import { accessWithout } from '../../../../harness/people-desk.ts'

const TOKEN = 'a-secret-token'
const MIB = 1024 * 1024

async function started(answer: unknown = 'done') {
  const uploads = openUploads(join(temporaryDirectory(), 'uploads'), () => T0)
  const served = await serve({
    ...{ host: '127.0.0.1', port: 0, access: accessWithout(TOKEN), uploads, log: () => undefined },
    dispatch: (frame) => {
      calls.push(frame)
      return Promise.resolve({ id: 1, ok: true, output: answer })
    },
  })
  const calls: unknown[] = []
  onTestFinished(() => served.stop())
  return { ...served, port: Number(new URL(served.url).port), calls }
}

async function greeted(url: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, { origin: url })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  socket.send(JSON.stringify({ token: TOKEN }))
  await once(socket, 'message')
  return socket
}

test('a refused upgrade whose peer resets the connection ends nothing but that connection', async () => {
  const { port, url } = await started()
  const head =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
  for (let i = 0; i < 40; i += 1) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(`GET /rpc HTTP/1.1\r\nHost: evil.test\r\n${head}${'x'.repeat(i * 100)}`)
    if (i % 3 !== 0) await sleep(i % 5)
    socket.resetAndDestroy()
  }
  // An error that nobody hears would fail the run.
  expect((await fetch(url)).status).toBe(200)
})

test('a refused upgrade is closed also when the peer keeps its side open', async () => {
  const { port } = await started()
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => undefined)
  socket.write('GET /rpc HTTP/1.1\r\nHost: evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  await once(socket, 'data')
  await once(socket, 'end')
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  // What is sent to a closed socket is answered with a reset; a half-open one would take it.
  const sending = setInterval(() => socket.write('x'), 20)
  await closed
  clearInterval(sending)
  expect(socket.destroyed).toBe(true)
})

test('a peer that reads nothing is neither asked nor told more, and hears everything when it reads again', async () => {
  const { url, calls, broadcast } = await started('x'.repeat(MIB))
  const socket = await greeted(url)
  let frames: string[] = []
  socket.on('message', (data: Buffer) => frames.push(data.toString()))
  socket.pause()
  for (let id = 1; id <= 400; id += 1) socket.send(JSON.stringify({ id, method: 'x', input: {} }))
  await vi.waitFor(() => expect(calls.length).toBeGreaterThan(0))
  const before = process.memoryUsage().rss
  for (let i = 0; i < 200_000; i += 1) broadcast({ event: 'changed', topics: [i % 2 === 0 ? 'devices' : 'jobs'] })
  await sleep(300)
  // One MiB may wait, beside what the kernel holds and the calls that were running.
  expect(calls.length).toBeLessThan(150)
  expect((process.memoryUsage().rss - before) / MIB).toBeLessThan(150)
  frames = []
  socket.resume()
  await vi.waitFor(() => expect(calls.length).toBe(400), 20_000)
  await vi.waitFor(() => expect(frames.filter((frame) => frame.length > MIB).length).toBe(400), 20_000)
  const told = frames.filter((frame) => frame.startsWith('{"event":"changed"'))
  expect(told.flatMap((frame) => (JSON.parse(frame) as { topics: string[] }).topics)).toEqual(expect.arrayContaining(['devices', 'jobs']))
  expect(told.length).toBeLessThan(20_000)
}, 60_000)

test('after a wrong token the right one on the same connection is worth nothing', async () => {
  const { url, calls } = await started()
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, { origin: url })
  const heard: string[] = []
  socket.on('message', (data: Buffer) => heard.push(data.toString()))
  await once(socket, 'open')
  for (const first of [{ token: 'wrong' }, { token: TOKEN }, { id: 1, method: 'system.status', input: {} }])
    socket.send(JSON.stringify(first))
  const [code] = (await once(socket, 'close')) as [number]
  expect({ code, heard, calls }).toEqual({ code: 4401, heard: [], calls: [] })
})

test('a flood of connections without a token is bounded', async () => {
  const { port, url } = await started()
  const sockets = await Promise.all(
    Array.from({ length: 700 }, async () => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      return socket
    }),
  )
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()))
  await vi.waitFor(() => expect(sockets.filter((socket) => !socket.closed).length).toBeLessThanOrEqual(512))
  for (const socket of sockets) socket.destroy()
  await vi.waitFor(async () => expect((await fetch(url)).status).toBe(200), 5000)
})
