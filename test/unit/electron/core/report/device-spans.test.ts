import { expect, test } from 'vitest'
import { devicesHandlers } from '../../../../../electron/core/api/devices.ts'
import type { ReportDocument, ReportFigure } from '../../../../../shared/domain/report/document.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

const PERIOD = { from: T0, through: T0 + 4 * DAY, zone: 'UTC' }

/** Removes a device as the command does, at a time. */
function removedAt(desk: ReturnType<typeof openPlayedReports>, device: string, at: number): void {
  const parts = {
    store: desk.store,
    now: () => at,
    changed: () => undefined,
    onDevicesChanged: () => undefined,
    onCodesChanged: () => undefined,
  }
  const handlers = devicesHandlers(parts as never)
  desk.store.transact(() => handlers['devices.remove']({ device } as never, { afterCommit: () => undefined } as never))
}

function enrolledAt(desk: ReturnType<typeof openPlayedReports>, device: string, at: number): void {
  desk.store.devices.enrol({ device, secretHash: 'a'.repeat(64), labels: {}, enrolledAt: at })
}

async function reported(desk: ReturnType<typeof openPlayedReports>, input: Parameters<typeof desk.make>[0]) {
  const { report, sentence } = await desk.make(input)
  const { document } = JSON.parse((await desk.file(report, 'json')).toString('utf8')) as { document: ReportDocument }
  const blocks = document.sections.flatMap((section) => section.blocks)
  const figures = blocks.flatMap((block) => (block.kind === 'figures' ? block.figures : []))
  const rows = blocks.find((block) => block.kind === 'table' && block.id === 'devices')!
  return {
    report,
    sentence,
    document,
    figure: (id: string): ReportFigure => figures.find((one) => one.id === id)!,
    rows: (rows as { rows: unknown[][] }).rows,
  }
}

test('a device counts for the time that it belonged to the fleet, and one that came later not at all', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  enrolled(desk.store, 'cam-2')
  desk.window('cam-1', T0 + HOUR, { requests: 100 })
  for (let day = 0; day < 4; day += 1) desk.ledger('cam-1', T0 + day * DAY, T0 + (day + 1) * DAY)
  // It ran for its whole life in the fleet, which was one day.
  desk.ledger('cam-2', T0, T0 + DAY)
  removedAt(desk, 'cam-2', T0 + DAY)
  enrolledAt(desk, 'cam-9', T0 + 50 * DAY)
  desk.desk.clock.at = T0 + 60 * DAY
  const { document, figure, rows, sentence } = await reported(desk, { kind: 'fleet', ...PERIOD })
  expect(document.devices).toEqual(['cam-1', 'cam-2'])
  expect(figure('uptime')).toMatchObject({ value: 1, n: 2 })
  expect(rows.map((row) => row.slice(0, 2))).toEqual([
    ['cam-1', 1],
    ['cam-2', 1],
  ])
  expect(sentence).toMatch(/^1 of 2 devices answered 100 requests/)
})

test('a removal after the report takes nothing away from it', async () => {
  const desk = openPlayedReports()
  enrolled(desk.store, 'cam-1')
  enrolledAt(desk, 'cam-2', T0 + 2 * DAY)
  for (let day = 0; day < 4; day += 1) desk.ledger('cam-1', T0 + day * DAY, T0 + (day + 1) * DAY)
  for (let day = 2; day < 4; day += 1) desk.ledger('cam-2', T0 + day * DAY, T0 + (day + 1) * DAY)
  desk.desk.clock.at = T0 + 5 * DAY
  const { report, figure } = await reported(desk, { kind: 'fleet', ...PERIOD })
  expect(figure('uptime').value).toBe(1)
  removedAt(desk, 'cam-2', T0 + 5 * DAY)
  desk.desk.clock.at = T0 + 6 * DAY
  expect(await desk.verify(report)).toMatchObject({ isGood: true, differing: 0 })
})

test('one that went and came again counts both times', async () => {
  const desk = openPlayedReports()
  enrolledAt(desk, 'cam-1', T0)
  removedAt(desk, 'cam-1', T0 + DAY)
  enrolledAt(desk, 'cam-1', T0 + 3 * DAY)
  // Two days in the fleet, and it ran on one of them.
  desk.ledger('cam-1', T0 + 3 * DAY, T0 + 4 * DAY)
  desk.desk.clock.at = T0 + 5 * DAY
  expect((await reported(desk, { kind: 'fleet', ...PERIOD })).rows[0]!.slice(0, 2)).toEqual(['cam-1', 0.5])
})
