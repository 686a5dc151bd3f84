import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openCatalog } from '../../../../../electron/core/transfer/catalog.ts'
import { startTransferServer, type TransferServer } from '../../../../../electron/core/transfer/server.ts'
import type { Problem } from '../../../../../shared/domain/problem.ts'
import { BlockSet } from '../../../../../shared/protocol/bitmap.ts'
import { type BlockWantMessage, blockWantMessage } from '../../../../../shared/protocol/block.ts'
import {
  entryOf,
  manifestOf,
  publishBundle,
  randomBytes,
  type SampleBundle,
  seeded,
  sha256,
} from '../../../agent/artifact/sample-artifact.ts'

let directory: string
let bundle: SampleBundle
let server: TransferServer
let published: { topic: string; payload: Uint8Array }[]
let refused: [string, string][]
let backlog: number
let publish: (topic: string, payload: Uint8Array) => Promise<void>

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-server-'))
  const bytes = randomBytes(20_000, seeded(1))
  bundle = publishBundle(directory, bytes, entryOf(bytes, [900, 1_500]))
  published = []
  refused = []
  backlog = 0
  publish = () => Promise.resolve()
  server = startTransferServer({
    fleet: 'home',
    publish: (topic, payload) => {
      published.push({ topic, payload })
      return publish(topic, payload)
    },
    backlogBytes: () => backlog,
    isAssigned: (device, digest) => device !== 'stranger' && digest === bundle.digest,
    audience: () => 1,
    artifactDirectory: directory,
    clock: { now: () => 1_000, monotonic: () => performance.now() },
    limitBytesPerSecond: null,
    onChange: () => undefined,
    refuse: (device, problem: Problem) => void refused.push([device, problem.code]),
  })
})
afterEach(async () => {
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
})

function want(change: Partial<Record<keyof BlockWantMessage, unknown>> = {}): BlockWantMessage {
  const blocks = bundle.entry.blocks.length
  return blockWantMessage.parse({
    v: 1,
    sentAt: 0,
    device: 'cam-1',
    artifact: bundle.entry.sha256,
    sizeBytes: bundle.entry.sizeBytes,
    manifest: bundle.digest,
    round: 'r1',
    blocks,
    missing: Buffer.from(BlockSet.all(blocks).bytes).toString('base64'),
    window: 32,
    ...change,
  })
}

const refusals: { name: string; change: Partial<Record<keyof BlockWantMessage, unknown>>; device?: string; code: string }[] = [
  { name: 'a bundle that is not assigned', change: { device: 'stranger' }, device: 'stranger', code: 'transfer.not-offered' },
  { name: 'another bundle', change: { manifest: 'a'.repeat(64) }, code: 'transfer.not-offered' },
  { name: 'an artifact as if it were a manifest', change: { manifest: null }, code: 'transfer.not-offered' },
  { name: 'an artifact that the manifest does not list', change: { artifact: 'b'.repeat(64) }, code: 'transfer.not-offered' },
  { name: 'a wrong size', change: { sizeBytes: 19_999 }, code: 'transfer.not-offered' },
  { name: 'a wrong count', change: { blocks: 5 }, code: 'message.malformed' },
  {
    name: 'a huge count with a huge bitmap',
    change: { blocks: 131_072, missing: Buffer.alloc(16_384, 255).toString('base64') },
    code: 'message.malformed',
  },
  { name: 'a bitmap that is too long', change: { missing: Buffer.alloc(16_384, 255).toString('base64') }, code: 'message.malformed' },
  { name: 'an empty bitmap', change: { missing: '' }, code: 'message.malformed' },
  { name: 'bits behind the last block', change: { missing: Buffer.alloc(3, 255).toString('base64') }, code: 'message.malformed' },
  { name: 'the name of another device', change: { device: 'cam-2' }, code: 'message.malformed' },
]

test.each(refusals)('refuses $name and sends nothing', async ({ change, device = 'cam-1', code }) => {
  server.want(device, want(change))
  await new Promise((resolve) => {
    setTimeout(resolve, 20)
  })
  expect({ refused, published, snapshot: server.snapshot() }).toEqual({ refused: [[device, code]], published: [], snapshot: [] })
})

test('publishes each block once, with the bytes of the file', async () => {
  server.want('cam-1', want())
  await vi.waitFor(() => expect(published).toHaveLength(bundle.entry.blocks.length))
  expect(published.map(({ topic, payload }) => [topic, sha256(payload)])).toEqual(
    bundle.entry.blocks.map(([, hash], block) => [`muster/1/home/device/cam-1/block/${bundle.entry.sha256}/${block}`, hash]),
  )
  server.want('cam-1', want({ missing: Buffer.alloc(Math.ceil(bundle.entry.blocks.length / 8)).toString('base64') }))
  expect(server.snapshot()).toEqual([
    {
      artifact: bundle.entry.sha256,
      sizeBytes: 20_000,
      blocks: bundle.entry.blocks.length,
      publishedBytes: 20_000,
      publishedBlocks: bundle.entry.blocks.length,
      sharedBlocks: 0,
      startedAt: 1_000,
      endedAt: 1_000,
      devices: [{ device: 'cam-1', missingBlocks: 0, done: true }],
    },
  ])
})

