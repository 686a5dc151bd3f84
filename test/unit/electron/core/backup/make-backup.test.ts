import Database from 'better-sqlite3'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listBackups, POOL } from '../../../../../electron/core/backup/places.ts'
import { verifyBackup } from '../../../../../electron/core/backup/verify.ts'
import { openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import { openKeyring } from '../../../../../electron/core/trust/keys.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { backedUp, dataDirectory, setThrough } from '../../../../harness/backed-up.ts'
import { T0, temporaryDirectory } from '../../../../harness/fleet.ts'

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'done'
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

test('a backup holds both stores and the artifacts, is signed by the fleet, and no key lies in it', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  const { directory, manifest, signer } = await backedUp(data)
  expect(manifest).toMatchObject({ fleet: 'plant', fleetName: 'Plant', devices: 2, reason: 'person', madeAt: T0 })
  expect(manifest.files.map(({ name }) => name)).toEqual(['fleet.db', 'telemetry.db'])
  expect(manifest.artifacts.map(({ sha256 }) => sha256)).toEqual([data.artifact])
  expect(signer).toEqual({ keyId: data.keyring.keyIds.assignment, isOurs: true })
  expect(fs.readdirSync(directory).sort()).toEqual(['fleet.db', 'manifest.json', 'telemetry.db'])
  expect(fs.statSync(directory).mode & 0o077).toBe(0)
  const copy = new Database(join(directory, 'fleet.db'), { readonly: true })
  expect([copy.pragma('integrity_check', { simple: true }), copy.prepare('SELECT count(*) FROM device').pluck().get()]).toEqual(['ok', 2])
  copy.close()
  verifyBackup(directory, data.folder, manifest)
})

test('case 38: a backup under load is one moment, sound, and does not stop the writer', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  const db = openTelemetryWriter(join(data.directory, 'telemetry.db'))
  // Two rows of one transaction differ in no backup.
  db.exec('CREATE TABLE pair (a INTEGER, b INTEGER, filler TEXT)')
  const insert = db.prepare('INSERT INTO pair VALUES (?, ?, ?)')
  const write = db.transaction((n: number) => {
    insert.run(n, 0, 'x'.repeat(2000))
    insert.run(0, n, 'x'.repeat(2000))
  })
  // Many more pages than are copied in one go: a copy that begins anew with each change never ends.
  db.transaction(() => {
    for (let n = 1; n <= 5000; n += 1) write(n)
  }).immediate()
  let written = 5000
  const writer = setInterval(() => write((written += 1)), 1)
  const before = written
  const { directory } = await backedUp(data)
  clearInterval(writer)
  expect(written - before).toBeGreaterThan(10)
  db.close()
  const copy = new Database(join(directory, 'telemetry.db'), { readonly: true })
  const sums = copy.prepare<[], { a: number; b: number; n: number }>('SELECT sum(a) AS a, sum(b) AS b, max(a) AS n FROM pair').get()!
  expect(sums.a).toBe(sums.b)
  expect(sums.n).toBeGreaterThanOrEqual(before)
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
  copy.close()
})

test('case 38: a backup of a damaged store is refused, and leaves nothing', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  await backedUp(data)
  const file = join(data.directory, 'telemetry.db')
  const bytes = fs.readFileSync(file)
  // Behind the schema, where nothing is read on opening.
  const at = bytes.length - 4096 * 4
  bytes.fill(0xaa, at, at + 4096 * 2)
  fs.writeFileSync(file, bytes)
  expect(await codeOf(() => backedUp(data, { now: T0 + 1000 }))).toBe('backup.source-damaged')
  expect(listBackups(data.folder, []).length).toBe(1)
  expect(fs.readdirSync(data.folder).filter((name) => name.endsWith('.partial'))).toEqual([])
})

test('a damaged artifact does not come into a backup', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  fs.writeFileSync(join(data.directory, 'artifacts', data.artifact), 'other bytes here')
  expect(await codeOf(() => backedUp(data))).toBe('backup.source-damaged')
  expect(fs.readdirSync(join(data.folder, POOL))).toEqual([])
})

test('a cancelled backup leaves nothing, and the next one removes what a killed one left', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  const cancel = new AbortController()
  const cancelled = codeOf(() => backedUp(data, { signal: cancel.signal }))
  cancel.abort()
  expect(await cancelled).toBe('cancelled')
  expect(fs.readdirSync(data.folder).filter((name) => name !== POOL)).toEqual([])
  fs.mkdirSync(join(data.folder, '2025-12-31T03-00-00Z.partial'))
  const { name } = await backedUp(data)
  expect(fs.readdirSync(data.folder).sort()).toEqual([name, POOL])
})

test('each damage of a backup is found by name', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  const { directory, manifest } = await backedUp(data)
  const flip = (file: string): void => {
    const bytes = fs.readFileSync(file)
    bytes[100] = bytes[100]! ^ 1
    fs.writeFileSync(file, bytes)
  }
  const verify = (): unknown => verifyBackup(directory, data.folder, manifest)
  flip(join(directory, 'fleet.db'))
  expect(verify).toThrow(/fleet\.db of the backup is damaged/)
  flip(join(directory, 'fleet.db'))
  verify()
  fs.truncateSync(join(directory, 'telemetry.db'), 4096)
  expect(verify).toThrow(/telemetry\.db of the backup has 4096 bytes/)
  const manifestFile = join(directory, 'manifest.json')
  fs.writeFileSync(manifestFile, fs.readFileSync(manifestFile, 'utf8').replace(/"sig":"./, '"sig":"A'))
  expect(listBackups(data.folder, [])).toEqual([])
})

test('the signature of another console is told from ours', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  await backedUp(data)
  const others = openKeyring(join(temporaryDirectory(), 'keys')).roots().assignment
  expect(listBackups(data.folder, others)[0]!.signer.isOurs).toBe(false)
})

test('two of one second have two names, and the newest comes first', { timeout: 60_000 }, async () => {
  const data = dataDirectory()
  const names = [(await backedUp(data)).name, (await backedUp(data)).name]
  setThrough(data.directory, 200)
  names.push((await backedUp(data, { now: T0 + 86_400_000 })).name)
  expect(names).toEqual(['2026-01-01T00-00-00Z', '2026-01-01T00-00-00Z-2', '2026-01-02T00-00-00Z'])
  expect(listBackups(data.folder, []).map(({ name }) => name)).toEqual(names.reverse())
})
