import { expect, test } from 'vitest'
import { replay } from '../../../../../electron/core/rollout/engine/replay.ts'
import { openDigitsDesk } from '../../../../harness/rollout-desk.ts'

const DEVICES = 10_000

test('a rollout over 10,000 devices: what a look, a restart and the views cost is printed', { timeout: 180_000 }, async () => {
  const { desk } = await openDigitsDesk(['first'])
  const names = Array.from({ length: DEVICES }, (_, i) => `cam-${String(i).padStart(5, '0')}`)
  const presence = { v: 1, sentAt: 0, status: 'online', boot: 'boot-1', agentVersion: '0.1.0' } as const
  desk.store.transact(() => {
    for (const [i, device] of names.entries()) {
      desk.store.devices.enrol({ device, secretHash: 'a'.repeat(64), labels: { site: `site-${i % 20}` }, enrolledAt: desk.clock.at })
      desk.store.devices.notePresence({ ...presence, device } as never, desk.clock.at)
    }
  })
  const figures: string[] = []
  const timed = async <Result>(what: string, work: () => Result | Promise<Result>): Promise<Result> => {
    const from = performance.now()
    const result = await work()
    figures.push(`${what} ${(performance.now() - from).toFixed(0)} ms`)
    return result
  }
  const rollout = await timed('create, start and begin with 1,000 offers', () =>
    desk.begin({ query: 'id = cam-*', pacing: { maxInFlight: 1000 } }),
  )
  expect(desk.run(rollout).devices.size).toBe(DEVICES)
  const offered = [...desk.run(rollout).devices.values()].filter(({ state }) => state === 'offered').map(({ device }) => device)
  expect(offered).toHaveLength(1000)

  const target = desk.run(rollout).target!
  for (const device of offered.slice(0, 20)) desk.runs(device, 'digits', target)
  desk.rollouts.note(offered.slice(0, 20))
  await timed('a look at 20 reports, with 20 commits and 20 offers', () => desk.rollouts.look())
  expect(desk.run(rollout).devices.get(offered[0]!)!.state).toBe('committed')
  desk.rollouts.look()
  desk.rollouts.note([offered[30]!])
  await timed('a look at one report without news', () => desk.rollouts.look())
  desk.rollouts.wake()
  await timed('a look at everybody', () => desk.rollouts.look())
  await timed('rollouts.show', () => desk.call('rollouts.show', { rollout }))
  await timed('rollouts.devices, 100', () => desk.call('rollouts.devices', { rollout, limit: 100 }))
  await timed('rollouts.list', () => desk.call('rollouts.list', {}))
  await timed('replay', () => replay(desk.store.rolloutEvents.all(rollout)))
  console.log(`10,000 devices: ${figures.join('; ')}`)
})
