import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { BlockWire } from '../../../../agent/artifact/block-wire.ts'
import type { WantedArtifact } from '../../../../agent/artifact/layout.ts'
import { parseManifest } from '../../../../agent/artifact/manifest.ts'
import { type FetchProgress, fetchArtifact } from '../../../../agent/artifact/receive.ts'
import type { Reusable } from '../../../../agent/artifact/reuse.ts'
import { type ArtifactStore, openArtifactStore } from '../../../../agent/artifact/store.ts'
import { BlockSet } from '../../../../shared/protocol/bitmap.ts'
import { type BlockWantMessage, blockWantMessage } from '../../../../shared/protocol/block.ts'
import { entryOf, manifestOf, randomBytes, seeded, sha256 } from './sample-artifact.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-receive-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const bytes = randomBytes(30_000, seeded(4))
const entry = entryOf(bytes, [1_000])
const wanted: WantedArtifact = { sha256: entry.sha256, sizeBytes: 30_000, manifest: 'a'.repeat(64), entry }
const blockOf = (block: number): Uint8Array => bytes.subarray(block * 1_000, block * 1_000 + 1_000)

interface TestWire extends BlockWire {
  wants: BlockWantMessage[]
  subscribed: string[]
  deliver(block: number, payload: Uint8Array, artifact?: string): void
}

