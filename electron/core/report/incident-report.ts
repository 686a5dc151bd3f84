import { setImmediate } from 'node:timers/promises'
import { plainFigure, type ReportTable } from '../../../shared/domain/report/document.ts'
import type { EventCount } from '../store/telemetry/told-time.ts'
import { section, type ReportMaker } from './draft.ts'
import {
  alertFigures,
  alertsOf,
  alertTable,
  eventTable,
  goneFigure,
  incidentWords,
  rollbackFigures,
  type PeriodAlerts,
} from './incident-blocks.ts'
import { goneNote, goneOf } from './kept-records.ts'

const PAGE = 200
const MOST_DEVICES = 100

/** What went wrong in a period, how long it lasted, and who took care. */
export const incidentReport: ReportMaker = async (sources, scope, { signal, progress }) => {
  const { question, devices } = scope
  const gone = goneOf(sources, scope)
  const alerts = alertsOf(sources, scope, gone)
  const events: EventCount[] = []
  for (let at = 0; at < devices.length && !gone.events; at += PAGE) {
    await setImmediate()
    signal.throwIfAborted()
    progress(at / devices.length, `${at} of ${devices.length} devices`)
    events.push(...sources.telemetry.eventCounts({ ...question, devices: devices.slice(at, at + PAGE) }))
  }
  const rollbacks = rollbackFigures(events, gone)
  const errors = plainFigure({
    ...{ id: 'errors', label: 'Errors that devices reported', unit: 'count' },
    value: events.reduce((sum, one) => (one.severity === 'error' ? sum + one.events : sum), 0),
  })
  return {
    title: 'Incident report',
    sentence: incidentWords(alerts, rollbacks[0]!.value),
    models: [],
    sections: [
      section('summary', 'Summary', [
        {
          kind: 'figures',
          id: 'summary',
          figures: [...alertFigures(alerts), ...rollbacks, gone.events ? goneFigure(errors, 'events') : errors],
        },
      ]),
      section('alerts', 'Alerts', [alertTable(alerts), ruleTable(alerts)]),
      section('events', 'What devices reported', [eventTable(events, gone), deviceTable(events, gone.events)]),
    ],
  }
}

function ruleTable({ all, isGone }: PeriodAlerts): ReportTable {
  const rules = Map.groupBy(all, ({ ruleName }) => ruleName)
  return {
    ...{ kind: 'table', id: 'rules', title: 'By rule', keys: 1, note: isGone ? goneNote.alerts : '' },
    ...(isGone ? { isGone } : {}),
    columns: [
      { id: 'rule', label: 'Rule', unit: 'text' },
      { id: 'alerts', label: 'Alerts', unit: 'count' },
      { id: 'devices', label: 'Devices', unit: 'count' },
    ],
    rows: [...rules]
      .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
      .map(([rule, fired]) => [rule, fired.length, new Set(fired.flatMap(({ device }) => device ?? [])).size]),
  }
}

/** Devices that reported the most errors. */
function deviceTable(events: readonly EventCount[], isGone: boolean): ReportTable {
  const counts = new Map<string, { errors: number; warnings: number }>()
  for (const { device, severity, events: count } of events) {
    const of = counts.get(device) ?? { errors: 0, warnings: 0 }
    if (severity === 'error') of.errors += count
    else if (severity === 'warning') of.warnings += count
    else continue
    counts.set(device, of)
  }
  const rows = [...counts].sort(([a, x], [b, y]) => y.errors - x.errors || y.warnings - x.warnings || (a < b ? -1 : 1))
  return {
    ...{
      kind: 'table',
      id: 'devices',
      title: 'By device',
      keys: 1,
      note: isGone ? goneNote.events : `The ${MOST_DEVICES} devices with the most errors.`,
    },
    ...(isGone ? { isGone } : {}),
    columns: [
      { id: 'device', label: 'Device', unit: 'text' },
      { id: 'errors', label: 'Errors', unit: 'count' },
      { id: 'warnings', label: 'Warnings', unit: 'count' },
    ],
    rows: rows.slice(0, MOST_DEVICES).map(([device, { errors, warnings }]) => [device, errors, warnings]),
  }
}
