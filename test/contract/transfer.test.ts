import { randomFillSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Aedes } from 'aedes'
import mqtt from 'mqtt'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { BlockWire } from '../../agent/artifact/block-wire.ts'
import { fetchArtifact } from '../../agent/artifact/receive.ts'
import { openArtifactStore } from '../../agent/artifact/store.ts'
import { startTransferServer } from '../../electron/core/transfer/server.ts'
import { blockWantMessage } from '../../shared/protocol/block.ts'
import { decodeMessage } from '../../shared/protocol/decode.ts'
import { consoleFilters, deviceFilters, parseTopic, sharedBlockFilter, topicOf } from '../../shared/protocol/topics.ts'
import { startFaultProxy } from '../harness/fault-proxy.ts'
import { entryOf, publishBundle, type SampleBundle, sha256 } from '../unit/agent/artifact/sample-artifact.ts'

const fleet = 'home'
const clock = { now: () => Date.now(), monotonic: () => performance.now() }
const deviceCount = 8
const devices = Array.from({ length: deviceCount }, (_, i) => `cam-${i}`)

let directory: string
let cleanUp: (() => Promise<void> | void)[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-transfer-'))
  cleanUp = [() => rmSync(directory, { recursive: true, force: true })]
})
afterEach(async () => {
  for (const undo of cleanUp.reverse()) await undo()
})

async function startBroker() {
  const aedes = await Aedes.createBroker({ concurrency: 0 })
  const server = net.createServer(aedes.handle)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  cleanUp.push(() => new Promise<void>((resolve) => aedes.close(() => server.close(() => resolve()))))
  return { aedes, port: (server.address() as AddressInfo).port }
}

function startConsole(aedes: Aedes, bundle: SampleBundle, artifactDirectory: string) {
  const conns = new Map<string, net.Socket>()
  const server = startTransferServer({
    fleet,
    publish: (topic, payload) =>
      new Promise((resolve, reject) => {
        const packet = {
          cmd: 'publish' as const,
          topic,
          payload: Buffer.from(payload.buffer, payload.byteOffset, payload.length),
          qos: 0 as const,
          retain: false,
          dup: false,
        }
        aedes.publish(packet, (error) => (error ? reject(error) : resolve()))
      }),
    backlogBytes: (ids) => Math.max(0, ...ids.map((id) => conns.get(id)?.writableLength ?? 0)),
    isAssigned: (_, digest) => digest === bundle.digest,
    audience: () => conns.size,
    artifactDirectory,
    clock,
    limitBytesPerSecond: null,
    onChange: () => undefined,
    refuse: (device, problem) => {
      throw new Error(`${device}: ${problem.message}`)
    },
  })
  aedes.on('client', (client) => conns.set(client.id, client.conn as net.Socket))
  aedes.on('clientDisconnect', (client) => {
    if (conns.get(client.id) !== client.conn) return
    conns.delete(client.id)
    server.deviceGone(client.id)
  })
  for (const filter of consoleFilters(fleet)) {
    aedes.subscribe(
      filter,
      (packet, done) => {
        done()
        const topic = parseTopic(fleet, packet.topic)
        if (topic?.name === 'blockWant')
          server.want(topic.parameters['device']!, decodeMessage(blockWantMessage, packet.payload.toString(), 'want'))
      },
      () => undefined,
    )
  }
  cleanUp.push(() => server.stop())
  return server
}

