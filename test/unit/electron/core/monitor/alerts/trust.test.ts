import { expect, it } from 'vitest'
import { T0 } from '../../../../../harness/fleet.ts'
import { HOUR, MINUTE, openAlertDesk } from '../../../../../harness/alert-desk.ts'
import { usualSchedule } from '../../../../../../shared/domain/backup/schedule.ts'

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

it('tells of the certificate that is in use, also where a newer one was made that never reached the device', async () => {
  const desk = openAlertDesk()
  const day = 24 * HOUR
  desk.connect('cam-1')
  const row = { device: 'cam-1', fingerprint: 'f', certificate: 'p', notBefore: T0 - 84 * day }
  desk.store.certificates.add({ ...row, serial: 'aa', issuedAt: T0 - 84 * day, notAfter: T0 + 6 * day })
  desk.store.certificates.noteUse('aa', T0 - 84 * day)
  desk.store.certificates.add({ ...row, serial: 'bb', issuedAt: T0 - day, notAfter: T0 + 89 * day })
  await desk.pass(MINUTE)
  expect(await desk.firing()).toMatchObject([{ rule: 'certificate-ending', subject: { device: 'cam-1' } }])
  desk.store.certificates.noteUse('bb', desk.clock.at)
  await desk.pass(MINUTE)
  expect(await desk.firing()).toEqual([])
})

it('tells of a backup that failed, and of one that did not come, until there is one', async () => {
  const desk = openAlertDesk()
  const { settings } = desk.store
  const problem = { code: 'backup.folder', message: 'The folder /media/disk is not there.' }
  const day = 24 * HOUR
  await desk.pass(MINUTE)
  expect(await desk.firing()).toEqual([])

  settings.set('backupState', { firstAt: T0, since: T0, failure: { at: T0 + 2 * HOUR, problem } })
  await desk.pass(MINUTE)
  expect(await desk.firing()).toMatchObject([
    { rule: 'backup-failed', severity: 'warning', subject: { device: null }, sentence: `The last backup failed: ${problem.message}` },
  ])
  settings.set('backupState', { firstAt: T0, since: desk.clock.at, failure: null })
  await desk.pass(MINUTE)
  expect(await desk.firing()).toEqual([])

  desk.clock.at += 3 * day
  await desk.pass(MINUTE)
  expect(await desk.firing()).toMatchObject([
    { rule: 'backup-failed', sentence: 'No backup was made since one was due.', evidence: { value: 72, unit: 'hours' } },
  ])
  // Whoever switched the schedule off made that choice.
  settings.set('backupSchedule', { ...usualSchedule, isOn: false })
  await desk.pass(MINUTE)
  expect(await desk.firing()).toEqual([])
})
