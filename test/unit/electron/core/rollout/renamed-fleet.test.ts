import { expect, test } from 'vitest'
import { openHaltList } from '../../../../../electron/core/rollout/halt-list.ts'
import { openRollouts } from '../../../../../electron/core/rollout/open-rollouts.ts'
import { openWindows } from '../../../../../electron/core/rollout/planning/windows.ts'
import { rolloutParts } from '../../../../../electron/core/rollout/rollout-parts.ts'
import { rolloutPlan } from '../../../../../shared/domain/rollout/plan.ts'
import { openDigitsDesk } from '../../../../harness/rollout-desk.ts'

test('a rollout orders for the fleet as it is called then, also where the first run named it after the console had started', async () => {
  const { desk } = await openDigitsDesk(['cam-1'])
  let fleet = 'fleet'
  const parts = {
    ...{ ...desk.parts, costs: desk.costs },
    get fleet() {
      return fleet
    },
  }
  const evidence = { read: () => expect.fail('nothing is compared yet'), compare: () => expect.fail('nothing is compared yet') }
  const halts = openHaltList({ store: desk.store, fleet: 'test', keyring: desk.parts.keyring })
  const rollouts = openRollouts(rolloutParts(parts, { windows: openWindows('UTC'), evidence, halts, log: () => undefined }))
  fleet = 'plant-lyon'
  const plan = rolloutPlan.parse({ deployment: 'digits', model: 'digits', version: '1.1.0' })
  const { rollout } = await desk.call('rollouts.create', { plan })
  await desk.call('rollouts.start', { rollout })
  rollouts.wake()
  while (rollouts.look());
  expect(desk.desired('cam-1', 'digits')).toBe('1.1.0')
  const { topic } = desk.store.outbox.next(0, 100).find((row) => row.topic.endsWith('/cam-1/desired') && row.topic.includes('plant-lyon'))!
  expect(topic).toBe('muster/1/plant-lyon/device/cam-1/desired')
})
