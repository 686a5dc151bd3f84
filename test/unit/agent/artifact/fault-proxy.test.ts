import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../../../harness/fault-proxy.ts'

let echo: net.Server
let proxy: FaultProxy
beforeEach(async () => {
  echo = net.createServer((socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => {
    echo.listen(0, '127.0.0.1', resolve)
  })
  proxy = await startFaultProxy({ port: (echo.address() as AddressInfo).port })
})
afterEach(async () => {
  await proxy.stop()
  await new Promise((resolve) => {
    echo.close(resolve)
  })
})

function connect(): { socket: net.Socket; received(): number; isClosed(): boolean } {
  const socket = net.connect(proxy.port, '127.0.0.1')
  let bytes = 0
  let isClosed = false
  socket.on('data', (chunk) => {
    bytes += chunk.length
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isClosed = true
  })
  return { socket, received: () => bytes, isClosed: () => isClosed }
}

test('passes everything on, both ways', async () => {
  const client = connect()
  client.socket.write(Buffer.alloc(3_000_000, 1))
  await vi.waitFor(() => expect(client.received()).toBe(3_000_000), 5_000)
  expect([proxy.connections, proxy.bytes, proxy.cuts]).toEqual([1, 6_000_000, 0])
  client.socket.end()
  await vi.waitFor(() => expect(proxy.connections).toBe(0))
})

test('cuts on command, refuses new connections, and takes them again', async () => {
  const client = connect()
  client.socket.write('x')
  await vi.waitFor(() => expect(client.received()).toBe(1))
  proxy.cutAll()
  await vi.waitFor(() => expect([client.isClosed(), proxy.connections, proxy.cuts]).toEqual([true, 0, 1]))
  proxy.setRefusing(true)
  const refused = connect()
  await vi.waitFor(() => expect(refused.isClosed()).toBe(true))
  proxy.setRefusing(false)
  const again = connect()
  again.socket.write('x')
  await vi.waitFor(() => expect(again.received()).toBe(1))
  proxy.cutEvery(20)
  await vi.waitFor(() => expect(again.isClosed()).toBe(true))
})

test('half open: nothing passes, nothing closes, and it can be healed', async () => {
  const client = connect()
  proxy.setHalfOpen(true)
  client.socket.write('lost for now')
  await new Promise((resolve) => {
    setTimeout(resolve, 50)
  })
  expect([client.received(), client.isClosed(), proxy.connections]).toEqual([0, false, 1])
  proxy.setHalfOpen(false)
  await vi.waitFor(() => expect(client.received()).toBe(12))
})

test('a delay and a limit of bandwidth hold back but lose nothing', async () => {
  proxy.setDelay(30)
  proxy.setBandwidth(1_000_000)
  const client = connect()
  const startedAt = performance.now()
  client.socket.write(Buffer.alloc(300_000))
  await vi.waitFor(() => expect(client.received()).toBe(300_000), 5_000)
  // 0.25 s for what exceeds the saved up 50 ms, and the delay both ways; there is no upper bound on a busy machine.
  expect(performance.now() - startedAt).toBeGreaterThan(250)
})
