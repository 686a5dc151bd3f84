import { expect, test } from 'vitest'
import { openKeeper } from '../../../../../electron/core/ingest/retention/retention.ts'
import { usualRetention } from '../../../../../shared/domain/retention.ts'
import type { ReportDocument, ReportFigure } from '../../../../../shared/domain/report/document.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

const WEEK = { from: T0, through: T0 + 7 * DAY, zone: 'UTC' }
const alert = {
  ...{ rule: 'r', ruleName: 'Offline', severity: 'critical' as const, state: 'firing' as const, group: 'g', sentence: 'It is away.' },
  ...{ evidence: {} as never, lastSeenAt: T0, clearSince: null, blindSince: null, notBefore: 0, toldAt: null, silencedUntil: null },
  ...{ occurrences: 1, holdsReleases: false, runbook: null, subjectKey: 'a', startedAt: T0 - DAY, acknowledged: null },
  subject: { device: 'cam-1', deployment: null, model: null, version: null, digest: null, feature: null },
}

async function reported(desk: ReturnType<typeof openPlayedReports>, input: Parameters<typeof desk.make>[0]) {
  const { report, sentence } = await desk.make(input)
  const { document } = JSON.parse((await desk.file(report, 'json')).toString('utf8')) as { document: ReportDocument }
  const figures = document.sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'figures' ? block.figures : [])))
  const figure = (id: string): ReportFigure => figures.find((one) => one.id === id)!
  return { report, sentence, document, figure, value: (id: string) => figure(id).value }
}

test('an alert that fired before a week and lasts through it covers the whole week', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.desk.clock.at = T0 + 30 * DAY
  desk.store.alerts.add({ ...alert, firedAt: T0 - HOUR, resolvedAt: null })
  // This one ended within the week, two days and an hour after it had fired.
  desk.store.alerts.add({ ...alert, subjectKey: 'b', firedAt: T0 - DAY, resolvedAt: T0 + DAY + HOUR, state: 'resolved' })
  // And this one was over before the week began.
  desk.store.alerts.add({ ...alert, subjectKey: 'c', firedAt: T0 - DAY, resolvedAt: T0 - HOUR, state: 'resolved' })
  const { sentence, value } = await reported(desk, { kind: 'incident', ...WEEK })
  expect([value('alerts'), value('earlier'), value('critical'), value('open')]).toEqual([0, 2, 2, 1])
  expect(value('in-alert')).toBe(7 * 24 * 3600)
  expect(value('repair')).toBe((2 * 24 + 1) * 3600)
  expect(sentence).toBe('0 alerts fired, 2 were under way when the period began and 0 models were taken back on devices.')
})

test('what was refused, and what failed and stayed, was not taken back', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.window('cam-1', T0 + HOUR, { requests: 1 })
  for (let i = 0; i < 5; i += 1) desk.event('cam-1', T0 + HOUR + i, 'model.rejected', 'error')
  desk.event('cam-1', T0 + HOUR, 'model.watch-failed', 'error')
  desk.event('cam-1', T0 + HOUR, 'model.restored', 'info')
  desk.event('cam-1', T0 + HOUR, 'model.reverted', 'error')
  desk.desk.clock.at = T0 + 10 * DAY
  const { value, sentence } = await reported(desk, { kind: 'incident', ...WEEK })
  expect([value('rollbacks'), value('refused'), value('watch-failed')]).toEqual([2, 5, 1])
  expect(sentence).toContain('2 models were taken back')
})

test('what retention took away is not known, and neither zero nor a difference', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  desk.window('cam-1', T0 + HOUR, { requests: 10 })
  desk.event('cam-1', T0 + HOUR, 'model.reverted', 'error')
  desk.event('cam-1', T0 + 50 * DAY, 'model.reverted', 'error')
  desk.desk.clock.at = T0 + 60 * DAY
  const before = await reported(desk, { kind: 'incident', ...WEEK })
  expect(before.value('rollbacks')).toBe(1)
  const keeper = openKeeper(desk.db)
  while (keeper.step({ ...usualRetention, events: 30 }, desk.desk.clock.at));
  const after = await reported(desk, { kind: 'incident', ...WEEK })
  expect(after.figure('rollbacks')).toMatchObject({ value: null, isGone: true })
  expect([after.value('errors'), after.value('alerts')]).toEqual([null, 0])
  expect(after.sentence).toBe('0 alerts fired and what devices reported is not kept any more.')
  const found = await desk.verify(before.report)
  expect(found).toMatchObject({ differing: 0, differences: [] })
  // The count, three others of events, and the rows of two tables.
  expect(found.gone).toBeGreaterThanOrEqual(4)
  // After 400 days alerts are gone too.
  desk.desk.clock.at = T0 + 500 * DAY
  expect((await reported(desk, { kind: 'incident', ...WEEK })).figure('alerts')).toMatchObject({ value: null, isGone: true })
})
