import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openArtifactStore } from '../../../../agent/artifact/store.ts'
import { entryOf, publishBundle, randomBytes, type SampleBundle, seeded, sha256 } from './sample-artifact.ts'
import { type LinkFaults, modelOf, simulateFleet, type SimulatedFleet } from './simulated-fleet.ts'

let fleet: SimulatedFleet
afterEach(() => fleet.close())

const cut = [1_000, 700, 4_096, 2_500, 333]
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `cam-${i}`)

/** A bundle of about 200 small blocks, assigned to so many devices. */
function prepare(
  deviceCount: number,
  faults: Partial<LinkFaults> = {},
  more: { bytes?: Uint8Array; encoding?: 'zstd' } = {},
): SampleBundle {
  const bytes = more.bytes ?? randomBytes(345_678, seeded(7))
  const bundle = publishBundle(fleet.directory, bytes, entryOf(bytes, cut, more.encoding))
  for (const id of names(deviceCount)) {
    if (!fleet.devices.has(id)) fleet.addDevice(id, faults)
    fleet.assigned.get(id)!.add(bundle.digest)
  }
  return bundle
}

const fetchAll = (bundle: SampleBundle, ids: string[]): Promise<string[]> =>
  fleet.settle(Promise.all(ids.map((id) => fleet.fetch(id, modelOf(bundle)))))
const hashes = (paths: string[]): string[] => paths.map((path) => sha256(readFileSync(path)))
const publishedRatio = (bundle: SampleBundle): number => fleet.published.reduce((sum, { bytes }) => sum + bytes, 0) / bundle.bytes.length

const rows: { name: string; devices: number; faults: Partial<LinkFaults>; atMost: number }[] = [
  { name: 'one device, sound link', devices: 1, faults: {}, atMost: 1 },
  { name: 'eight devices, sound links', devices: 8, faults: {}, atMost: 1 },
  { name: 'reordering', devices: 4, faults: { jitterMs: 60 }, atMost: 1.1 },
  { name: 'duplicating, blocks and requests', devices: 4, faults: { duplicate: 0.3, duplicateWants: true }, atMost: 1 },
  { name: 'losing every tenth block', devices: 4, faults: { lose: 0.1 }, atMost: 2 },
  { name: 'damaging a few blocks', devices: 2, faults: { corrupt: 0.02 }, atMost: 1.2 },
  { name: 'slow link of 4 blocks per second', devices: 1, faults: { blocksPerSecond: 4 }, atMost: 1.05 },
  { name: 'cutting every 300 ms', devices: 3, faults: { cutEveryMs: 300, blocksPerSecond: 100 }, atMost: 9 },
  {
    name: 'everything at once',
    devices: 3,
    faults: { cutEveryMs: 900, lose: 0.05, duplicate: 0.1, jitterMs: 40, corrupt: 0.01, duplicateWants: true, blocksPerSecond: 150 },
    atMost: 6,
  },
]

test.each(rows)('case 10: every device ends with the same bytes: $name', async ({ devices, faults, atMost }) => {
  fleet = simulateFleet(11)
  const bundle = prepare(devices, faults)
  const paths = await fetchAll(bundle, names(devices))
  expect(hashes(paths)).toEqual(names(devices).map(() => bundle.entry.sha256))
  expect(publishedRatio(bundle)).toBeLessThanOrEqual(atMost)
  expect(fleet.refused).toEqual([])
  // Nothing is left behind but the artifacts.
  for (const id of names(devices)) expect(readdirSync(join(fleet.directory, 'devices', id, 'partial'))).toEqual([])
  // A device whose last word was lost is waited for no longer than this.
  await fleet.pass(31_000)
  const last = fleet.server.snapshot().at(-1)!
  expect({ ended: last.endedAt !== null, missing: last.devices.filter(({ done, missingBlocks }) => done && missingBlocks > 0) }).toEqual({
    ended: true,
    missing: [],
  })
})

test('eight devices that start within a second share what is published', async () => {
  fleet = simulateFleet(12)
  const bundle = prepare(8)
  const starts = names(8).map(async (id, i) => {
    await new Promise((resolve) => {
      setTimeout(resolve, i * 125)
    })
    return fleet.fetch(id, modelOf(bundle))
  })
  await fleet.settle(Promise.all(starts))
  expect(publishedRatio(bundle)).toBe(1)
  expect(fleet.published.every(({ topic }) => topic.startsWith('muster/1/home/block/'))).toBe(true)
  await fleet.pass(100)
  expect(fleet.server.snapshot()).toEqual([
    {
      artifact: bundle.entry.sha256,
      sizeBytes: bundle.bytes.length,
      blocks: bundle.entry.blocks.length,
      publishedBytes: bundle.bytes.length,
      publishedBlocks: bundle.entry.blocks.length,
      sharedBlocks: bundle.entry.blocks.length,
      startedAt: expect.any(Number),
      endedAt: expect.any(Number),
      devices: expect.arrayContaining(names(8).map((device) => ({ device, missingBlocks: 0, done: true }))),
    },
  ])
})

