import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { layoutOf } from '../../../../agent/artifact/layout.ts'
import { openArtifactStore } from '../../../../agent/artifact/store.ts'
import { killedArtifact } from './killed-artifact.ts'
import { entryOf, randomBytes, seeded, sha256 } from './sample-artifact.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-store-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const bytes = randomBytes(10_000, seeded(2))
const entry = entryOf(bytes, [1_000])
const layout = layoutOf({ sha256: entry.sha256, sizeBytes: entry.sizeBytes, manifest: 'a'.repeat(64), entry })
const blockOf = (block: number): Uint8Array => bytes.subarray(block * 1_000, block * 1_000 + 1_000)

test('an artifact is there only after it was adopted, and then whole', async () => {
  const store = openArtifactStore(directory)
  const partial = await store.openPartial(layout)
  for (let block = 0; block < 10; block += 1) await partial.write(block, blockOf(block))
  expect([store.has(entry.sha256), partial.missing.count, await partial.digest()]).toEqual([false, 0, entry.sha256])
  const path = await store.adopt(partial)
  expect([path, store.has(entry.sha256), store.list()]).toEqual([
    store.path(entry.sha256),
    true,
    [{ sha256: entry.sha256, sizeBytes: 10_000 }],
  ])
  expect(sha256(readFileSync(path))).toBe(entry.sha256)
  expect(readdirSync(join(directory, 'partial'))).toEqual([])
  store.remove(entry.sha256)
  store.remove(entry.sha256)
  expect([store.has(entry.sha256), store.list()]).toEqual([false, []])
})

test('a partial file has one user at a time', async () => {
  const store = openArtifactStore(directory)
  const partial = await store.openPartial(layout)
  await expect(store.openPartial(layout)).rejects.toMatchObject({ code: 'internal' })
  await partial.close()
  await (await store.openPartial(layout)).close()
})

const resumes: { name: string; damage(file: string): void; have: number[] }[] = [
  { name: 'nothing happened', damage: () => undefined, have: [1, 2, 3] },
  { name: 'the bitmap is gone', damage: (file) => rmSync(`${file}.have`), have: [] },
  { name: 'the bitmap is empty', damage: (file) => writeFileSync(`${file}.have`, ''), have: [] },
  { name: 'the bitmap claims everything', damage: (file) => writeFileSync(`${file}.have`, Buffer.from([255, 3])), have: [1, 2, 3] },
  { name: 'the bitmap has bits behind the end', damage: (file) => writeFileSync(`${file}.have`, Buffer.from([255, 255])), have: [] },
  { name: 'the file is empty, as after a power cut', damage: (file) => writeFileSync(file, ''), have: [] },
  {
    name: 'a byte of a block was lost',
    damage: (file) => {
      const content = readFileSync(file)
      content[2_500]! ^= 1
      writeFileSync(file, content)
    },
    have: [1, 3],
  },
  { name: 'the file became longer', damage: (file) => appendFileSync(file, 'more'), have: [1, 2, 3] },
]

test.each(resumes)('a restart claims only blocks that are sound: $name', async ({ damage, have }) => {
  const before = await openArtifactStore(directory).openPartial(layout)
  for (const block of [1, 2, 3]) await before.write(block, blockOf(block))
  await before.save()
  await before.close()
  const file = join(directory, 'partial', entry.sha256)
  damage(file)
  const after = await openArtifactStore(directory).openPartial(layout)
  expect(Array.from({ length: 10 }, (_, block) => block).filter((block) => !after.missing.has(block))).toEqual(have)
  await after.close()
  expect(statSync(file).size).toBe(10_000)
})