/** A console that answers each request with what `answer` gives for the blocks that are missing. */
function wireOf(answer: (missing: number[], wire: TestWire) => void): TestWire {
  const handlers = new Set<(artifact: string, block: number, payload: Uint8Array) => void>()
  const wire: TestWire = {
    wants: [],
    subscribed: [],
    connected: true,
    deliver: (block, payload, artifact = entry.sha256) => handlers.forEach((handler) => handler(artifact, block, payload)),
    want(message) {
      wire.wants.push(blockWantMessage.parse(message))
      answer([...BlockSet.from(message.blocks, Buffer.from(message.missing, 'base64'))!], wire)
      return Promise.resolve()
    },
    subscribe(artifact) {
      wire.subscribed.push(`+${artifact}`)
      return Promise.resolve()
    },
    unsubscribe(artifact) {
      wire.subscribed.push(`-${artifact}`)
      return Promise.resolve()
    },
    onBlock(handler) {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    onConnected: () => () => undefined,
  }
  return wire
}

const honest = (missing: number[], wire: TestWire): void => missing.forEach((block) => wire.deliver(block, blockOf(block)))

function fetchWith(
  wire: BlockWire,
  more: {
    store?: ArtifactStore
    artifact?: WantedArtifact
    reuse?: Reusable[]
    signal?: AbortSignal
    onProgress?(progress: FetchProgress): void
  } = {},
): Promise<string> {
  return fetchArtifact({
    wire,
    store: more.store ?? openArtifactStore(directory),
    fleet: 'home',
    device: 'cam-1',
    artifact: more.artifact ?? wanted,
    reuse: more.reuse ?? [],
    signal: more.signal ?? new AbortController().signal,
    clock: { now: () => 5, monotonic: () => 5 },
    onProgress: more.onProgress ?? (() => undefined),
  })
}

test('subscribes, asks, tells progress, says that it is done, and ends the subscription', async () => {
  const wire = wireOf(honest)
  const progress: FetchProgress[] = []
  const path = await fetchWith(wire, { onProgress: (now) => progress.push(now) })
  await vi.waitFor(() => expect(wire.subscribed).toEqual([`+${entry.sha256}`, `-${entry.sha256}`]))
  expect(sha256(readFileSync(path))).toBe(entry.sha256)
  expect([progress[0], progress.at(-1)]).toEqual([
    { blocksHave: 0, blocksTotal: 30, bytesReceived: 0 },
    { blocksHave: 30, blocksTotal: 30, bytesReceived: expect.any(Number) },
  ])
  const [first, last] = [wire.wants[0]!, wire.wants.at(-1)!]
  expect(first).toMatchObject({
    v: 1,
    sentAt: 5,
    device: 'cam-1',
    artifact: entry.sha256,
    sizeBytes: 30_000,
    manifest: 'a'.repeat(64),
    blocks: 30,
    window: 32,
  })
  expect(last).toMatchObject({ round: first.round, missing: Buffer.alloc(4).toString('base64') })
  // What is in the store is not fetched again.
  expect(await fetchWith(wireOf(() => expect.unreachable()))).toBe(path)
})

const hostile: { name: string; send(block: number, wire: TestWire): void }[] = [
  { name: 'other bytes', send: (block, wire) => wire.deliver(block, blockOf((block + 1) % 30)) },
  { name: 'too few bytes', send: (block, wire) => wire.deliver(block, blockOf(block).subarray(1)) },
  { name: 'no bytes', send: (block, wire) => wire.deliver(block, new Uint8Array()) },
  { name: 'far too many bytes', send: (block, wire) => wire.deliver(block, new Uint8Array(1_000_000)) },
]

test.each(hostile)('case 9: wrong blocks are dropped and asked again, up to a limit: $name', async ({ send }) => {
  let wrong = 0
  const mixed = wireOf((missing, wire) => {
    for (const block of missing) {
      if (wrong < 16) {
        wrong += 1
        send(block, wire)
      } else wire.deliver(block, blockOf(block))
    }
  })
  const path = await fetchWith(mixed)
  expect(sha256(readFileSync(path))).toBe(entry.sha256)
  openArtifactStore(directory).remove(entry.sha256)
  const always = wireOf((missing, wire) => missing.forEach((block) => send(block, wire)))
  await expect(fetchWith(always)).rejects.toMatchObject({ code: 'transfer.corrupt' })
  expect(readdirSync(join(directory, 'partial'))).toEqual([])
})

test('case 9: a block that unpacks to more than its signed size is a wrong block', async () => {
  const zstd = { ...wanted, entry: entryOf(bytes, [1_000], 'zstd') }
  const bomb = zstdCompressSync(new Uint8Array(10_000_000))
  expect(bomb.length).toBeLessThan(2_000)
  const wire = wireOf((missing, wire) => missing.forEach((block) => wire.deliver(block, bomb)))
  await expect(fetchWith(wire, { artifact: zstd })).rejects.toMatchObject({ code: 'transfer.corrupt' })
})

test('case 10: blocks that nobody asked for, or of another file, change nothing', async () => {
  const wire = wireOf((missing, wire) => {
    for (const block of [-1, 30, 1e9, Number.NaN, 0.5]) wire.deliver(block, blockOf(0))
    wire.deliver(0, blockOf(1), 'b'.repeat(64))
    honest(missing, wire)
    honest(missing, wire)
  })
  expect(sha256(readFileSync(await fetchWith(wire)))).toBe(entry.sha256)
})

test('case 9: plain pieces that are wrong as a whole are fetched again, then given up', async () => {
  const plain: WantedArtifact = { ...wanted, manifest: null, entry: null }
  let calls = 0
  const once = wireOf((missing, wire) => {
    if (missing.length > 0) wire.deliver(0, calls++ === 0 ? bytes.map((byte) => byte ^ 1) : bytes)
  })
  expect(sha256(readFileSync(await fetchWith(once, { artifact: plain })))).toBe(entry.sha256)
  openArtifactStore(directory).remove(entry.sha256)
  const always = wireOf((missing, wire) =>
    missing.forEach((block) =>
      wire.deliver(
        block,
        bytes.map((byte) => byte ^ 1),
      ),
    ),
  )
  await expect(fetchWith(always, { artifact: plain })).rejects.toMatchObject({ code: 'transfer.corrupt' })
  expect(readdirSync(join(directory, 'partial'))).toEqual([])
})

test('a stop keeps what arrived, and an order that was stopped before does nothing', async () => {
  const stop = new AbortController()
  const wire = wireOf((missing, wire) => missing.slice(0, 10).forEach((block) => wire.deliver(block, blockOf(block))))
  const fetching = fetchWith(wire, { signal: stop.signal, onProgress: ({ blocksHave }) => blocksHave === 10 && stop.abort() })
  await expect(fetching).rejects.toMatchObject({ code: 'cancelled' })
  await expect(
    fetchWith(
      wireOf(() => expect.unreachable()),
      { signal: AbortSignal.abort() },
    ),
  ).rejects.toMatchObject({ code: 'cancelled' })
  const asked: number[][] = []
  await fetchWith(
    wireOf((missing, wire) => {
      asked.push(missing)
      honest(missing, wire)
    }),
  )
  expect(asked[0]).toEqual(Array.from({ length: 20 }, (_, i) => i + 10))
})

test('blocks on the device are copied, but only sound ones', async () => {
  const other = Uint8Array.from(bytes.subarray(5_000, 25_000))
  const otherEntry = entryOf(other, [1_000])
  const path = join(directory, 'other')
  other[3_500]! ^= 1
  writeFileSync(path, other)
  const asked: number[][] = []
  const wire = wireOf((missing, wire) => {
    asked.push(missing)
    honest(missing, wire)
  })
  const reuse = [
    { entry: otherEntry, path: join(directory, 'gone') },
    { entry: otherEntry, path },
  ]
  expect(sha256(readFileSync(await fetchWith(wire, { reuse })))).toBe(entry.sha256)
  expect(asked[0]).toEqual([0, 1, 2, 3, 4, 8, 25, 26, 27, 28, 29])
})

test('everything on the device already: nothing is asked for', async () => {
  const path = join(directory, 'same')
  writeFileSync(path, bytes)
  expect(
    sha256(
      readFileSync(
        await fetchWith(
          wireOf(() => expect.unreachable()),
          { reuse: [{ entry, path }] },
        ),
      ),
    ),
  ).toBe(entry.sha256)
})

test('case 12: a disk that fills up on the way gives the space back', async () => {
  const store = openArtifactStore(directory)
  const full: ArtifactStore = {
    ...store,
    async openPartial(layout) {
      const partial = await store.openPartial(layout)
      return {
        ...partial,
        write: (block, data) =>
          block < 5 ? partial.write(block, data) : Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
      }
    },
  }
  await expect(fetchWith(wireOf(honest), { store: full })).rejects.toMatchObject({ code: 'transfer.no-space' })
  expect(readdirSync(join(directory, 'partial'))).toEqual([])
})

test('a manifest is what its digest names, of a known form, with blocks that add up', () => {
  const made = manifestOf(entry)
  expect(parseManifest(made.bytes, made.digest)).toMatchObject({ model: 'digits', artifacts: { model: { sha256: entry.sha256 } } })
  const refused = (content: Uint8Array, code: string, digest = sha256(content)): void =>
    expect(() => parseManifest(content, digest)).toThrow(expect.objectContaining({ code }))
  refused(made.bytes, 'bundle.invalid', 'a'.repeat(64))
  refused(Buffer.from([0xff, 0xfe]), 'bundle.invalid')
  refused(Buffer.from('{}'), 'bundle.invalid')
  refused(Buffer.from('[['), 'bundle.invalid')
  refused(new Uint8Array(16 * 1024 * 1024 + 1), 'bundle.invalid')
  refused(Buffer.from(Buffer.from(made.bytes).toString().replace('"v":1', '"v":2')), 'message.unsupported-version')
  refused(manifestOf({ ...entry, sizeBytes: 29_999 }).bytes, 'bundle.invalid')
})