test('a device that nobody shares with is served on its own topic, compressed where the manifest says so', async () => {
  fleet = simulateFleet(13)
  const bytes = randomBytes(200_000, seeded(3)).map((byte) => byte & 3)
  const bundle = prepare(1, {}, { bytes, encoding: 'zstd' })
  const paths = await fetchAll(bundle, ['cam-0'])
  expect(hashes(paths)).toEqual([bundle.entry.sha256])
  expect(publishedRatio(bundle)).toBeLessThan(0.5)
  expect(fleet.published.every(({ topic }) => topic.startsWith('muster/1/home/device/cam-0/block/'))).toBe(true)
})

test('case 11: a dead link does not hold the others back, and is repaired when it is back', { timeout: 60_000 }, async () => {
  fleet = simulateFleet(14)
  const bundle = prepare(3)
  fleet.devices.get('cam-2')!.faults.lose = 1
  const dead = fleet.fetch('cam-2', modelOf(bundle))
  await fetchAll(bundle, ['cam-0', 'cam-1'])
  const before = publishedRatio(bundle)
  expect(before).toBeLessThanOrEqual(1)
  fleet.devices.get('cam-2')!.faults.lose = 0
  expect(hashes([await fleet.settle(dead)])).toEqual([bundle.entry.sha256])
  expect(publishedRatio(bundle) - before).toBeLessThanOrEqual(1.2)
})

test('case 10: two transfers of one device at once, mixed, doubled and out of order, end as two right files', async () => {
  fleet = simulateFleet(22)
  const first = prepare(1, { jitterMs: 60, duplicate: 0.3, duplicateWants: true })
  const second = prepare(1, {}, { bytes: randomBytes(234_567, seeded(8)) })
  const paths = await fleet.settle(Promise.all([first, second].map((bundle) => fleet.fetch('cam-0', modelOf(bundle)))))
  expect(hashes(paths)).toEqual([first.entry.sha256, second.entry.sha256])
  expect(readdirSync(join(fleet.directory, 'devices', 'cam-0', 'partial'))).toEqual([])
})

test('case 11: a link of one byte a second gets there, over a cut as well, and costs the others nothing', { timeout: 60_000 }, async () => {
  fleet = simulateFleet(23)
  const bytes = randomBytes(100, seeded(2))
  const small = publishBundle(fleet.directory, bytes, entryOf(bytes, [25]))
  fleet.addDevice('slow', { blocksPerSecond: 1 / 25 })
  fleet.assigned.get('slow')!.add(small.digest)
  let have = 0
  const slow = fleet.fetch('slow', modelOf(small), { onProgress: ({ blocksHave }) => (have = blocksHave) })
  const bundle = prepare(2)
  expect(hashes(await fetchAll(bundle, names(2)))).toEqual([bundle.entry.sha256, bundle.entry.sha256])
  // Not one block of the slow one has arrived while the others got all of theirs, and theirs were sent once.
  expect(have).toBe(0)
  expect(publishedRatio(bundle)).toBeLessThanOrEqual(1 + 1000 / bundle.bytes.length)
  await fleet.pass(35_000)
  const before = have
  expect(before).toBeGreaterThan(0)
  const device = fleet.devices.get('slow')!
  device.setConnected(false)
  await fleet.pass(1000)
  device.setConnected(true)
  expect(have).toBe(before)
  expect(hashes([await fleet.settle(slow)])).toEqual([small.entry.sha256])
})

test('the manifest comes first, in plain pieces, then blocks that an older version has are not sent again', async () => {
  fleet = simulateFleet(15)
  const first = prepare(1)
  const old = (await fetchAll(first, ['cam-0']))[0]!
  const changed = Uint8Array.from(first.bytes)
  changed.set(randomBytes(2_000, seeded(9)), 100_000)
  const second = prepare(1, {}, { bytes: changed })
  fleet.published.length = 0
  const manifest = await fleet.settle(
    fleet.fetch('cam-0', { sha256: second.digest, sizeBytes: second.manifestBytes.length, manifest: null, entry: null }),
  )
  expect(readFileSync(manifest)).toEqual(second.manifestBytes)
  fleet.published.length = 0
  const path = await fleet.settle(fleet.fetch('cam-0', modelOf(second), { reuse: [{ entry: first.entry, path: old }] }))
  expect(hashes([path])).toEqual([second.entry.sha256])
  expect(publishedRatio(second)).toBeLessThan(0.03)
})

