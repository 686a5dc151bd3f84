import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

type Desk = ReturnType<typeof openPlayedReports>

const subject = { kind: 'incident' as const, query: '', model: null, rollout: null }
const plan = { every: 'daily' as const, at: '06:00', zone: 'UTC' }
/** Of a day, counted from one: an hour after its report is due. */
const dueOn = (day: number): number => T0 + day * DAY + 7 * HOUR

function played(): Desk {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.desk.clock.at = T0 + 12 * HOUR
  return desk
}

const isOver = (desk: Desk): Promise<void> =>
  vi.waitFor(() => expect(desk.desk.jobs.list(10).some(({ state }) => state === 'running')).toBe(false), 15_000)

async function look(desk: Desk, at: number): Promise<void> {
  desk.desk.clock.at = at
  desk.reportClock.look()
  await isOver(desk)
}

/** The disk is full from now on. @returns the end of it */
function fillDisk(desk: Desk): () => void {
  const played = vi.spyOn(desk.store, 'transact').mockImplementation(() => {
    throw new Error('database or disk is full')
  })
  return () => played.mockRestore()
}

const folder = (desk: Desk, report: number): string => join(desk.directory, 'reports', String(report))
const shownSchedule = async (desk: Desk) => (await desk.call('reports.schedules', {})).schedules[0]!
const states = async (desk: Desk) => (await desk.call('reports.list', {})).reports.map(({ report, state }) => [report, state])

test('a disk that is full when a report ends stops its schedule no longer than it is full', async () => {
  const desk = played()
  await desk.call('reports.setSchedule', { name: 'mornings', subject, plan })
  desk.desk.clock.at = dueOn(1)
  desk.reportClock.look()
  const end = fillDisk(desk)
  await isOver(desk)
  // While nothing can be written nothing is lost but time.
  expect(() => desk.reportClock.look()).not.toThrow()
  expect(await states(desk)).toEqual([[1, 'making']])
  end()
  await look(desk, dueOn(1) + 60_000)
  expect(await states(desk)).toEqual([[1, 'failed']])
  expect(existsSync(folder(desk, 1))).toBe(false)
  expect((await shownSchedule(desk)).failure).toMatchObject({ at: dueOn(1), problem: expect.stringContaining('disk is full') })
  await look(desk, dueOn(1) + 2 * HOUR)
  await look(desk, dueOn(2))
  expect(await states(desk)).toEqual([
    [3, 'made'],
    [2, 'made'],
  ])
  expect(await shownSchedule(desk)).toMatchObject({ failure: null, reports: 2 })
})

test('an old report whose files are open is removed later, and the new one stays', async () => {
  const desk = played()
  await desk.call('reports.setSchedule', { name: 'mornings', subject, plan: { ...plan, keepCount: 1 } })
  await look(desk, dueOn(1))
  const remove = desk.reports.files.remove
  const open = vi.spyOn(desk.reports.files, 'remove').mockImplementation((report) => {
    if (report === 1) throw Object.assign(new Error('EBUSY: report.pdf is open'), { code: 'EBUSY' })
    remove(report)
  })
  await look(desk, dueOn(2))
  expect(await states(desk)).toEqual([[2, 'made']])
  expect([existsSync(folder(desk, 1)), existsSync(folder(desk, 2))]).toEqual([true, true])
  expect(await desk.verify(2)).toMatchObject({ verdict: 'good' })
  open.mockRestore()
  await look(desk, dueOn(2) + 60_000)
  expect([existsSync(folder(desk, 1)), existsSync(folder(desk, 2))]).toEqual([false, true])
})

test('a schedule that fails every hour leaves one row, and none once it succeeds', async () => {
  const desk = played()
  const model = { ...subject, kind: 'model' as const, model: 'gone' }
  await desk.call('reports.setSchedule', { name: 'models', subject: model, plan })
  for (let hour = 0; hour < 4; hour += 1) await look(desk, dueOn(1) + hour * HOUR)
  expect(await states(desk)).toEqual([[4, 'failed']])
  await desk.call('reports.setSchedule', { name: 'models', subject, plan })
  await look(desk, dueOn(1) + 5 * HOUR)
  expect(await states(desk)).toEqual([[5, 'made']])
})

test('reports of a schedule that has ended belong to no other one of its name, and are kept as those of people', async () => {
  const desk = played()
  await desk.call('reports.setSchedule', { name: 'x', subject, plan })
  for (const day of [1, 2]) await look(desk, dueOn(day))
  await desk.call('reports.removeSchedule', { name: 'x' })
  await desk.call('reports.setSchedule', { name: 'x', subject, plan: { ...plan, keepCount: 1 } })
  await look(desk, dueOn(3))
  expect((await desk.call('reports.list', {})).reports.map(({ report, schedule, askedBy }) => [report, schedule, askedBy])).toEqual([
    [3, 'x', 'muster'],
    [2, null, 'schedule:x'],
    [1, null, 'schedule:x'],
  ])
  await desk.call('reports.setKeeping', { keepDays: 1 })
  await look(desk, dueOn(3) + 3 * HOUR)
  expect(await states(desk)).toEqual([[3, 'made']])
  expect([1, 2, 3].map((report) => existsSync(folder(desk, report)))).toEqual([false, false, true])
})

