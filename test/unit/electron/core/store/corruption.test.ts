import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { damagedStores, faultOf } from '../../../../../electron/core/backup/restore/damage.ts'
import { checkStillThere, networkDisk } from '../../../../../electron/core/store/check-place.ts'
import { openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'

const PAGE = 4096

function codeOf(work: () => unknown): string {
  try {
    work()
    return 'opened'
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}

/** A fleet.db of many pages, closed; with `open` also what a killed process leaves beside it. */
function store({ isKilled = false } = {}): string {
  const directory = temporaryDirectory()
  const work = join(directory, isKilled ? 'living' : '')
  fs.mkdirSync(work, { recursive: true })
  const db = openFleet(join(work, 'fleet.db'))
  db.exec('CREATE TABLE filler (x TEXT)')
  const insert = db.prepare('INSERT INTO filler VALUES (?)')
  for (let n = 0; n < 300; n += 1) insert.run('x'.repeat(1000))
  if (isKilled) {
    for (const suffix of ['', '-wal', '-shm']) fs.copyFileSync(join(work, `fleet.db${suffix}`), join(directory, `fleet.db${suffix}`))
  }
  db.close()
  return join(directory, 'fleet.db')
}

function change(file: string, at: number, bytes: number): void {
  const content = fs.readFileSync(file)
  for (let n = at; n < at + bytes; n += 1) content[n] = content[n]! ^ 0xff
  fs.writeFileSync(file, content)
}

describe('case 36: damage has a name, and the file stays as it is', () => {
  test.each([
    { name: 'header flipped', damage: (file: string) => change(file, 0, 16) },
    { name: 'page size in the header flipped', damage: (file: string) => change(file, 16, 2) },
    { name: 'a page of the schema flipped', damage: (file: string) => change(file, 100, 400) },
    { name: 'a page in the middle flipped', damage: (file: string) => change(file, PAGE * 40, PAGE) },
    { name: 'not a database', damage: (file: string) => fs.writeFileSync(file, 'PK\u0003\u0004 not a database '.repeat(500)) },
    { name: 'cut off in the middle', damage: (file: string) => fs.truncateSync(file, PAGE * 20) },
  ])('$name', ({ damage }) => {
    const file = store()
    damage(file)
    const before = fs.readFileSync(file)
    expect(codeOf(() => openFleet(file))).toBe('store.corrupt')
    expect(fs.readFileSync(file).equals(before)).toBe(true)
    expect(damagedStores(join(file, '..'))).toEqual(['fleet.db', 'telemetry.db'])
  })

  test('0 bytes, or gone, where there was a fleet: never an empty fleet in its place', () => {
    const file = store()
    checkStillThere(file, { hasBegun: true })
    fs.truncateSync(file, 0)
    expect(codeOf(() => checkStillThere(file, { hasBegun: true }))).toBe('store.corrupt')
    fs.rmSync(file)
    expect(codeOf(() => checkStillThere(file, { hasBegun: true }))).toBe('store.missing')
    expect(codeOf(() => checkStillThere(file, { hasBegun: false }))).toBe('opened')
    expect(fs.existsSync(file)).toBe(false)
  })
})

describe('case 36: what is no damage is repaired by itself, or waits', () => {
  test('-shm deleted: everything committed is there', () => {
    const file = store({ isKilled: true })
    fs.rmSync(`${file}-shm`)
    const db = openFleet(file)
    expect(db.prepare('SELECT count(*) FROM filler').pluck().get()).toBe(300)
    db.close()
  })

  test('WAL truncated: a sound store as of the last whole transaction', () => {
    const file = store({ isKilled: true })
    const { size } = fs.statSync(`${file}-wal`)
    fs.rmSync(`${file}-shm`)
    fs.truncateSync(`${file}-wal`, Math.floor(size / 2) + 100)
    const db = openFleet(file)
    const left = Number(db.prepare('SELECT count(*) FROM filler').pluck().get())
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(300)
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    db.close()
  })

  test('held by another process', { timeout: 30_000 }, async () => {
    const file = store()
    const holder = fork(join(import.meta.dirname, '../../../../harness/lock-holder.ts'), [file], { execArgv: [] })
    onTestFinished(() => void holder.kill('SIGKILL'))
    await once(holder, 'message')
    expect(codeOf(() => openFleet(file))).toBe('store.locked')
    // It is no damage: nothing of it is put aside or replaced.
    expect(faultOf(join(file, '..'), 'fleet.db')?.code).toBe('store.locked')
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    expect(codeOf(() => openFleet(file).close())).toBe('opened')
  })

  test('on a read-only disk', (context) => {
    const file = store()
    const directory = join(file, '..')
    const bind = spawnSync('mount', ['--bind', directory, directory]).status === 0
    if (!bind) context.skip('mounting is not allowed here')
    onTestFinished(() => void spawnSync('umount', ['-l', directory]))
    spawnSync('mount', ['-o', 'remount,ro,bind', directory])
    expect(codeOf(() => openFleet(file))).toBe('data-directory.read-only')
  })

  test('file systems of other machines are known by their type, as signed and as unsigned number', () => {
    expect([0x6969, 0xff534d42, 0xff534d42 | 0, 0xfe534d42, 0xef53, 0x01021994].map(networkDisk)).toEqual([
      'NFS',
      'CIFS',
      'CIFS',
      'SMB',
      null,
      null,
    ])
  })
})

test('a database of one store is not taken for sound because SQLite opens it: faultOf reads it all', () => {
  const file = store()
  expect(faultOf(join(file, '..'), 'fleet.db')).toBeNull()
  const db = new Database(file)
  const root = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'filler'").pluck().get())
  db.close()
  change(file, (root - 1) * PAGE, 8)
  expect(faultOf(join(file, '..'), 'fleet.db')?.code).toBe('store.corrupt')
})
