import { expect, test } from 'vitest'
import { changesBetween, keepFleet } from '../../../../../electron/core/rollout/fleet-kept.ts'
import { keepTargets } from '../../../../../electron/core/rollout/targets-kept.ts'
import type { RosterEntry } from '../../../../../electron/core/store/fleet/roster-rows.ts'
import type { FleetStore } from '../../../../../electron/core/store/fleet/fleet-store.ts'
import { rolloutPlan } from '../../../../../shared/domain/rollout/plan.ts'
import { enrolled, fleetStore } from '../../../../harness/fleet.ts'

const plan = rolloutPlan.parse({ deployment: 'digits', model: 'digits', version: '1.1.0', query: 'site = lyon' })

function fleetOf(sites: Record<string, string>): FleetStore {
  const store = fleetStore()
  for (const [device, site] of Object.entries(sites)) {
    enrolled(store, device)
    store.devices.setLabels(device, { site })
  }
  return store
}

const namesIn = (entries: readonly RosterEntry[]) => entries.map(({ row }) => row.device)

test('a target follows a device that gets or loses the label, and gives its newest entry', () => {
  const store = fleetOf({ 'cam-1': 'lyon', 'cam-2': 'oslo', 'cam-3': 'lyon' })
  const targets = keepTargets(store)
  expect(targets.of(1, plan, true).devices).toEqual(['cam-1', 'cam-3'])
  store.devices.setLabels('cam-2', { site: 'lyon' })
  const grown = targets.of(1, plan, true)
  expect([grown.devices, grown.has('cam-2'), grown.entry('cam-2')?.row.labels]).toEqual([
    ['cam-1', 'cam-2', 'cam-3'],
    true,
    { site: 'lyon' },
  ])
  store.devices.setLabels('cam-1', { site: 'oslo' })
  const shrunk = targets.of(1, plan, true)
  expect([shrunk.devices, shrunk.has('cam-1')]).toEqual([['cam-2', 'cam-3'], false])
})

test('a change that matters to no target leaves the list as it was, yet the entry is the new one', () => {
  const store = fleetOf({ 'cam-1': 'lyon', 'cam-2': 'oslo' })
  const targets = keepTargets(store)
  const before = targets.of(1, plan, true)
  store.devices.setLabels('cam-2', { site: 'bern' })
  const after = targets.of(1, plan, true)
  expect([after.devices === before.devices, after.entry('cam-2')?.row.labels]).toEqual([true, { site: 'bern' }])
})

test('devices that come and go at once, as many of each, are no change of the others', () => {
  const store = fleetOf({ 'cam-1': 'lyon', 'cam-2': 'lyon', 'cam-3': 'lyon' })
  const targets = keepTargets(store)
  targets.of(1, plan, true)
  store.devices.remove('cam-1')
  enrolled(store, 'cam-9')
  store.devices.setLabels('cam-9', { site: 'lyon' })
  const now = targets.of(1, plan, true)
  expect([now.devices, now.entry('cam-1'), now.entry('cam-9')?.row.device]).toEqual([['cam-2', 'cam-3', 'cam-9'], null, 'cam-9'])
})

test('what a transaction saw and took back is not kept', () => {
  const store = fleetOf({ 'cam-1': 'lyon', 'cam-2': 'oslo' })
  const targets = keepTargets(store)
  targets.of(1, plan, true)
  const undone = (): void => {
    store.transact(() => {
      store.devices.setLabels('cam-2', { site: 'lyon' })
      expect(targets.of(1, plan, true).devices).toEqual(['cam-1', 'cam-2'])
      throw new Error('taken back')
    })
  }
  expect(undone).toThrow('taken back')
  const now = targets.of(1, plan, true)
  expect([now.devices, now.entry('cam-2')?.row.labels]).toEqual([['cam-1'], { site: 'oslo' }])
})

test('labels in use follow the first device that has one and the last that loses it', () => {
  const store = fleetOf({ 'cam-1': 'lyon', 'cam-2': 'oslo' })
  const fleet = keepFleet()
  const labels = (): string[] => [...fleet(store.roster.all()).labels.names].sort()
  expect(labels()).toEqual(['site'])
  store.devices.setLabels('cam-2', { site: 'oslo', line: '4' })
  expect(labels()).toEqual(['line', 'site'])
  store.devices.setLabels('cam-2', { site: 'oslo' })
  expect(labels()).toEqual(['site'])
})

test('lists of the same devices are laid side by side; others are not', () => {
  const store = fleetOf({ 'cam-1': 'lyon', 'cam-2': 'oslo' })
  const before = store.roster.all()
  store.devices.setLabels('cam-2', { site: 'lyon' })
  const after = store.roster.all()
  expect(changesBetween(before, after)?.map(({ after: entry }) => entry.row.device)).toEqual(['cam-2'])
  expect(changesBetween(before, before)).toEqual([])
  enrolled(store, 'cam-3')
  expect([changesBetween(after, store.roster.all()), namesIn(store.roster.all())]).toEqual([null, ['cam-1', 'cam-2', 'cam-3']])
})
