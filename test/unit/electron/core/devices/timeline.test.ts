import { expect, test } from 'vitest'
import { sentences } from '../../../../../electron/core/devices/history.ts'
import { ordersOf, timelineOf } from '../../../../../electron/core/devices/timeline.ts'
import { isMethodName } from '../../../../../shared/rpc/contract.ts'
import { openDigitsDesk } from '../../../../harness/rollout-desk.ts'

test('the history of a device has what rollouts did with it, in any size of page', async () => {
  const { desk } = await openDigitsDesk(['cam-1', 'cam-2'])
  desk.clock.at += 1000
  const rollout = await desk.begin({ query: 'id = cam-1' })
  desk.clock.at += 1000
  desk.commit(rollout, 'cam-1')
  desk.clock.at += 1000
  await desk.call('rollouts.revert', { rollout })
  desk.settle()
  const page = (limit: number, before?: string) => timelineOf(desk, { device: 'cam-1', limit, severity: 'info', ...(before && { before }) })
  const whole = page(50)
  expect(whole.next).toBeNull()
  expect(whole.entries.map(({ name }) => name)).toEqual([
    ...['rollouts.revert', 'rollout.revert', 'rollout.commit', 'rollout.offer', 'deployments.apply'],
  ])
  // Who asked for it, and what the rollout made of it.
  expect(whole.entries[0]).toMatchObject({ actor: 'kim', message: `Rollout ${rollout} was taken back on all its devices.` })
  expect(whole.entries[1]).toMatchObject({ kind: 'command', actor: 'muster', message: expect.stringContaining(`Rollout ${rollout}: `) })
  const paged = []
  for (let before: string | null | undefined; before !== null;) {
    const one = page(1, before)
    paged.push(...one.entries)
    before = one.next
  }
  expect(paged).toEqual(whole.entries)
  expect(timelineOf(desk, { device: 'cam-1', limit: 50, severity: 'warning' }).entries).toEqual([])
  expect(ordersOf(desk.store, 'cam-1', 20).map(({ name }) => name)).toEqual(['rollout.revert', 'rollout.offer', 'deployments.apply'])
  expect(ordersOf(desk.store, 'cam-2', 20).map(({ name }) => name)).toEqual(['deployments.apply'])
})

test('every sentence is of a method that there is', () => {
  // What devices and the console do by themselves: no method is called for it.
  expect(Object.keys(sentences).filter((name) => !isMethodName(name))).toEqual([
    'devices.enrolled',
    'audit.rolledBack',
    'devices.certificateIssued',
    'devices.cloned',
    'broker.refused',
  ])
})
