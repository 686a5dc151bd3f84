import { expect, test } from 'vitest'
import { checkSubject } from '../../../../../electron/core/report/check-subject.ts'
import type { ReportSubject } from '../../../../../shared/domain/report/kinds.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, openPlayedReports } from '../../../../harness/report-desk.ts'

const subject = (change: Partial<ReportSubject>): ReportSubject => ({ kind: 'fleet', query: '', model: null, rollout: null, ...change })

test.each([
  [{ kind: 'fleet', model: 'digits', rollout: 7 }, 'A fleet report cannot be about one model or rollout. It can name query.'],
  [{ kind: 'rollout', query: 'site = lyon' }, 'A rollout report cannot be about one query. It can name model and rollout.'],
  [{ kind: 'compliance', query: 'site = lyon' }, 'It is about the whole fleet.'],
  [{ kind: 'cost', model: 'digits' }, 'A cost report cannot be about one model.'],
] as [Partial<ReportSubject>, string][])('%o is refused', (change, message) => {
  expect(() => checkSubject(subject(change))).toThrow(message)
})

test.each([
  { kind: 'fleet', query: 'site = lyon' },
  { kind: 'model', query: 'site = lyon', model: 'digits' },
  { kind: 'rollout', model: 'digits', rollout: 7 },
] as Partial<ReportSubject>[])('%o is taken', (change) => {
  expect(() => checkSubject(subject(change))).not.toThrow()
})

test('no report, schedule or template takes what its kind does not read; a rollout report names no devices', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.desk.clock.at = T0 + 5 * DAY
  const wrong = { kind: 'fleet' as const, model: 'no-such-model', rollout: 77 }
  const period = { from: T0, through: T0 + DAY, zone: 'UTC' }
  await expect(desk.make({ ...wrong, ...period })).rejects.toThrow('cannot be about one model or rollout')
  const plan = { every: 'daily' as const, zone: 'UTC' }
  await expect(desk.call('reports.setSchedule', { name: 'mornings', subject: wrong, plan })).rejects.toThrow('cannot be about one model')
  await expect(desk.call('reports.setTemplate', { name: 'mine', subject: wrong, days: 1 })).rejects.toThrow('cannot be about one model')
  const { report } = await desk.make({ kind: 'rollout', ...period, formats: ['markdown'] })
  const text = (await desk.file(report, 'markdown')).toString('utf8')
  expect(text).not.toMatch(/\| (Query|Devices) \|/)
  for (const state of ['Draft', 'Awaiting approval', 'Scheduled', 'Reverting']) expect(text).toContain(`| ${state} | 0 |`)
})
