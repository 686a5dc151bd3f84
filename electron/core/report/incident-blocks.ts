import { plainFigure, type ReportFigure, type ReportTable } from '../../../shared/domain/report/document.ts'
import type { FiredAlert } from '../store/fleet/report-rows.ts'
import type { EventCount } from '../store/telemetry/told-time.ts'
import { counted } from './draft.ts'
import { goneNote, type GoneRecords } from './kept-records.ts'
import type { ReportScope, ReportSources } from './sources.ts'

/** A model that served was taken away: by the device itself, or by order. */
const takenBack = ['model.reverted', 'model.restored']
/** What is listed besides, though a model stayed: a candidate that was refused, and one that failed with nothing to go back to. */
const listed = [...takenBack, 'model.rejected', 'model.watch-failed']

/** The alerts of a period. */
export interface PeriodAlerts {
  period: { from: number; through: number }
  /** Those that fired in it, and those that were under way when it began. */
  all: readonly FiredAlert[]
  fired: readonly FiredAlert[]
  earlier: readonly FiredAlert[]
  /** They are not all there any more. */
  isGone: boolean
}

/** Alerts about these devices; of the whole fleet also those about no single device. */
export function alertsOf({ store }: ReportSources, { question, isWhole, devices }: ReportScope, gone: GoneRecords): PeriodAlerts {
  const asked = new Set(devices)
  const { from, through } = question
  const all = gone.alerts
    ? []
    : store.reportRows.alertsWithin({ from, through }).filter(({ device }) => isWhole || (device !== null && asked.has(device)))
  const { fired = [], earlier = [] } = Object.groupBy(all, ({ firedAt }) => (firedAt >= from ? 'fired' : 'earlier'))
  return { period: { from, through }, all, fired, earlier, isGone: gone.alerts }
}

/** How many alerts there were, how long they lasted, and how soon somebody took care. */
export function alertFigures({ period, all, fired, earlier, isGone }: PeriodAlerts): ReportFigure[] {
  const resolved = all.flatMap(({ firedAt, resolvedAt }) => (resolvedAt === null ? [] : [resolvedAt - firedAt]))
  const acknowledged = all.flatMap(({ firedAt, acknowledgedAt }) =>
    acknowledgedAt === null || acknowledgedAt < period.from ? [] : [acknowledgedAt - firedAt],
  )
  const figures: ReportFigure[] = [
    plainFigure({ id: 'alerts', label: 'Alerts that fired', unit: 'count', value: fired.length }),
    plainFigure({ id: 'earlier', label: 'Alerts under way when the period began', unit: 'count', value: earlier.length }),
    plainFigure({
      ...{ id: 'critical', label: 'Critical ones of both', unit: 'count' },
      value: all.filter(({ severity }) => severity === 'critical').length,
    }),
    plainFigure({ id: 'open', label: 'Open at the end', unit: 'count', value: all.length - resolved.length }),
    {
      ...plainFigure({ id: 'repair', label: 'Mean time to the end', unit: 'seconds', value: meanSeconds(resolved) }),
      ...{ n: resolved.length, note: 'Of alerts that ended in the period, from their firing on.' },
    },
    {
      ...plainFigure({ id: 'response', label: 'Mean time to acknowledge', unit: 'seconds', value: meanSeconds(acknowledged) }),
      n: acknowledged.length,
    },
    plainFigure({
      ...{ id: 'in-alert', label: 'Time with at least one alert', unit: 'seconds', value: coveredMs(all, period) / 1000 },
      note: 'Within the period, also of alerts that had fired before it.',
    }),
  ]
  return isGone ? figures.map((one) => goneFigure(one, 'alerts')) : figures
}

/** A figure whose records are not kept any more. */
export function goneFigure(figure: ReportFigure, records: keyof GoneRecords): ReportFigure {
  return { ...figure, value: null, low: null, high: null, n: null, note: goneNote[records], isGone: true }
}

function meanSeconds(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length / 1000
}

