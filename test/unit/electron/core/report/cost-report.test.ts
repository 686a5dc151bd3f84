import { expect, test } from 'vitest'
import type { ReportDocument } from '../../../../../shared/domain/report/document.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

async function inferencesOf(desk: ReturnType<typeof openPlayedReports>, input: { from: number; through: number; zone: string }) {
  const { report } = await desk.make({ kind: 'cost', ...input, formats: ['markdown'] })
  const { document } = JSON.parse((await desk.file(report, 'json')).toString('utf8')) as { document: ReportDocument }
  const [summary] = document.sections
  const figures = summary!.blocks.flatMap((block) => (block.kind === 'figures' ? block.figures : []))
  const value = (id: string): unknown => figures.find((one) => one.id === id)!.value
  return { document, inferences: value('inferences'), days: value('days'), text: (await desk.file(report, 'markdown')).toString('utf8') }
}

test('a day of any zone costs one day, its header says which, and the next day begins where it ends', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  // A thousand inferences an hour, for five days.
  for (let hour = 0; hour < 24 * 5; hour += 1)
    desk.ledger('cam-1', T0 + hour * HOUR, T0 + (hour + 1) * HOUR - 1000, { inferences: 1000, cpuSeconds: 3600 })
  desk.desk.clock.at = T0 + 6 * DAY
  const first = await inferencesOf(desk, { from: T0 + DAY - HOUR, through: T0 + 2 * DAY - HOUR, zone: 'Europe/Paris' })
  const second = await inferencesOf(desk, { from: T0 + 2 * DAY - HOUR, through: T0 + 3 * DAY - HOUR, zone: 'Europe/Paris' })
  expect([first.inferences, first.days, second.inferences, second.days]).toEqual([24_000, 1, 24_000, 1])
  expect(first.document.question).toMatchObject({ from: T0 + DAY, through: T0 + 2 * DAY })
  expect(second.document.question.from).toBe(first.document.question.through)
  expect(first.text).toContain('Asked for was 2026-01-02 00:00 to 2026-01-03 00:00 (Europe/Paris).')
  expect(first.text).toContain('2026-01-02 01:00 to 2026-01-03 01:00 (Europe/Paris)')
})

test('all cuts of a period are read at once, and each adds up to the same', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1', { site: 'lyon' })
  enrolled(desk.store, 'cam-2')
  for (const device of ['cam-1', 'cam-2'])
    for (let day = 0; day < 3; day += 1) desk.ledger(device, T0 + day * DAY, T0 + day * DAY + HOUR, { inferences: 10 })
  desk.desk.clock.at = T0 + 6 * DAY
  const { document } = await inferencesOf(desk, { from: T0, through: T0 + 3 * DAY, zone: 'UTC' })
  for (const cut of ['cause', 'link', 'site', 'device', 'rollout', 'day']) {
    const block = document.sections.find(({ id }) => id === cut)!.blocks.find((one) => one.kind === 'table')!
    const rows = (block as { rows: unknown[][] }).rows
    expect([cut, rows.reduce((sum, row) => sum + Number(row.at(-1)), 0)]).toEqual([cut, 60])
  }
})
