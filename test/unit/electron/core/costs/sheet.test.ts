import { expect, test } from 'vitest'
import { priceSheet, type PriceSheet } from '../../../../../shared/rpc/contract/costs.ts'
import { openCostDesk } from '../../../../harness/cost-desk.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'

const HOUR = 3_600_000
const night = { cron: '0 22 * * *', minutes: 120, timeZone: 'UTC' }
type Quiet = PriceSheet['links'][number]['quiet'][number]
const links = (...quiet: Quiet[]) => ({ links: [{ name: 'cellular', pricePerGigabyte: 3, quiet }], defaultLink: 'cellular' })

test('a fleet without a price sheet has one that costs nothing; one that is kept outlives a restart and is in the log', async () => {
  const { call, costs, desk } = openCostDesk()
  expect(await call('costs.sheet', {})).toEqual(priceSheet.parse({}))
  const kept = await call('costs.setSheet', { ...links(night), currency: 'CHF', monthlyBudget: 12.5 })
  costs.forget()
  expect(await call('costs.sheet', {})).toEqual(kept)
  expect(kept).toMatchObject({ currency: 'CHF', monthlyBudget: 12.5, computePerHour: 0 })
  expect(desk.told).toContain('costs')
  const log = desk.store.db.prepare('SELECT actor, action FROM audit').all()
  expect(log).toEqual([{ actor: 'kim', action: 'costs.setSheet' }])
})

test.each([
  { what: 'a link twice', sheet: { links: [{ name: 'a' }, { name: 'a' }], defaultLink: 'a' }, says: "links: 'a' is there twice" },
  { what: 'no usual link', sheet: { links: [{ name: 'a' }], defaultLink: 'b' }, says: "defaultLink: no link is named 'b'; there are a." },
  { what: 'a cron that is none', sheet: links(night, { ...night, cron: 'nightly' }), says: 'links[0].quiet[1]:' },
  { what: 'a zone that is none', sheet: links({ ...night, timeZone: 'Europe/Lion' }), says: 'links[0].quiet[0]:' },
])('$what is refused with its place, and the sheet stays as it was', async ({ sheet, says }) => {
  const { call } = openCostDesk()
  const before = await call('costs.setSheet', links())
  await expect(call('costs.setSheet', sheet)).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringContaining(says) as string,
  })
  expect(await call('costs.sheet', {})).toEqual(before)
})

test('quiet hours are those of the link, in the zone of the device; windows that touch are one', async () => {
  const { call, costs, desk } = openCostDesk()
  enrolled(desk.store, 'cam-1', { link: 'cellular', tz: 'America/New_York' })
  enrolled(desk.store, 'cam-2', { link: 'ethernet' })
  const site = { cron: '0 8 * * 1-5', minutes: 60, timeZone: 'site' }
  await call('costs.setSheet', {
    links: [{ name: 'ethernet' }, { name: 'cellular', quiet: [night, { cron: '0 0 * * *', minutes: 30, timeZone: 'UTC' }, site] }],
  })
  const [mobile, wired] = [desk.store.roster.entry('cam-1')!, desk.store.roster.entry('cam-2')!]
  // From 22:00 to 24:00, and on to 00:30 by the second window.
  const late = T0 + 23 * HOUR
  expect(costs.quietUntil(mobile, late)).toBe(T0 + 24.5 * HOUR)
  expect(costs.quietUntil(wired, late)).toBeNull()
  expect(costs.quietUntil(mobile, T0 + 24.5 * HOUR)).toBeNull()
  // 8:00 in New York is 13:00 UTC; the first of January 2026 is a Thursday.
  expect(costs.quietUntil(mobile, T0 + 12.9 * HOUR)).toBeNull()
  expect(costs.quietUntil(mobile, T0 + 13.5 * HOUR)).toBe(T0 + 14 * HOUR)
  expect(costs.quietUntil(mobile, T0 + 13.75 * HOUR)).toBe(T0 + 14 * HOUR)
  await call('costs.setSheet', { links: [{ name: 'ethernet' }, { name: 'cellular' }] })
  expect(costs.quietUntil(mobile, T0 + 13.75 * HOUR)).toBeNull()
})

test('a link that is always quiet ends its question', async () => {
  const { call, costs, desk } = openCostDesk()
  enrolled(desk.store, 'cam-1')
  await call('costs.setSheet', links({ cron: '* * * * *', minutes: 10, timeZone: 'UTC' }))
  expect(costs.quietUntil(desk.store.roster.entry('cam-1')!, T0)).toBeGreaterThan(T0)
})