test('equal blocks within an artifact are sent once', async () => {
  fleet = simulateFleet(16)
  const bytes = new Uint8Array(400_000)
  bytes.set(randomBytes(5_000, seeded(1)), 50_000)
  const entry = entryOf(bytes, [4_096])
  const bundle = publishBundle(fleet.directory, bytes, entry)
  fleet.addDevice('cam-0')
  fleet.assigned.get('cam-0')!.add(bundle.digest)
  expect(hashes(await fetchAll(bundle, ['cam-0']))).toEqual([entry.sha256])
  expect(publishedRatio(bundle)).toBeLessThan(0.05)
})

test('case 11: a device that restarts in mid-transfer asks only for what it does not have', async () => {
  fleet = simulateFleet(17)
  const bundle = prepare(1, { blocksPerSecond: 200 })
  const stop = new AbortController()
  const interrupted = fleet.fetch('cam-0', modelOf(bundle), {
    signal: stop.signal,
    onProgress: ({ blocksHave }) => blocksHave >= 100 && stop.abort(),
  })
  await expect(fleet.settle(interrupted)).rejects.toMatchObject({ code: 'cancelled' })
  const device = fleet.devices.get('cam-0')!
  device.setConnected(false)
  device.store = openArtifactStore(join(fleet.directory, 'devices', 'cam-0'))
  device.setConnected(true)
  const received = device.received
  expect(hashes(await fetchAll(bundle, ['cam-0']))).toEqual([bundle.entry.sha256])
  expect((device.received - received) / bundle.bytes.length).toBeLessThan(0.6)
})

test('a console that restarts in mid-transfer goes on with the next request', async () => {
  fleet = simulateFleet(18)
  const bundle = prepare(3, { blocksPerSecond: 200 })
  const all = Promise.all(names(3).map((id) => fleet.fetch(id, modelOf(bundle))))
  await fleet.pass(500)
  await fleet.restartServer()
  expect(hashes(await fleet.settle(all))).toEqual(names(3).map(() => bundle.entry.sha256))
  expect(publishedRatio(bundle)).toBeLessThan(1.6)
})

test('a fetch waits without limit while there is no connection', async () => {
  fleet = simulateFleet(19)
  const bundle = prepare(1)
  const device = fleet.devices.get('cam-0')!
  device.setConnected(false)
  const fetching = fleet.fetch('cam-0', modelOf(bundle))
  await fleet.pass(20_000)
  expect(device.wants).toEqual([])
  device.setConnected(true)
  expect(hashes([await fleet.settle(fetching)])).toEqual([bundle.entry.sha256])
})

test('a bandwidth cap holds on average and can be lifted on the way', async () => {
  fleet = simulateFleet(20, { limitBytesPerSecond: 100_000 })
  const bundle = prepare(2)
  const all = fleet.settle(Promise.all(names(2).map((id) => fleet.fetch(id, modelOf(bundle)))))
  while (fleet.published.reduce((sum, { bytes }) => sum + bytes, 0) < 200_000) await fleet.pass(10)
  const from = fleet.published[0]!.at
  for (const { at } of fleet.published) {
    const sent = fleet.published.filter((one) => one.at <= at).reduce((sum, { bytes }) => sum + bytes, 0)
    // The burst of 250 ms and one block above the rate.
    expect(sent).toBeLessThanOrEqual(((at - from) / 1000) * 100_000 + 25_000 + 4_096 * 2)
  }
  const slow = Date.now() - from
  fleet.server.setLimit(null)
  expect(hashes(await all)).toEqual(names(2).map(() => bundle.entry.sha256))
  expect(slow).toBeGreaterThan(1_500)
})

test('case 9: wrong blocks again and again end the fetch and leave no file', async () => {
  fleet = simulateFleet(21)
  const bundle = prepare(1, { corrupt: 1 })
  await expect(fetchAll(bundle, ['cam-0'])).rejects.toMatchObject({ code: 'transfer.corrupt' })
  const folder = join(fleet.directory, 'devices', 'cam-0')
  expect([readdirSync(join(folder, 'partial')), existsSync(join(folder, 'artifacts', bundle.entry.sha256))]).toEqual([[], false])
})
