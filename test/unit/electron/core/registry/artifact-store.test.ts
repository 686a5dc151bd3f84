import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openArtifactStore, sha256OfFile } from '../../../../../electron/core/registry/artifact-store.ts'
import { stageArtifacts } from '../../../../../electron/core/registry/staging.ts'

let directory: string
let source: string
const content = Buffer.from('weights '.repeat(50_000))
const sha256 = createHash('sha256').update(content).digest('hex')

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'muster-artifacts-')), 'artifacts')
  source = `${directory}.source`
  writeFileSync(source, content)
})
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }))

test('a file lands under its hash, once', async () => {
  const store = openArtifactStore(directory)
  expect(await store.putFile(source)).toEqual({ sha256, sizeBytes: content.length, isNew: true })
  expect(await store.putFile(source)).toEqual({ sha256, sizeBytes: content.length, isNew: false })
  expect(await store.putBytes(content)).toEqual({ sha256, sizeBytes: content.length, isNew: false })
  store.settle(sha256)
  expect(readdirSync(directory)).toEqual([sha256])
  expect(readFileSync(store.pathOf(sha256)).equals(content)).toBe(true)
  expect(statSync(store.pathOf(sha256)).mode & 0o777).toBe(0o600)
  expect([await store.isSound(sha256), await store.isSound('0'.repeat(64)), await sha256OfFile(source)]).toEqual([true, false, sha256])
})

test('a damaged file is noticed and replaced', async () => {
  const store = openArtifactStore(directory)
  await store.putFile(source)
  writeFileSync(store.pathOf(sha256), content.subarray(1))
  expect(await store.isSound(sha256)).toBe(false)
  expect((await store.putFile(source)).isNew).toBe(true)
  expect(await store.isSound(sha256)).toBe(true)
})

test('what an interrupted put left is gone after the next start; artifacts stay', async () => {
  const store = openArtifactStore(directory)
  await store.putFile(source)
  store.settle(sha256)
  writeFileSync(join(directory, 'incoming-0011223344556677'), 'half')
  openArtifactStore(directory)
  expect(readdirSync(directory)).toEqual([sha256])
})

test('an aborted or failing put leaves nothing', async () => {
  const store = openArtifactStore(directory)
  await expect(store.putFile(source, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' })
  await expect(store.putFile(`${source}.absent`)).rejects.toMatchObject({ code: 'ENOENT' })
  expect(readdirSync(directory)).toEqual([])
})

test.skipIf(process.getuid?.() === 0)('a folder without write access', async () => {
  const store = openArtifactStore(directory)
  chmodSync(directory, 0o500)
  await expect(store.putFile(source)).rejects.toMatchObject({ code: 'data-directory.read-only' })
  chmodSync(directory, 0o700)
})

test('a roll-back takes out what came in, and nothing that was there before', async () => {
  const store = openArtifactStore(directory)
  await store.putFile(source)
  store.settle(sha256)
  const staging = stageArtifacts(store, new AbortController().signal)
  await staging.file(source)
  const fresh = await staging.entryOfBytes(Buffer.from('{"v":1}'))
  expect(store.unsettled()).toEqual([fresh.sha256])
  // Another process of the same folder knows as much: it is where a killed console left off.
  expect(openArtifactStore(directory).unsettled()).toEqual([fresh.sha256])
  staging.rollBack()
  expect(readdirSync(directory)).toEqual([sha256])
})