test('days that reports of a schedule are kept count also while it makes nothing', async () => {
  const desk = played()
  await desk.call('reports.setSchedule', { name: 'x', subject, plan: { ...plan, keepDays: 3 } })
  for (const day of [1, 2]) await look(desk, dueOn(day))
  await desk.call('reports.setSchedule', { name: 'x', subject, plan: { ...plan, keepDays: 3 }, isOn: false })
  await look(desk, dueOn(9))
  // The newest stays.
  expect(await states(desk)).toEqual([[2, 'made']])
})

test('what the console makes and removes by itself stands in the audit log', async () => {
  const desk = played()
  await desk.call('reports.setSchedule', { name: 'x', subject, plan: { ...plan, keepCount: 1 } })
  for (const day of [1, 2]) await look(desk, dueOn(day))
  const own = desk.store.audit
    .after(0, 100)
    .flatMap(({ actor, action, detail }) => (actor === 'muster' ? [[action, JSON.parse(detail)]] : []))
  const { dataHash } = await desk.call('reports.show', { report: 2 })
  expect(own).toEqual([
    ['reports.made', expect.objectContaining({ report: 1, schedule: 'x' })],
    ['reports.made', { report: 2, schedule: 'x', dataHash }],
    ['reports.removed', { reports: [1] }],
  ])
})

test('files of a report that a kill has cut off go at the first look; a folder of no row is left alone', async () => {
  const desk = played()
  const { report } = await desk.make({ ...subject, from: T0, through: T0 + HOUR, zone: 'UTC' })
  // As the start of the store leaves it behind.
  desk.store.db.prepare(`UPDATE report SET state = 'failed', problem = 'The console ended before it was made.' WHERE id = ?`).run(report)
  mkdirSync(folder(desk, 77))
  writeFileSync(join(folder(desk, 77), 'report.json'), '{}')
  desk.reportClock.look()
  expect([existsSync(folder(desk, report)), existsSync(folder(desk, 77))]).toEqual([false, true])
})

test('one that is cancelled in the middle leaves nothing, and the schedule beside it goes on', async () => {
  const desk = played()
  await desk.call('reports.setSchedule', { name: 'one', subject, plan: { ...plan, formats: ['html', 'markdown'] } })
  await desk.call('reports.setSchedule', { name: 'two', subject: { ...subject, kind: 'fleet' }, plan })
  desk.desk.clock.at = dueOn(1)
  desk.reportClock.look()
  const { reports } = await desk.call('reports.list', {})
  const { job } = reports.find(({ schedule }) => schedule === 'one')!
  const { fleetName } = desk.reportParts
  // Asked for once its values are read, before it is written.
  desk.reportParts.fleetName = () => {
    desk.desk.jobs.cancel(job!)
    desk.reportParts.fleetName = fleetName
    return 'Plant'
  }
  await isOver(desk)
  expect(desk.desk.jobs.show(job!).state).toBe('cancelled')
  expect(await states(desk)).toEqual([
    [2, 'made'],
    [1, 'failed'],
  ])
  expect([existsSync(folder(desk, 1)), existsSync(folder(desk, 2))]).toEqual([false, true])
  expect((await shownSchedule(desk)).failure).toMatchObject({ problem: 'It was cancelled.' })
})

test('where a format cannot be written the one before is still handed out, with its own hash', async () => {
  const desk = played()
  const { report } = await desk.make({ ...subject, from: T0, through: T0 + HOUR, zone: 'UTC' })
  const write = async (): Promise<unknown> => desk.ended((await desk.call('reports.write', { report, format: 'xlsx' })).job)
  await write()
  const before = await desk.file(report, 'xlsx')
  const end = vi.spyOn(desk.reports.files, 'write').mockImplementation(() => {
    throw new Error('no space left on device')
  })
  await expect(write()).rejects.toThrow('no space left')
  end.mockRestore()
  expect(await desk.file(report, 'xlsx')).toEqual(before)
  expect(await desk.verify(before)).toMatchObject({ verdict: 'good', format: 'xlsx' })
  // Somebody changed it on the disk: it is not handed out.
  writeFileSync(join(folder(desk, report), 'report.xlsx'), 'other')
  await expect(desk.file(report, 'xlsx')).rejects.toThrow('is not the one that was written')
  await write()
  expect(await desk.verify(await desk.file(report, 'xlsx'))).toMatchObject({ verdict: 'good' })
})
