import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

type Desk = ReturnType<typeof openPlayedReports>

function played(): Desk {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1', { line: 'north' })
  desk.desk.clock.at = T0 + 12 * HOUR
  return desk
}

const subject = { kind: 'fleet' as const, query: '', model: null, rollout: null }

const settled = (desk: Desk): Promise<void> =>
  vi.waitFor(
    () => expect(desk.store.reports.page(Number.MAX_SAFE_INTEGER, 100).some(({ state }) => state === 'making')).toBe(false),
    15_000,
  )

async function look(desk: Desk, at: number): Promise<void> {
  desk.desk.clock.at = at
  desk.reportClock.look()
  // Looking twice begins nothing twice.
  desk.reportClock.look()
  await settled(desk)
}

test('a schedule makes the report of each whole day once its hour has come, and keeps so many', async () => {
  const desk = played()
  const plan = { every: 'daily' as const, at: '06:00', zone: 'UTC', keepCount: 2 }
  const kept = await desk.call('reports.setSchedule', { name: 'mornings', subject, plan })
  expect(kept).toMatchObject({ nextAt: T0 + DAY + 6 * HOUR, reports: 0 })
  await look(desk, T0 + DAY + 5 * HOUR)
  expect(desk.store.reports.total()).toBe(0)
  for (let day = 1; day <= 4; day += 1) await look(desk, T0 + day * DAY + 7 * HOUR)
  const { reports } = await desk.call('reports.list', {})
  expect(reports.map(({ report, question, schedule, askedBy }) => [report, question.from, question.through, schedule, askedBy])).toEqual([
    [4, T0 + 3 * DAY, T0 + 4 * DAY, 'mornings', 'muster'],
    [3, T0 + 2 * DAY, T0 + 3 * DAY, 'mornings', 'muster'],
  ])
  expect([2, 3].map((id) => existsSync(join(desk.directory, 'reports', String(id))))).toEqual([false, true])
  expect((await desk.call('reports.schedules', {})).schedules[0]).toMatchObject({
    reports: 2,
    nextAt: T0 + 5 * DAY + 6 * HOUR,
    failure: null,
  })
})

test('one that is off makes nothing; one whose query has gone says so, tries again an hour later, and recovers', async () => {
  const desk = played()
  const plan = { every: 'daily' as const, zone: 'UTC' }
  await desk.call('reports.setSchedule', { name: 'off', subject, plan, isOn: false })
  await desk.call('reports.setSchedule', { name: 'lyon', subject: { ...subject, query: 'line = "north"' }, plan })
  desk.store.devices.remove('cam-1')
  await look(desk, T0 + DAY + 7 * HOUR)
  const shown = async () => (await desk.call('reports.schedules', {})).schedules.find(({ name }) => name === 'lyon')!
  expect((await shown()).failure).toMatchObject({ at: T0 + DAY + 7 * HOUR, problem: expect.stringContaining('line') })
  enrolled(desk.store, 'cam-2', { line: 'north' })
  await look(desk, T0 + DAY + 7 * HOUR + 60_000)
  expect(desk.store.reports.total()).toBe(0)
  await look(desk, T0 + DAY + 8 * HOUR)
  expect(await shown()).toMatchObject({ failure: null, reports: 1 })
})

test('a report that is cancelled leaves no file, and says so', async () => {
  const desk = played()
  const { report, job } = await desk.call('reports.create', { kind: 'fleet', from: T0, through: T0 + HOUR, zone: 'UTC' })
  desk.desk.jobs.cancel(job)
  await settled(desk)
  expect(await desk.call('reports.show', { report })).toMatchObject({ state: 'failed', problem: 'It was cancelled.', files: [] })
  expect(existsSync(join(desk.directory, 'reports', String(report)))).toBe(false)
  await expect(desk.call('reports.write', { report, format: 'html' })).rejects.toThrow(`Report ${report} was not made: It was cancelled.`)
})

test('removing takes the files along; a file that is gone is said, and nothing else breaks', async () => {
  const desk = played()
  const { report } = await desk.make({ kind: 'fleet', from: T0, through: T0 + HOUR, zone: 'UTC' })
  desk.reports.files.remove(report)
  await expect(desk.verify(report)).rejects.toThrow('report.not-found')
  const second = await desk.make({ kind: 'fleet', from: T0, through: T0 + HOUR, zone: 'UTC' })
  await desk.call('reports.remove', { report: second.report })
  expect(existsSync(join(desk.directory, 'reports', String(second.report)))).toBe(false)
  await expect(desk.call('reports.remove', { report: second.report })).rejects.toThrow('There is no report')
})

test('a period is taken back to five minutes and to now; one that has not begun is refused', async () => {
  const desk = played()
  const { question } = await desk.make({ kind: 'fleet', from: T0 + 123, through: T0 + 99 * DAY, zone: 'UTC' })
  expect(question).toMatchObject({ from: T0, through: T0 + 12 * HOUR })
  await expect(desk.call('reports.create', { kind: 'fleet', from: T0 + 2 * DAY, through: T0 + 3 * DAY })).rejects.toThrow(
    'has not begun yet',
  )
})