test('a request that was in order is forgotten when the device may no longer fetch', async () => {
  backlog = 100_000_000
  server.want('cam-1', want())
  expect(server.snapshot()).toMatchObject([{ endedAt: null }])
  server.want('cam-1', want({ sizeBytes: 1 }))
  expect(server.snapshot()).toMatchObject([{ endedAt: 1_000, devices: [] }])
})

test('waits while too much is queued in the broker', async () => {
  backlog = 4 * 1024 * 1024 + 1
  server.want('cam-1', want())
  await new Promise((resolve) => {
    setTimeout(resolve, 50)
  })
  expect(published).toEqual([])
  backlog = 4 * 1024 * 1024
  await vi.waitFor(() => expect(published).toHaveLength(bundle.entry.blocks.length))
})

test('publishes that fail do not end the transfer; what is lost is asked for again', async () => {
  publish = () => Promise.reject(new Error('broker away'))
  server.want('cam-1', want())
  await vi.waitFor(() => expect(published).toHaveLength(bundle.entry.blocks.length))
  publish = () => Promise.resolve()
  server.want('cam-1', want({ round: 'r2' }))
  await vi.waitFor(() => expect(published).toHaveLength(2 * bundle.entry.blocks.length))
})

test.each([
  { name: 'shortened', damage: (path: string) => truncateSync(path, 10_000) },
  {
    name: 'damaged in one byte',
    damage: (path: string) => {
      const bytes = readFileSync(path)
      bytes[0]! ^= 1
      writeFileSync(path, bytes)
    },
  },
  { name: 'missing', damage: (path: string) => rmSync(path) },
  {
    name: 'a folder',
    damage: (path: string) => {
      rmSync(path)
      mkdirSync(path)
    },
  },
])('an artifact file that is $name ends the transfer with a problem', async ({ damage }) => {
  damage(join(directory, bundle.entry.sha256))
  server.want('cam-1', want())
  await vi.waitFor(() => expect(refused).toEqual([['cam-1', 'transfer.corrupt']]))
  expect({ published, snapshot: server.snapshot() }).toMatchObject({ published: [], snapshot: [{ endedAt: 1_000 }] })
})

test('keeps the last 50 transfers that ended', () => {
  backlog = 100_000_000
  for (let i = 0; i < 60; i += 1) {
    server.want('cam-1', want({ round: `r${i}` }))
    server.want('cam-1', want({ sizeBytes: 1 }))
  }
  expect(server.snapshot()).toHaveLength(50)
})

test('stop ends a wait for a broker that never answers', async () => {
  publish = () => new Promise(() => undefined)
  server.want('cam-1', want())
  await vi.waitFor(() => expect(published.length).toBeGreaterThan(0))
  await server.stop()
  expect(server.snapshot()).toMatchObject([{ endedAt: 1_000 }])
})

test('the catalog offers what sound manifests list, and nothing else', () => {
  const catalog = openCatalog(directory)
  const { entry, digest, manifestBytes } = bundle
  expect(catalog.mayFetch([digest], entry.sha256)).toBe(true)
  expect(catalog.mayFetch([digest], digest)).toBe(true)
  expect(catalog.mayFetch([], entry.sha256)).toBe(false)
  expect(catalog.mayFetch(['c'.repeat(64), '../../etc/passwd'], entry.sha256)).toBe(false)
  expect(catalog.entry(null, digest, manifestBytes.length)?.starts).toEqual(Float64Array.from([0, manifestBytes.length]))
  expect(catalog.entry(digest, entry.sha256, entry.sizeBytes)?.starts).toHaveLength(entry.blocks.length + 1)
  expect(catalog.entry(null, '..', 3)).toBeNull()

  // A file whose bytes are not those of its name, and one whose blocks do not add up.
  const lying = manifestOf({ ...entry, blocks: entry.blocks.slice(1) })
  writeFileSync(join(directory, lying.digest), lying.bytes)
  expect(catalog.mayFetch([lying.digest], entry.sha256)).toBe(false)
  writeFileSync(join(directory, 'd'.repeat(64)), manifestBytes)
  expect(catalog.mayFetch(['d'.repeat(64)], entry.sha256)).toBe(false)
  writeFileSync(join(directory, 'e'.repeat(64)), '[')
  expect(catalog.mayFetch(['e'.repeat(64)], entry.sha256)).toBe(false)
})
