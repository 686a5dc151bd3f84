import { expect, it } from 'vitest'
import { alertLines, loudAlerts } from '../../../../../electron/core/overview/alert-lines.ts'
import { evidenceOf, noSubject } from '../../../../../electron/core/monitor/alerts/reading.ts'
import type { AlertRow } from '../../../../../electron/core/store/fleet/alerts.ts'

const row = (alert: number, change: Partial<AlertRow> = {}): AlertRow => ({
  ...{ alert, rule: 'drift', ruleName: 'Drift of a version', severity: 'warning', state: 'firing', subjectKey: String(alert) },
  ...{ subject: { ...noSubject, deployment: 'wine', feature: `f${alert}` }, group: 'drift/wine/d', sentence: `f${alert} has drifted.` },
  ...{ evidence: evidenceOf('adjusted PSI'), startedAt: alert, firedAt: alert, resolvedAt: null, lastSeenAt: alert, clearSince: null },
  ...{
    blindSince: null,
    notBefore: 0,
    toldAt: null,
    silencedUntil: null,
    occurrences: 1,
    acknowledged: null,
    holdsReleases: false,
    runbook: null,
  },
  ...change,
})

it('tells a group of alerts in one line, the severe first', () => {
  const loud = loudAlerts([
    row(1),
    row(2),
    row(3, { severity: 'critical', group: 'accuracy-drop/wine/d', sentence: 'Accuracy has fallen.' }),
  ])
  expect(alertLines(loud).map(({ severity, sentence, action }) => [severity, sentence, action.target])).toEqual([
    ['error', 'Accuracy has fallen.', { page: 'alert', alert: 3 }],
    ['warning', 'Drift of a version: 2 alerts (wine). f2 has drifted.', { page: 'alerts' }],
  ])
})

it('leaves out what somebody looks after, what is mild, and what the state of a device says already', () => {
  const quiet = [
    ...[row(1, { acknowledged: { at: 0, by: 'kim', note: '' } }), row(2, { silencedUntil: 9 }), row(3, { severity: 'info' })],
    ...[row(4, { state: 'pending', firedAt: null }), row(5, { state: 'resolved' })],
  ]
  expect(loudAlerts(quiet)).toEqual([])
  const offline = [row(6, { rule: 'device-offline', subject: { ...noSubject, device: 'cam-1' } })]
  expect([loudAlerts(offline).length, alertLines(offline)]).toEqual([1, []])
})
