import { expect, onTestFinished, test, vi } from 'vitest'
import { enrolled } from '../../../../../harness/fleet.ts'
import { afterCeremony } from '../../../../../harness/trust-ceremony.ts'
import { joinDevice, openTrustDesk, type TrustDesk } from '../../../../../harness/trust-desk.ts'

// Each key is sealed at the cost of a real one: seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const DAY_MS = 86_400_000
const digest = 'ab'.repeat(32)

/** An order that was signed at a time. */
function putOrder({ store }: TrustDesk, issuedAt: number): void {
  enrolled(store, 'cam-1')
  store.deployments.putAssignment({ device: 'cam-1', counter: 1, issuedAt, expiresAt: issuedAt + DAY_MS, config: '{}', message: '{}' })
}

test('a clock that ran ahead for a while stops no change: ends are reckoned from the newest order', async () => {
  const desk = openTrustDesk()
  const device = joinDevice(desk, { clock: { at: desk.clock.at + 30 * DAY_MS } })
  // A month ahead, an order is signed; then the clock is set right.
  desk.clock.at += 30 * DAY_MS
  desk.trust.repository.renew()
  putOrder(desk, desk.clock.at)
  desk.clock.at -= 30 * DAY_MS
  desk.clock.at += 60_000
  desk.store.transact(() => desk.trust.authorise(digest, 5))
  // To the device, now is not before that order.
  await device.hear()
  await device.trust.requireBundle(digest, 5)
  expect(device.trust.reported()).toMatchObject({ state: 'current', problem: null })
})

test('what was signed while the clock ran ahead is made anew, so that it is not good for all that time', () => {
  const desk = openTrustDesk()
  desk.clock.at += 300 * DAY_MS
  desk.trust.repository.renew()
  desk.clock.at -= 300 * DAY_MS
  expect(desk.trust.repository.renew()).toBe(true)
  const { snapshot, timestamp } = desk.trust.repository.stamps()
  expect(timestamp.expiresAt - desk.clock.at).toBeLessThanOrEqual(7 * DAY_MS)
  expect(snapshot.expiresAt - desk.clock.at).toBeLessThanOrEqual(30 * DAY_MS)
  expect(desk.trust.repository.renew()).toBe(false)
})

test('after a machine that slept for two weeks the timestamp is made anew within the minute, and before it is said again', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const desk = openTrustDesk()
  desk.trust.start()
  const ends = (): number => desk.trust.repository.stamps().timestamp.expiresAt - desk.clock.at
  desk.clock.at += 14 * DAY_MS
  vi.advanceTimersByTime(60_000)
  expect(ends()).toBeGreaterThan(6 * DAY_MS)
  desk.clock.at += 14 * DAY_MS
  desk.trust.resend()
  expect(ends()).toBeGreaterThan(6 * DAY_MS)
  desk.trust.stop()
})

test('people are told that the list runs out from the day on which an unlock renews it, and where two root keys lie together', async () => {
  const desk = openTrustDesk()
  desk.store.transact(() => desk.trust.authorise(digest, 5))
  const { unlock } = await afterCeremony(desk, desk.stick('one'))
  const guard = () => desk.trust.guards.all().find(({ id }) => id === 'offline-keys')
  expect(guard()).toMatchObject({ state: 'attention', sentence: expect.stringContaining('same folder') })
  desk.clock.at += 321 * DAY_MS
  desk.trust.repository.renew()
  expect(guard()).toMatchObject({ state: 'attention', sentence: expect.stringContaining('runs out in 44 days') })
  await unlock()
  expect(guard()?.sentence).not.toContain('runs out')
})
