import { expect, test } from 'vitest'
import { moneyOnItsWay } from '../../../../../electron/core/costs/on-its-way.ts'
import { monthOf } from '../../../../../electron/core/costs/month-spend.ts'
import type { RolloutDevice } from '../../../../../electron/core/rollout/rollout-run.ts'
import { openCostDesk } from '../../../../harness/cost-desk.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const SHEET = { links: [{ name: 'cellular', pricePerGigabyte: 10 }], defaultLink: 'cellular', monthlyBudget: 2 }
const GB = 1_000_000_000

test('the budget of the month is spent when the ledgers say so, and frees with the next month', async () => {
  const { call, costs, desk, used } = openCostDesk()
  await call('costs.setSheet', SHEET)
  desk.clock.at = T0 + 10 * DAY
  used('cam-1', T0 - HOUR, { bytesIn: { model: 5 * GB } })
  expect([costs.isMonthSpent(desk.clock.at), costs.month(desk.clock.at).spent]).toEqual([false, 0])
  // From here on only what arrives is read.
  used('cam-1', T0 + HOUR, { bytesIn: { model: 0.15 * GB }, bytesOut: { telemetry: 0.04 * GB } })
  desk.clock.at += 5000
  expect([costs.isMonthSpent(desk.clock.at), costs.month(desk.clock.at).spent]).toEqual([false, 1.9])
  used('cam-2', T0 + 9 * DAY, { bytesIn: { model: 0.01 * GB } })
  desk.clock.at += 5000
  expect(costs.month(desk.clock.at)).toEqual({ monthly: 2, spent: 2, onItsWay: 0, isSpent: true, freesAt: Date.UTC(2026, 1, 1) })
  expect(costs.isMonthSpent(Date.UTC(2026, 1, 1) - 1)).toBe(true)
  expect(costs.isMonthSpent(Date.UTC(2026, 1, 1))).toBe(false)
})

test('what is read on as it arrives is what is read anew, computing and storage with it', async () => {
  const { call, costs, desk, used } = openCostDesk()
  enrolled(desk.store, 'cam-2', { link: 'ethernet' })
  const sheet = {
    ...SHEET,
    links: [...SHEET.links, { name: 'ethernet', pricePerGigabyte: 0.5 }],
    computePerHour: 0.3,
    storagePerGigabyteMonth: 3.1,
  }
  await call('costs.setSheet', sheet)
  desk.clock.at = T0 + 5 * DAY
  for (let at = 0; at < 20; at += 1) {
    used(`cam-${1 + (at % 3)}`, T0 + at * 6 * HOUR, {
      bytesIn: { model: 1_234_567 },
      bytesOut: { telemetry: 89 },
      cpuSeconds: 17.5,
      storedBytes: GB,
    })
    desk.clock.at += 60_000
    costs.month(desk.clock.at)
  }
  const { total } = await call('costs.report', { from: T0, through: monthOf(T0).through })
  expect(costs.month(desk.clock.at).spent).toBeCloseTo(total.total, 12)
  expect(total.total).toBeGreaterThan(1)
})

test('the retention of entries takes nothing from the month', async () => {
  const { call, costs, db, desk, used } = openCostDesk()
  await call('costs.setSheet', SHEET)
  desk.clock.at = T0 + DAY
  for (let at = 1; at < 4; at += 1) used('cam-1', T0 + at * HOUR, { bytesIn: { model: 0.02 * GB } })
  expect(costs.month(desk.clock.at).spent).toBe(0.6)
  db.exec('DELETE FROM ledger')
  used('cam-1', T0 + 5 * HOUR, { bytesIn: { model: 0.01 * GB } })
  desk.clock.at += 5000
  expect(costs.month(desk.clock.at).spent).toBe(0.7)
})

test('offers that no ledger can have yet count against the budget; another price sheet counts at once', async () => {
  const { call, costs, desk, played, used } = openCostDesk()
  await call('costs.setSheet', SHEET)
  desk.clock.at = T0 + DAY
  used('cam-1', T0 + HOUR, { bytesIn: { model: 0.15 * GB } })
  played.onItsWay = 0.49
  expect(costs.isMonthSpent(desk.clock.at)).toBe(false)
  played.onItsWay = 0.5
  expect((await call('costs.report', { from: T0, through: T0 + DAY })).budget).toEqual({
    ...{ monthly: 2, spentThisMonth: 1.5, onItsWay: 0.5, isSpent: true, freesAt: Date.UTC(2026, 1, 1) },
  })
  await call('costs.setSheet', { ...SHEET, monthlyBudget: 2.01 })
  expect(costs.isMonthSpent(desk.clock.at)).toBe(false)
  await call('costs.setSheet', { ...SHEET, links: [{ name: 'cellular', pricePerGigabyte: 20 }] })
  expect([costs.month(desk.clock.at).spent, costs.isMonthSpent(desk.clock.at)]).toEqual([3, true])
  await call('costs.setSheet', { ...SHEET, monthlyBudget: null })
  expect(costs.isMonthSpent(desk.clock.at)).toBe(false)
})

test.each([
  { state: 'pending', since: 0, counts: false },
  { state: 'offered', since: -5 * DAY, counts: true },
  { state: 'fetching', since: -HOUR, counts: true },
  { state: 'unreachable', since: -DAY, counts: true },
  { state: 'committed', since: -60_000, counts: true },
  { state: 'committed', since: -HOUR, counts: false },
  { state: 'failed', since: -60_000, counts: true },
  { state: 'superseded', since: -60_000, counts: false },
] as const)('a device that is $state since $since ms is on its way: $counts', ({ state, since, counts }) => {
  const device = { state, since: T0 + since, attempts: 2, money: 0.5 } as RolloutDevice
  expect(moneyOnItsWay([{ devices: new Map([['cam-1', device]]) }], T0)).toBe(counts ? 0.25 : 0)
})
