import { createHash, randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openBackupKeeper, type BackupKeeper } from '../../../../../electron/core/backup/keeper.ts'
import { listBackups, readBackup, type FoundBackup } from '../../../../../electron/core/backup/places.ts'
import { planRestore, readPlan } from '../../../../../electron/core/backup/restore/planned.ts'
import { verifyBackup } from '../../../../../electron/core/backup/verify.ts'
import { startJobs, type Jobs } from '../../../../../electron/core/jobs/jobs.ts'
import { openFleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../../../../electron/core/store/fleet/open.ts'
import { openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { backedUp, dataDirectory, type DataDirectory } from '../../../../harness/backed-up.ts'
import { T0, temporaryDirectory } from '../../../../harness/fleet.ts'

const SUBJECT = 'c'.repeat(32)
const erased = { subjects: [SUBJECT], predictions: [] }

interface Desk {
  data: DataDirectory
  keeper: BackupKeeper
  jobs: Jobs
  choose(folder: string | null): void
  erase(): ReturnType<BackupKeeper['erase']>
  done(): Promise<void>
}

function desk(data: DataDirectory = dataDirectory()): Desk {
  const db = openFleet(join(data.directory, 'fleet.db'))
  onTestFinished(() => void db.close())
  const store = openFleetStore(db)
  const jobs = startJobs({ onChange: () => undefined })
  onTestFinished(() => jobs.stop())
  const keeper = openBackupKeeper({
    ...{ store, jobs, now: () => Date.now(), keyring: data.keyring, dataDirectory: data.directory, version: '0.0.0' },
    ...{ fleet: () => 'plant', log: () => undefined, changed: () => undefined },
  })
  return {
    ...{ data, keeper, jobs },
    choose(folder) {
      store.settings.set('backupSchedule', { ...keeper.schedule, folder })
      keeper.noteFolder()
    },
    erase: () => keeper.erase(erased, new AbortController().signal),
    done: () => vi.waitFor(() => expect(keeper.running).toBeNull(), { timeout: 170_000, interval: 20 }),
  }
}

/** Samples, one of them about the person. */
function addSamples({ directory }: DataDirectory, count: number): void {
  const db = openTelemetryWriter(join(directory, 'telemetry.db'))
  const add = db.prepare(`INSERT INTO sample (spool, seq, device, deployment, digest, prediction, predicted_at, body, received_at)
    VALUES ((SELECT min(id) FROM spool), ?, 'cam-1', 'd', 'x', ?, ${T0}, ?, ${T0})`)
  db.transaction(() => {
    for (let n = 0; n < count; n += 1)
      add.run(n + 1, `p${n}`, JSON.stringify({ text: 'y'.repeat(200), n, ...(n === 5 ? { subjects: [SUBJECT] } : {}) }))
  })()
  db.close()
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'done'
  } catch (error) {
    return error instanceof Problem ? error.code : String(error)
  }
}
const isWhole = (data: DataDirectory, { directory, manifest }: FoundBackup): boolean =>
  codeOf(() => verifyBackup(directory, data.folder, manifest)) === 'done'

test(
  'case 55: backups that cannot be looked through are named, wherever they lie, until somebody brings or gives them up',
  { timeout: 180_000 },
  async () => {
    const { data, keeper, choose, erase } = desk()
    expect(await erase()).toEqual({ count: 0, left: null })
    addSamples(data, 10)
    await backedUp(data)
    keeper.noteFolder()
    const outside = join(temporaryDirectory(), 'outside')
    choose(outside)
    // The disk of the folder is not plugged in.
    expect((await erase()).left).toMatchObject({ code: 'backup.folder', message: expect.stringContaining(outside) })
    fs.mkdirSync(outside)
    // And the former folder was done all the same.
    expect(await erase()).toEqual({ count: 0, left: null })
    expect(
      fs
        .readFileSync(
          join(
            keeper.find(
              join(
                data.folder,
                fs.readdirSync(data.folder).find((name) => name.startsWith('2026'))!,
              ),
            ).directory,
            'telemetry.db',
          ),
        )
        .includes(SUBJECT),
    ).toBe(false)
    // Another one goes away.
    fs.renameSync(data.folder, `${data.folder}-away`)
    expect((await erase()).left).toMatchObject({
      code: 'backup.folder',
      message: expect.stringContaining('muster backup schedule --forget'),
    })
    // An empty place where it is mounted is not it, either.
    fs.mkdirSync(data.folder)
    expect((await erase()).left?.code).toBe('backup.folder')
    expect([keeper.knows(data.folder), keeper.knows('/nowhere')]).toEqual([true, false])
    keeper.forget(data.folder)
    expect(await erase()).toEqual({ count: 0, left: null })
  },
)

test(
  'case 55: a backup of the fleet that another key signed, or whose manifest is damaged, is named and not passed over',
  { timeout: 180_000 },
  async () => {
    const data = dataDirectory()
    addSamples(data, 10)
    const backup = await backedUp(data)
    const stranger = dataDirectory()
    const { keeper, erase } = desk({ ...data, keyring: stranger.keyring })
    expect((await erase()).left).toMatchObject({
      code: 'backup.damaged',
      message: expect.stringContaining(`${backup.directory}: it was signed by`),
    })
    const elsewhere = join(temporaryDirectory(), backup.name)
    fs.cpSync(backup.directory, elsewhere, { recursive: true })
    expect(codeOf(() => keeper.remove(elsewhere))).toBe('backup.not-found')
    keeper.remove(backup.directory)
    expect((await erase()).left).toBeNull()
    const second = await backedUp(data)
    fs.writeFileSync(join(second.directory, 'manifest.json'), '{}')
    expect((await erase()).left?.message).toContain('its manifest cannot be read')
  },
)

test(
  'case 55: a damaged backup stays damaged: it is not signed anew, and the erasure is not called done',
  { timeout: 180_000 },
  async () => {
    const { data, erase, keeper } = desk()
    addSamples(data, 3000)
    const backup = await backedUp(data)
    const file = join(backup.directory, 'telemetry.db')
    const bytes = fs.readFileSync(file)
    const at = bytes.indexOf('"n":2500')
    // Within a value: SQLite finds the file sound.
    bytes.fill(0x7a, at - 60, at - 10)
    fs.writeFileSync(file, bytes)
    const { count, left } = await erase()
    expect([count, left?.code, left?.message]).toEqual([0, 'backup.damaged', expect.stringContaining(backup.directory)])
    const [only, ...more] = listBackups(data.folder, data.keyring.roots().assignment)
    expect([only!.name, more, only!.fault]).toEqual([backup.name, [], expect.stringContaining('is damaged')])
    expect(codeOf(() => keeper.find('latest'))).toBe('backup.not-found')
  },
)

test(
  'a sound backup is written anew and stays sound; a restore that is planned is made of what it is now',
  { timeout: 180_000 },
  async () => {
    const { data, erase } = desk()
    addSamples(data, 50)
    const backup = await backedUp(data)
    planRestore(data.directory, {
      directory: backup.directory,
      backup: backup.name,
      scope: 'everything',
      at: T0,
      actor: 'a',
      problem: null,
    })
    expect(await erase()).toEqual({ count: 1, left: null })
    const [next] = listBackups(data.folder, data.keyring.roots().assignment)
    expect([next!.name === backup.name, isWhole(data, next!)]).toEqual([false, true])
    expect(readPlan(data.directory)).toMatchObject({ backup: next!.name, directory: next!.directory })
  },
)

test('a planned backup is not cleared away at night', { timeout: 180_000 }, async () => {
  const { data, keeper, done } = desk()
  const names: string[] = []
  for (let n = 0; n < 3; n += 1) names.push((await backedUp(data, { now: T0 + n * 86_400_000, reason: 'schedule' })).name)
  const directory = join(data.folder, names[0]!)
  planRestore(data.directory, { directory, backup: names[0]!, scope: 'everything', at: T0, actor: 'a', problem: null })
  const before = keeper.schedule
  Object.defineProperty(keeper, 'schedule', { get: () => ({ ...before, keep: { daily: 1, weekly: 0, monthly: 0 } }) })
  keeper.make('job', 'schedule')
  await done()
  const left = listBackups(data.folder, []).map(({ name }) => name)
  expect([left.includes(names[0]!), left.includes(names[1]!)]).toEqual([true, false])
})

test('while a backup is made none is removed or rewritten, and what it brought into the pool stays', { timeout: 180_000 }, async () => {
  const { data, keeper, jobs, erase, done } = desk()
  const old = await backedUp(data)
  for (let n = 0; n < 20; n += 1) {
    const bytes = randomBytes(100_000)
    fs.writeFileSync(join(data.directory, 'artifacts', createHash('sha256').update(bytes).digest('hex')), bytes)
  }
  keeper.make('job', 'person')
  expect(codeOf(() => keeper.remove(old.name))).toBe('backup.busy')
  await expect(erase()).rejects.toMatchObject({ code: 'backup.busy' })
  await done()
  await vi.waitFor(() => expect(jobs.show('job').state).toBe('done'))
  const made = keeper.list().find(({ name }) => name !== old.name)!
  expect([isWhole(data, made), made.manifest.artifacts.length]).toEqual([true, 21])
  // And the other way round: a backup waits until people are taken out, and clears nothing away meanwhile.
  addSamples(data, 50)
  const person = await backedUp(data)
  const erasing = erase()
  expect(codeOf(() => keeper.remove(old.name))).toBe('backup.busy')
  keeper.make('next', 'person')
  expect(await erasing).toEqual({ count: 1, left: null })
  await done()
  expect(jobs.show('next').state).toBe('done')
  expect(codeOf(() => readBackup(person.directory, []))).toBe('backup.not-found')
  expect(keeper.list().every((one) => isWhole(data, one))).toBe(true)
  expect(fs.readdirSync(data.folder).filter((name) => name.endsWith('.partial'))).toEqual([])
})
