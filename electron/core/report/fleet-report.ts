import { setImmediate } from 'node:timers/promises'
import { plainFigure, type ReportFigure, type ReportTable } from '../../../shared/domain/report/document.ts'
import { valueText } from '../../../shared/domain/report/value-text.ts'
import { wilsonInterval } from '../../../shared/stats/proportion-interval.ts'
import { healths } from '../../../shared/domain/device-health.ts'
import { counted, modelsOf, section, sectionOfThen, type ReportMaker } from './draft.ts'
import { driftTable } from './drift-table.ts'
import { gather, type DeviceTraffic, type Gathered } from './gather.ts'
import { memberTimes } from './device-spans.ts'
import { alertFigures, alertsOf, alertTable, eventTable, incidentWords, rollbackFigures } from './incident-blocks.ts'
import { goneOf } from './kept-records.ts'
import type { ReportScope, ReportSources } from './sources.ts'
import { causeTable, qualityFigures, trafficCharts, trafficFigures, versionTable } from './traffic-blocks.ts'

/** What the devices of a query did over a period. */
export const fleetReport: ReportMaker = async (sources, scope, work) => {
  const { question, devices } = scope
  const gathered = await gather(sources, scope, { ...work, digests: null })
  const { total, versions, events } = gathered
  const gone = goneOf(sources, scope)
  await setImmediate()
  const alerts = alertsOf(sources, scope, gone)
  const rollbacks = rollbackFigures(events, gone)
  const possible = memberTimes(sources, scope)
  const answered = gathered.devices.filter(({ requests }) => requests > 0).length
  const uptime = uptimeFigure(gathered, possible)
  const style = { zone: question.zone, currency: '' }
  return {
    title: question.query === '' ? 'Fleet report' : `Fleet report: ${question.query}`.slice(0, 200),
    sentence: [
      `${answered === devices.length ? '' : `${answered.toLocaleString('en')} of `}${counted(devices.length, 'device', 'devices')} answered ${counted(total.requests, 'request', 'requests')}`,
      total.hasTraffic ? `, ${valueText(total.requests === 0 ? null : total.errors / total.requests, 'share', style)} of them failed` : '',
      total.latency.count > 0 ? `; p95 was ${valueText(total.latency.quantile(0.95), 'ms', style)}` : '',
      `; ${incidentWords(alerts, rollbacks[0]!.value)}`,
    ].join(''),
    models: modelsOf(versions),
    sections: [
      section('summary', 'Summary', [
        {
          kind: 'figures',
          id: 'summary',
          figures: [
            plainFigure({ id: 'devices', label: 'Devices', unit: 'count', value: devices.length }),
            plainFigure({
              ...{ id: 'heard', label: 'Devices that were heard of', unit: 'count' },
              value: gathered.devices.filter(({ toldMs, hasTraffic }) => hasTraffic || toldMs !== null).length,
            }),
            uptime,
            ...trafficFigures(gathered, question),
            ...qualityFigures(total),
            ...alertFigures(alerts).slice(0, 2),
            ...rollbacks,
          ],
        },
      ]),
      section('course', 'Over time', trafficCharts(gathered)),
      section('models', 'Models', [versionTable(versions), causeTable(total)]),
      section('drift', 'Drift', [await driftTable(sources, scope, { ...work, versions })]),
      section('incidents', 'Incidents', [
        { kind: 'figures', id: 'incidents', figures: alertFigures(alerts) },
        alertTable(alerts),
        eventTable(events, gone),
      ]),
      section('devices', 'Devices', [deviceTable(gathered.devices, possible)]),
      sectionOfThen('state', 'State when the report was made', [stateTable(sources, scope)]),
    ],
  }
}

/**
 * Time that agents ran, of the time that they belonged to the fleet. Of devices that told of none it counts as not running; of devices that the store
 * knows nothing of any more neither is known.
 */
function uptimeFigure({ devices }: Gathered, possible: ReadonlyMap<string, number>): ReportFigure {
  const known = devices.filter(({ device }) => possible.has(device))
  const heard = known.filter(({ toldMs }) => toldMs !== null)
  const could = known.reduce((sum, { device }) => sum + possible.get(device)!, 0)
  const ran = heard.reduce((sum, { device, toldMs }) => sum + Math.min(toldMs!, possible.get(device)!), 0)
  return {
    ...plainFigure({
      id: 'uptime',
      label: 'Uptime of agents',
      unit: 'share',
      value: heard.length === 0 || could === 0 ? null : ran / could,
    }),
    ...{ n: heard.length, note: 'By the ledgers of devices; time that a device has not told of yet counts as not running.' },
  }
}

function deviceTable(devices: readonly DeviceTraffic[], possible: ReadonlyMap<string, number>): ReportTable {
  return {
    ...{ kind: 'table', id: 'devices', title: '', keys: 1, note: '' },
    columns: [
      { id: 'device', label: 'Device', unit: 'text' },
      { id: 'uptime', label: 'Uptime', unit: 'share' },
      { id: 'requests', label: 'Requests', unit: 'count' },
      { id: 'errors', label: 'Failed', unit: 'count' },
      { id: 'p50', label: 'p50', unit: 'ms' },
      { id: 'p95', label: 'p95', unit: 'ms' },
      { id: 'p99', label: 'p99', unit: 'ms' },
      { id: 'labelled', label: 'Labelled', unit: 'count' },
      { id: 'accuracy', label: 'Accuracy', unit: 'share' },
      { id: 'accuracy-low', label: 'from', unit: 'share' },
      { id: 'accuracy-high', label: 'to', unit: 'share' },
    ],
    rows: devices.map(({ device, toldMs, hasTraffic, requests, errors, latencyMs, labelled, classified, right }) => {
      const could = possible.get(device) ?? 0
      const interval = wilsonInterval(right, classified)
      return [
        ...[device, toldMs === null || could === 0 ? null : Math.min(1, toldMs / could)],
        ...[
          hasTraffic ? requests : null,
          hasTraffic ? errors : null,
          latencyMs?.p50 ?? null,
          latencyMs?.p95 ?? null,
          latencyMs?.p99 ?? null,
        ],
        ...[labelled, classified === 0 ? null : right / classified, interval?.low ?? null, interval?.high ?? null],
      ]
    }),
  }
}

function stateTable({ store }: ReportSources, { devices }: ReportScope): ReportTable {
  const known = new Map(store.roster.all().map(({ row, state }) => [row.device, state.health]))
  const counts = new Map<string, number>()
  let gone = 0
  for (const device of devices) {
    const health = known.get(device)
    if (health === undefined) gone += 1
    else counts.set(health, (counts.get(health) ?? 0) + 1)
  }
  return {
    ...{ kind: 'table', id: 'states', title: '', keys: 1, note: '' },
    columns: [
      { id: 'state', label: 'State', unit: 'text' },
      { id: 'devices', label: 'Devices', unit: 'count' },
    ],
    rows: [...healths.map((health) => [health, counts.get(health) ?? 0]), ...(gone === 0 ? [] : [['left the fleet', gone]])],
  }
}