test('kill -9 in the middle of writing loses at most what was not saved', { timeout: 20_000 }, async () => {
  const { entry: killed } = killedArtifact()
  let saved = 0
  for (let round = 0; round < 3; round += 1) {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'write-until-killed.ts'), directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    for await (const chunk of child.stdout) {
      output += String(chunk)
      if (output.length > 60) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const [start, dots] = output.split('\n')
    // What the last process reported as saved is what this one began with, or one more that it had no time to report.
    expect(Number(start)).toBeGreaterThanOrEqual(saved)
    saved = Number(start) + dots!.length
  }
  const partial = await openArtifactStore(directory).openPartial(
    layoutOf({ sha256: killed.sha256, sizeBytes: killed.sizeBytes, manifest: null, entry: killed }),
  )
  const have = killed.blocks.flatMap(([, hash], block) => (partial.missing.has(block) ? [] : [{ hash, block }]))
  expect(have.length).toBeGreaterThanOrEqual(saved)
  const file = readFileSync(join(directory, 'partial', killed.sha256))
  for (const { hash, block } of have) expect(sha256(file.subarray(block * 2_000, block * 2_000 + 2_000))).toBe(hash)
  await partial.close()
})

test('case 12: twice the size must be free before the first byte; what is there already counts', async () => {
  let free = 19_999
  const store = openArtifactStore(directory, { freeBytes: () => Promise.resolve(free) })
  await expect(store.openPartial(layout)).rejects.toMatchObject({ code: 'transfer.no-space' })
  expect(existsSync(join(directory, 'partial', entry.sha256))).toBe(false)
  free = 20_000
  const partial = await store.openPartial(layout)
  for (let block = 0; block < 10; block += 1) await partial.write(block, blockOf(block))
  await partial.sync()
  await partial.close()
  free = 12_000
  await (await store.openPartial(layout)).close()
})

test('free space is asked from the file system', async () => {
  const huge = layoutOf({ sha256: 'f'.repeat(64), sizeBytes: 65_536 * 131_072, manifest: null, entry: null })
  const store = openArtifactStore(directory)
  // 16 GiB may well be free here; then there is a file of holes, and nothing was written.
  const opened = await store.openPartial(huge).then(
    async (partial) => {
      await partial.discard()
      return 'opened'
    },
    (error: unknown) => error,
  )
  if (opened !== 'opened') expect(opened).toMatchObject({ code: 'transfer.no-space' })
  expect(readdirSync(join(directory, 'partial'))).toEqual([])
})

test('removes what nothing refers to, but not what is being received', async () => {
  const store = openArtifactStore(directory)
  const place = (folder: string, name: string): void => writeFileSync(join(directory, folder, name), 'x')
  const [kept, old, half] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string]
  place('artifacts', kept)
  place('artifacts', old)
  place('artifacts', 'README')
  place('partial', half)
  place('partial', `${half}.have`)
  const partial = await store.openPartial(layout)
  expect(store.removeUnreferenced(new Set([kept]))).toEqual([old, half])
  expect(readdirSync(join(directory, 'artifacts')).sort()).toEqual([kept, 'README'])
  expect(readdirSync(join(directory, 'partial')).sort()).toEqual([entry.sha256, `${entry.sha256}.have`])
  await partial.close()
})

test('a name that is no hash never becomes a path', () => {
  const store = openArtifactStore(directory)
  for (const name of ['../x', '', 'A'.repeat(64), `${'a'.repeat(64)}/..`]) expect(() => store.path(name)).toThrow(RangeError)
})

test.each([
  { name: 'sizes do not add up', change: { sizeBytes: 10_001 } },
  { name: 'another hash', change: { sha256: createHash('sha256').digest('hex') } },
  { name: 'no bytes', change: { sizeBytes: 0, entry: null } },
  { name: 'more than the wire can number', change: { sizeBytes: 65_536 * 131_072 + 1, entry: null } },
  { name: 'a fraction of a byte', change: { sizeBytes: 1.5, entry: null } },
])('a layout that contradicts itself is refused: $name', ({ change }) => {
  expect(() => layoutOf({ sha256: entry.sha256, sizeBytes: 10_000, manifest: null, entry, ...change })).toThrow(
    expect.objectContaining({ code: 'bundle.invalid' }),
  )
})
