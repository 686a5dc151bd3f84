import { plainFigure, type ReportFigure, type ReportTable } from '../../../shared/domain/report/document.ts'
import type { FiredAlert } from '../store/fleet/report-rows.ts'
import type { EventCount } from '../store/telemetry/told-time.ts'
import type { ReportScope, ReportSources } from './sources.ts'

/** What devices tell when a model did not stay. */
const takenBack = ['model.reverted', 'model.rejected', 'model.watch-failed', 'model.restored']

/** Alerts of the period that are about these devices, or about the fleet as a whole. */
export function alertsOf({ store }: ReportSources, { question, isWhole, devices }: ReportScope): FiredAlert[] {
  const asked = new Set(devices)
  return store.reportRows
    .alertsWithin({ from: question.from, through: question.through })
    .filter(({ device }) => isWhole || (device !== null && asked.has(device)))
}

/** How many alerts there were, how long they lasted, and how soon somebody took care. */
export function alertFigures(alerts: readonly FiredAlert[], through: number): ReportFigure[] {
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length / 1000
  const resolved = alerts.flatMap(({ firedAt, resolvedAt }) => (resolvedAt === null ? [] : [resolvedAt - firedAt]))
  const acknowledged = alerts.flatMap(({ firedAt, acknowledgedAt }) => (acknowledgedAt === null ? [] : [acknowledgedAt - firedAt]))
  return [
    plainFigure({ id: 'alerts', label: 'Alerts that fired', unit: 'count', value: alerts.length }),
    plainFigure({
      ...{ id: 'critical', label: 'Critical ones', unit: 'count' },
      value: alerts.filter(({ severity }) => severity === 'critical').length,
    }),
    plainFigure({ id: 'open', label: 'Open at the end', unit: 'count', value: alerts.length - resolved.length }),
    { ...plainFigure({ id: 'repair', label: 'Mean time to the end', unit: 'seconds', value: mean(resolved) }), n: resolved.length },
    {
      ...plainFigure({ id: 'response', label: 'Mean time to acknowledge', unit: 'seconds', value: mean(acknowledged) }),
      n: acknowledged.length,
    },
    plainFigure({
      ...{ id: 'in-alert', label: 'Time with at least one alert', unit: 'seconds', value: coveredMs(alerts, through) / 1000 },
      note: 'From the firing of alerts of this period, up to its end.',
    }),
  ]
}

/** The time that at least one of them fired. */
function coveredMs(alerts: readonly FiredAlert[], through: number): number {
  let covered = 0
  let until = Number.NEGATIVE_INFINITY
  for (const { firedAt, resolvedAt } of [...alerts].sort((a, b) => a.firedAt - b.firedAt)) {
    const end = resolvedAt ?? through
    covered += Math.max(0, end - Math.max(firedAt, until))
    until = Math.max(until, end)
  }
  return covered
}

/** Alerts one by one. */
export function alertTable(alerts: readonly FiredAlert[]): ReportTable {
  return {
    ...{ kind: 'table', id: 'alerts', title: 'Alerts', keys: 1, note: '' },
    columns: [
      { id: 'alert', label: 'Alert', unit: 'count' },
      { id: 'fired', label: 'Fired', unit: 'time' },
      { id: 'lasted', label: 'Lasted', unit: 'seconds' },
      { id: 'severity', label: 'Severity', unit: 'text' },
      { id: 'rule', label: 'Rule', unit: 'text' },
      { id: 'device', label: 'Device', unit: 'text' },
      { id: 'deployment', label: 'Deployment', unit: 'text' },
      { id: 'acknowledged', label: 'Acknowledged', unit: 'time' },
      { id: 'sentence', label: 'What', unit: 'text' },
    ],
    rows: alerts.map((one) => [
      ...[one.alert, one.firedAt, one.resolvedAt === null ? null : (one.resolvedAt - one.firedAt) / 1000, one.severity, one.ruleName],
      ...[one.device, one.deployment, one.acknowledgedAt, one.sentence],
    ]),
  }
}

/** What devices reported beyond the usual, by kind. */
export function eventTable(events: readonly EventCount[]): ReportTable {
  const kinds = new Map<string, { severity: string; name: string; devices: number; events: number }>()
  for (const { name, severity, events: count } of events) {
    if (severity === 'info' && !takenBack.includes(name)) continue
    const kind = kinds.get(`${severity} ${name}`) ?? { severity, name, devices: 0, events: 0 }
    kinds.set(`${severity} ${name}`, kind)
    kind.devices += 1
    kind.events += count
  }
  const rows = [...kinds.values()].sort((a, b) => b.events - a.events || (a.name < b.name ? -1 : 1))
  return {
    ...{ kind: 'table', id: 'events', title: 'What devices reported', keys: 2, note: '' },
    columns: [
      { id: 'event', label: 'Event', unit: 'text' },
      { id: 'severity', label: 'Severity', unit: 'text' },
      { id: 'times', label: 'Times', unit: 'count' },
      { id: 'devices', label: 'Devices', unit: 'count' },
    ],
    rows: rows.map(({ name, severity, events: times, devices }) => [name, severity, times, devices]),
  }
}

/** How often a model did not stay on a device. */
export function rollbackCount(events: readonly EventCount[]): number {
  return events.reduce((sum, { name, events: count }) => (takenBack.includes(name) ? sum + count : sum), 0)
}
