import { expect, it } from 'vitest'
import { T0 } from '../../../../../harness/fleet.ts'
import { MINUTE, openAlertDesk } from '../../../../../harness/alert-desk.ts'

it('case 54: tells at once of a device that keeps a checkpoint which the log does not extend, until an admin says why', async () => {
  const desk = openAlertDesk()
  desk.connect('cam-1')
  desk.connect('cam-2')
  await desk.pass(MINUTE)
  expect(await desk.firing()).toEqual([])

  desk.store.auditWitnesses.contradict({ device: 'cam-1', size: 2000, root: 'a'.repeat(64), logSize: 1500, foundAt: T0 })
  desk.store.auditWitnesses.contradict({ device: 'cam-2', size: 900, root: 'b'.repeat(64), logSize: 1500, foundAt: T0 })
  await desk.pass(MINUTE)
  const firing = (await desk.firing()).sort((a, b) => (a.subject.device! < b.subject.device! ? -1 : 1))
  expect(firing).toMatchObject([
    {
      rule: 'audit-rolled-back',
      severity: 'critical',
      subject: { device: 'cam-1' },
      evidence: { value: 1500, threshold: 2000, unit: 'entries' },
    },
    { rule: 'audit-rolled-back', subject: { device: 'cam-2' } },
  ])
  expect(firing.map(({ sentence }) => sentence)).toMatchObject([
    expect.stringContaining('entries are gone'),
    expect.stringContaining('are others now'),
  ])
  expect((await desk.call('alerts.rules', {})).rules.find(({ rule }) => rule === 'audit-rolled-back')).toMatchObject({
    firing: 2,
    isEnabled: true,
  })

  desk.store.auditWitnesses.accept(desk.clock.at, 'cli:anna')
  await desk.pass(MINUTE)
  expect(await desk.firing()).toEqual([])
})