/** The time of the period that at least one of them fired. */
function coveredMs(alerts: readonly FiredAlert[], { from, through }: PeriodAlerts['period']): number {
  let covered = 0
  let until = from
  for (const { firedAt, resolvedAt } of [...alerts].sort((a, b) => a.firedAt - b.firedAt)) {
    const end = resolvedAt ?? through
    covered += Math.max(0, end - Math.max(firedAt, until))
    until = Math.max(until, end)
  }
  return covered
}

/** Alerts one by one. */
export function alertTable({ all, isGone }: PeriodAlerts): ReportTable {
  return {
    ...{ kind: 'table', id: 'alerts', title: 'Alerts', keys: 1, note: isGone ? goneNote.alerts : '' },
    ...(isGone ? { isGone } : {}),
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
    rows: all.map((one) => [
      ...[one.alert, one.firedAt, one.resolvedAt === null ? null : (one.resolvedAt - one.firedAt) / 1000, one.severity, one.ruleName],
      ...[one.device, one.deployment, one.acknowledgedAt, one.sentence],
    ]),
  }
}

/** What devices reported beyond the usual, by kind. */
export function eventTable(events: readonly EventCount[], { events: isGone }: GoneRecords): ReportTable {
  const kinds = new Map<string, { severity: string; name: string; devices: number; events: number }>()
  for (const { name, severity, events: count } of isGone ? [] : events) {
    if (severity === 'info' && !listed.includes(name)) continue
    const kind = kinds.get(`${severity} ${name}`) ?? { severity, name, devices: 0, events: 0 }
    kinds.set(`${severity} ${name}`, kind)
    kind.devices += 1
    kind.events += count
  }
  const rows = [...kinds.values()].sort((a, b) => b.events - a.events || (a.name < b.name ? -1 : 1))
  return {
    ...{ kind: 'table', id: 'events', title: 'What devices reported', keys: 2, note: isGone ? goneNote.events : '' },
    ...(isGone ? { isGone } : {}),
    columns: [
      { id: 'event', label: 'Event', unit: 'text' },
      { id: 'severity', label: 'Severity', unit: 'text' },
      { id: 'times', label: 'Times', unit: 'count' },
      { id: 'devices', label: 'Devices', unit: 'count' },
    ],
    rows: rows.map(({ name, severity, events: times, devices }) => [name, severity, times, devices]),
  }
}

/** How often a model that served was taken away on a device, and how often one did not come to serve or failed and stayed. */
export function rollbackFigures(events: readonly EventCount[], { events: isGone }: GoneRecords): ReportFigure[] {
  const timesOf = (names: readonly string[]): number =>
    events.reduce((sum, { name, events: count }) => (names.includes(name) ? sum + count : sum), 0)
  const figures = [
    plainFigure({ id: 'rollbacks', label: 'Models taken back on devices', unit: 'count', value: timesOf(takenBack) }),
    plainFigure({ id: 'refused', label: 'Models refused by devices', unit: 'count', value: timesOf(['model.rejected']) }),
    plainFigure({
      ...{ id: 'watch-failed', label: 'Models that failed their watch and stayed', unit: 'count', value: timesOf(['model.watch-failed']) },
      note: 'There was nothing to go back to.',
    }),
  ]
  return isGone ? figures.map((one) => goneFigure(one, 'events')) : figures
}

/** Alerts and models that were taken back, as the end of a sentence. */
export function incidentWords({ fired, earlier, isGone }: PeriodAlerts, rollbacks: ReportFigure['value']): string {
  const alerts = isGone
    ? 'alerts of this time are not kept any more'
    : `${counted(fired.length, 'alert fired', 'alerts fired')}${earlier.length === 0 ? '' : `, ${counted(earlier.length, 'was', 'were')} under way when the period began`}`
  const taken =
    typeof rollbacks === 'number'
      ? `${counted(rollbacks, 'model was', 'models were')} taken back on devices`
      : 'what devices reported is not kept any more'
  return `${alerts} and ${taken}.`
}
