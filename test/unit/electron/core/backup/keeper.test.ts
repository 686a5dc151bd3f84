import * as fs from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openBackupKeeper, checkFolder } from '../../../../../electron/core/backup/keeper.ts'
import { POOL } from '../../../../../electron/core/backup/places.ts'
import { folderOf } from '../../../../../electron/core/backup/pointer.ts'
import { backupHealth, backupTrouble } from '../../../../../electron/core/backup/sentence.ts'
import { startJobs } from '../../../../../electron/core/jobs/jobs.ts'
import { openFleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { dataDirectory } from '../../../../harness/backed-up.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Noon, at the place of the test. */
const NOON = new Date(2026, 0, 5, 12).getTime()

/** A keeper on a real data directory, with a clock of its own. */
function desk() {
  const data = dataDirectory()
  const db = openFleet(join(data.directory, 'fleet.db'))
  onTestFinished(() => void db.close())
  const store = openFleetStore(db)
  let at = NOON
  const now = (): number => at
  const jobs = startJobs({ onChange: () => undefined, now })
  onTestFinished(() => jobs.stop())
  const keeper = openBackupKeeper({
    ...{ store, jobs, now, keyring: data.keyring, dataDirectory: data.directory, version: '0.0.0' },
    fleet: () => 'plant',
    log: () => undefined,
    changed: () => undefined,
  })
  const done = async (): Promise<void> => {
    await vi.waitFor(() => expect(keeper.running).toBeNull(), { timeout: 15_000, interval: 20 })
  }
  const trouble = () => backupTrouble(keeper, { dataDirectory: data.directory, now: now(), devices: 2 })
  return { data, store, jobs, keeper, done, trouble, pass: (ms: number) => void (at += ms), now }
}

test(
  'the first night makes the first backup, each night one more, and older ones go as the schedule says',
  { timeout: 60_000 },
  async () => {
    const { store, keeper, done, pass, data, trouble } = desk()
    store.settings.set('backupSchedule', { ...keeper.schedule, keep: { daily: 2, weekly: 1, monthly: 1 } })
    keeper.look()
    expect([keeper.running, keeper.list().length, trouble()]).toEqual([null, 0, null])
    const counts: number[] = []
    for (let night = 0; night < 4; night += 1) {
      pass(DAY)
      keeper.look()
      expect(keeper.running).not.toBeNull()
      // Asked again meanwhile, it makes no second one.
      const { running } = keeper
      keeper.look()
      expect(keeper.running).toBe(running)
      await done()
      counts.push(keeper.list().length)
    }
    expect(counts).toEqual([1, 2, 2, 2])
    expect(keeper.list().every(({ manifest, signer }) => manifest.reason === 'schedule' && signer.isOurs)).toBe(true)
    expect(fs.readdirSync(join(data.folder, POOL))).toEqual([data.artifact])
  },
)

test('what a person made stays; a version that is in no backup any more leaves the folder', { timeout: 60_000 }, async () => {
  const { store, keeper, done, pass, data } = desk()
  store.settings.set('backupSchedule', { ...keeper.schedule, keep: { daily: 1, weekly: 0, monthly: 0 } })
  keeper.make('job-1', 'person')
  await done()
  const { name } = keeper.list()[0]!
  fs.rmSync(join(data.directory, 'artifacts', data.artifact))
  for (let night = 0; night < 2; night += 1) {
    pass(DAY)
    keeper.look()
    await done()
  }
  expect(keeper.list().map(({ manifest }) => manifest.reason)).toEqual(['schedule', 'person'])
  expect(fs.readdirSync(join(data.folder, POOL))).toEqual([data.artifact])
  keeper.remove(name)
  expect([keeper.list().length, fs.readdirSync(join(data.folder, POOL))]).toEqual([1, []])
})

test(
  'a backup that fails is told at once, tried again after an hour, and forgotten with the next good one',
  { timeout: 60_000 },
  async () => {
    const { store, keeper, done, pass, data, trouble, jobs } = desk()
    const blocked = join(data.directory, 'blocked')
    fs.writeFileSync(blocked, 'a file, no folder')
    store.settings.set('backupSchedule', { ...keeper.schedule, folder: blocked })
    pass(DAY)
    keeper.look()
    const job = keeper.running!
    await done()
    expect(jobs.show(job).problem?.code).toBe('backup.folder')
    expect(keeper.failure?.problem.code).toBe('backup.folder')
    expect(trouble()).toMatchObject({ state: 'bad', sentence: expect.stringContaining('The last backup failed') })
    keeper.look()
    expect(keeper.running).toBeNull()
    pass(HOUR + 1)
    fs.rmSync(blocked)
    keeper.look()
    await done()
    expect([keeper.failure, keeper.list().length, trouble()]).toEqual([null, 1, null])
  },
)

test(
  'the overview is quiet on the first days and while all is well, and speaks when backups are late, damaged, or on one disk only',
  { timeout: 60_000 },
  async () => {
    const { keeper, done, pass, data, trouble, store, now } = desk()
    expect(trouble()).toBeNull()
    pass(DAY)
    keeper.look()
    await done()
    expect(trouble()).toBeNull()
    pass(DAY)
    keeper.look()
    await done()
    pass(HOUR)
    expect(trouble()).toMatchObject({ state: 'attention', sentence: expect.stringContaining('on the disk of the data') })
    store.settings.set('backupSchedule', { ...keeper.schedule, isSameDiskFine: true })
    expect(trouble()).toBeNull()
    expect(backupHealth(keeper, { dataDirectory: data.directory, now: now() })).toMatchObject({ state: 'good' })
    pass(3 * DAY)
    expect(trouble()).toMatchObject({ state: 'bad', sentence: expect.stringContaining('should have been made anew') })
    const newest = keeper.list()[0]!
    fs.writeFileSync(join(newest.directory, 'fleet.db'), 'other bytes')
    keeper.verify('job-v', newest.name)
    await vi.waitFor(() => expect(trouble()?.sentence).toContain('The newest backup is damaged'), { timeout: 15_000 })
    // A damaged one is no backup: what is due counts from the one before.
    expect(keeper.since).toBe(keeper.list()[1]!.manifest.madeAt)
  },
)

test('a folder is noted beside the stores, and one of another fleet is refused', () => {
  const { keeper, data, store } = desk()
  keeper.noteFolder()
  expect(folderOf(data.directory)).toBe(data.folder)
  const outside = join(data.directory, 'outside')
  store.settings.set('backupSchedule', { ...keeper.schedule, folder: outside })
  keeper.noteFolder()
  expect(folderOf(data.directory)).toBe(outside)
  const codeOf = (folder: string): unknown => {
    try {
      checkFolder(folder, { fleet: 'plant', trusted: [] })
      return 'taken'
    } catch (error) {
      return error instanceof Problem ? error.code : error
    }
  }
  // One level is made, not a tree: that is how a slip looks.
  expect([codeOf(outside), codeOf(join(data.directory, 'a', 'b')), codeOf('/proc/nowhere')]).toEqual([
    'taken',
    'backup.folder',
    'backup.folder',
  ])
})
