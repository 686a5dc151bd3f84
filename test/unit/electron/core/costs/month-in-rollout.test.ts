import { expect, test } from 'vitest'
import { priceSheet } from '../../../../../shared/rpc/contract/costs.ts'
import { openDigitsDesk } from '../../../../harness/rollout-desk.ts'

const five = ['cam-1', 'cam-2', 'cam-3', 'cam-4', 'cam-5']
const links = (quiet: { cron: string; minutes: number; timeZone: string }[] = []) => [
  { name: 'ethernet', pricePerGigabyte: 1000, megabitsPerSecond: 10, quiet },
]

test('a rollout offers no more than the budget of the month has left, also within one decision, and goes on when it is raised', async () => {
  const { desk, next } = await openDigitsDesk(five)
  const { costs } = desk
  const keep = (monthlyBudget: number | null): void => {
    costs.keepSheet(priceSheet.parse({ links: links(), monthlyBudget }))
    costs.forget()
  }
  keep(null)
  const each = costs.offersOf(next.digest)(desk.store.roster.entry('cam-1')!).money
  keep(2.5 * each)
  const rollout = await desk.begin({})
  const offered = (): string[] => five.filter((device) => desk.desired(device, 'digits') === '1.1.0')
  expect(offered()).toHaveLength(2)
  expect(costs.month(desk.clock.at).onItsWay).toBeCloseTo(2 * each, 12)
  const shown = await desk.call('rollouts.show', { rollout })
  expect(shown.spent.money).toBeCloseTo(2 * each, 6)
  expect(shown.heldBy).toContain('The budget of this month has')
  // Looking again, and a restart, offer nothing more.
  desk.tick(60_000)
  desk.restart()
  desk.tick(60_000)
  expect(offered()).toHaveLength(2)
  keep(10 * each)
  desk.tick(1000)
  expect(offered()).toEqual(five)
})

test('no offer is made in the quiet hours of a link, and each by itself after them', async () => {
  const { desk } = await openDigitsDesk(['cam-1', 'cam-2'])
  const { costs, clock } = desk
  // The desk begins at midnight of the first of January, UTC.
  costs.keepSheet(priceSheet.parse({ links: links([{ cron: '0 0 1 1 *', minutes: 120, timeZone: 'UTC' }]) }))
  costs.forget()
  const rollout = await desk.begin({})
  expect([desk.state(rollout, 'cam-1'), desk.state(rollout, 'cam-2')]).toEqual(['pending', 'pending'])
  const end = costs.quietUntil(desk.store.roster.entry('cam-1')!, clock.at)!
  desk.tick(end - clock.at - 1)
  expect(desk.state(rollout, 'cam-1')).toBe('pending')
  desk.tick(2)
  expect([desk.state(rollout, 'cam-1'), desk.state(rollout, 'cam-2')]).toEqual(['offered', 'offered'])
})