async function connectDevice(device: string, port: number): Promise<BlockWire> {
  const client = mqtt.connect({
    host: '127.0.0.1',
    port,
    clientId: device,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 100,
    queueQoSZero: false,
    resubscribe: false,
  })
  cleanUp.push(() => client.endAsync(true).then(() => undefined))
  client.on('error', () => undefined)
  const connected = new Set<() => void>()
  const own = (): Promise<unknown> => client.subscribeAsync(deviceFilters(fleet, device), { qos: 0 })
  const ready = new Promise<void>((resolve) => {
    client.on('connect', () => {
      own().then(
        () => {
          resolve()
          connected.forEach((handler) => handler())
        },
        () => undefined,
      )
    })
  })
  await ready
  return {
    want: (message) =>
      client.publishAsync(topicOf(fleet, 'blockWant', { device }), JSON.stringify(message), { qos: 1 }).then(() => undefined),
    subscribe: (artifact) => client.subscribeAsync(sharedBlockFilter(fleet, artifact), { qos: 0 }).then(() => undefined),
    unsubscribe: (artifact) => client.unsubscribeAsync(sharedBlockFilter(fleet, artifact)).then(() => undefined),
    onBlock(handler) {
      const listener = (name: string, payload: Buffer): void => {
        const topic = parseTopic(fleet, name)
        if (topic?.name === 'sharedBlock' || topic?.name === 'deviceBlock')
          handler(topic.parameters['artifact']!, Number(topic.parameters['block']), payload)
      }
      client.on('message', listener)
      return () => client.off('message', listener)
    },
    onConnected(handler) {
      connected.add(handler)
      return () => connected.delete(handler)
    },
    get connected() {
      return client.connected
    },
  }
}

async function push(sizeBytes: number, through: (port: number) => Promise<number>) {
  const bytes = randomFillSync(Buffer.alloc(sizeBytes))
  const bundle = publishBundle(directory, bytes, entryOf(bytes, [131_072, 90_001, 200_000, 65_536, 262_144]))
  const { aedes, port } = await startBroker()
  const server = startConsole(aedes, bundle, directory)
  const target = await through(port)
  const fleetOfWires = await Promise.all(devices.map((device) => connectDevice(device, target)))
  const startedAt = performance.now()
  const paths = await Promise.all(
    devices.map((device, i) =>
      fetchArtifact({
        wire: fleetOfWires[i]!,
        store: openArtifactStore(join(directory, device)),
        fleet,
        device,
        artifact: { sha256: bundle.entry.sha256, sizeBytes, manifest: bundle.digest, entry: bundle.entry },
        reuse: [],
        signal: new AbortController().signal,
        clock,
        onProgress: () => undefined,
      }),
    ),
  )
  const seconds = (performance.now() - startedAt) / 1000
  const snapshot = server.snapshot()
  const published = snapshot.reduce((sum, transfer) => sum + transfer.publishedBytes, 0)
  const ratio = published / sizeBytes
  process.stderr.write(
    `transfer: ${deviceCount} devices, published ${ratio.toFixed(3)}x, ${(sizeBytes / 1e6 / seconds).toFixed(1)} MB/s each, ${seconds.toFixed(1)} s\n`,
  )
  return { ratio, hashes: paths.map((path) => sha256(readFileSync(path))), expected: devices.map(() => bundle.entry.sha256 as string) }
}

test('eight devices get 64 MiB published about once', { timeout: 60_000 }, async () => {
  const { ratio, hashes, expected } = await push(64 * 1024 * 1024, (port) => Promise.resolve(port))
  expect(hashes).toEqual(expected)
  expect(ratio).toBeGreaterThanOrEqual(1)
  expect(ratio).toBeLessThanOrEqual(1.1)
})

test('case 31: it completes while every connection is cut every 2 s', { timeout: 60_000 }, async () => {
  let cuts = (): number => 0
  const { hashes, expected, ratio } = await push(64 * 1024 * 1024, async (port) => {
    const proxy = await startFaultProxy({ port })
    cleanUp.push(() => proxy.stop())
    proxy.setBandwidth(8_000_000)
    proxy.cutEvery(2_000)
    cuts = () => proxy.cuts
    return proxy.port
  })
  expect(hashes).toEqual(expected)
  expect(cuts()).toBeGreaterThanOrEqual(2 * deviceCount)
  expect(ratio).toBeLessThan(3)
})
