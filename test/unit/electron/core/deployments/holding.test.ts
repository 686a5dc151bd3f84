import { beforeEach, expect, test } from 'vitest'
import { evidenceOf, noSubject } from '../../../../../electron/core/monitor/alerts/reading.ts'
import { openReleaseDesk, type ReleaseDesk } from '../../../../harness/release-desk.ts'

let desk: ReleaseDesk
let alert: number

beforeEach(async () => {
  desk = openReleaseDesk()
  await desk.importSample('wine', '1.0.0')
  await desk.importSample('wine', '2.0.0')
  desk.join('cam-1', 'cam-2')
  await desk.call('deployments.apply', { query: '', model: 'wine', version: '1.0.0' })
  alert = desk.store.alerts.add({
    ...{ rule: 'accuracy-drop', ruleName: 'Accuracy has fallen', severity: 'critical', state: 'firing', subjectKey: 'k' },
    ...{
      subject: { ...noSubject, deployment: 'wine' },
      group: 'g',
      sentence: 'Accuracy has fallen to 80 %.',
      evidence: evidenceOf('share'),
    },
    ...{ startedAt: 1, firedAt: 1, resolvedAt: null, lastSeenAt: 1, clearSince: null, blindSince: null, notBefore: 0, toldAt: null },
    ...{ silencedUntil: null, occurrences: 1, acknowledged: null, holdsReleases: true, runbook: null },
  })
})

const order = (change: object = {}) => desk.call('deployments.apply', { query: '', model: 'wine', version: '2.0.0', ...change })

test('an alert holds releases to its deployment, says why, and yields to whoever means it', async () => {
  await expect(order()).rejects.toMatchObject({
    code: 'deployment.held',
    message: `Alert ${alert} holds releases to wine: Accuracy has fallen to 80 %. Nothing was ordered.`,
  })
  expect(desk.desired('cam-1', 'wine')).toBe('1.0.0')
  const preview = await desk.call('deployments.preview', { query: '', model: 'wine', version: '2.0.0' })
  expect(preview.heldBy).toEqual({ alert, sentence: 'Accuracy has fallen to 80 %.' })
  expect(await order({ despiteAlerts: true })).toMatchObject({ isNew: true, changed: ['cam-1', 'cam-2'] })
})

test('it holds no other deployment, nothing that answers nobody, and no order that changes nothing', async () => {
  expect(await order({ deployment: 'other' })).toMatchObject({ isNew: true })
  expect(await order({ version: '1.0.0' })).toMatchObject({ isNew: false })
  expect(await order({ as: 'shadow' })).toMatchObject({ isNew: true })
  await expect(desk.call('deployments.promote', { query: '', deployment: 'wine' })).rejects.toMatchObject({ code: 'deployment.held' })
})

test('it is over with its alert', async () => {
  desk.store.alerts.set({ ...desk.store.alerts.find(alert)!, state: 'resolved', resolvedAt: 2 })
  expect(await order()).toMatchObject({ isNew: true })
})
