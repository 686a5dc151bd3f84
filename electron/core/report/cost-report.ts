import { plainFigure, type ReportChart, type ReportFigure, type ReportTable } from '../../../shared/domain/report/document.ts'
import { moneyText } from '../../../shared/domain/money.ts'
import type { CostReport as CostAnswer } from '../costs/costs.ts'
import { counted, section, type ReportMaker } from './draft.ts'
import type { ReportSources } from './sources.ts'

const keys = ['cause', 'link', 'site', 'device', 'rollout', 'day'] as const
type By = (typeof keys)[number]
type CostReport = Omit<CostAnswer, 'budget'>
const titles: Record<By, string> = {
  cause: 'By cause',
  link: 'By link',
  site: 'By site',
  device: 'By device',
  rollout: 'By rollout',
  day: 'By day (UTC)',
}
const MOST_ROWS = 10_000
const MOST_BARS = 400
const DAY_MS = 86_400_000

/** What a period cost and what it was worth, at the prices of the sheet that the report carries. Days are whole, UTC. */
export const costReport: ReportMaker = async (sources, scope, { signal, progress }) => {
  const { question } = scope
  const { query, from, through } = question
  progress(null, 'adding up days')
  const reports = await sources.costs.reports({ query, from, through, limit: MOST_ROWS }, keys, () => signal.throwIfAborted())
  const whole = reports.get('cause')!
  const { total, currency } = whole
  return {
    title: 'Cost report',
    sentence: `${moneyText(total.total, currency)} for ${counted(total.inferences, 'inference', 'inferences')}: transfer ${moneyText(total.transfer, currency)}, computing ${moneyText(total.compute, currency)}, storage ${moneyText(total.storage, currency)}.`,
    models: [],
    sections: [
      section('summary', 'Summary', [
        { kind: 'figures', id: 'summary', figures: [...costFigures(whole), ...returnFigures(sources, whole)] },
      ]),
      ...keys.flatMap((by) => [
        section(by, titles[by], by === 'day' ? [dayChart(reports.get(by)!), table(by, reports.get(by)!)] : [table(by, reports.get(by)!)]),
      ]),
      section('prices', 'Prices', [priceTable(sources)]),
    ],
  }
}

function costFigures({ total, perThousandInferences, from, through }: CostReport): ReportFigure[] {
  const days = (through - from) / DAY_MS
  return [
    plainFigure({ id: 'total', label: 'Cost', unit: 'money', value: total.total }),
    plainFigure({ id: 'transfer', label: 'Transfer', unit: 'money', value: total.transfer }),
    plainFigure({ id: 'compute', label: 'Computing', unit: 'money', value: total.compute }),
    plainFigure({ id: 'storage', label: 'Storage', unit: 'money', value: total.storage }),
    plainFigure({ id: 'inferences', label: 'Inferences', unit: 'count', value: total.inferences }),
    plainFigure({ id: 'per-thousand', label: 'Cost of 1,000 inferences', unit: 'money', value: perThousandInferences }),
    plainFigure({ id: 'bytes-in', label: 'Received by devices', unit: 'bytes', value: total.bytesIn }),
    plainFigure({ id: 'bytes-out', label: 'Sent by devices', unit: 'bytes', value: total.bytesOut }),
    plainFigure({ id: 'cpu', label: 'CPU time', unit: 'seconds', value: total.cpuSeconds }),
    plainFigure({ id: 'days', label: 'Days', unit: 'number', value: days }),
  ]
}

/** What the answers were worth, by the value that the price sheet gives an inference; null where nobody has said one. */
function returnFigures({ costs }: ReportSources, { total }: CostReport): ReportFigure[] {
  const value = costs.sheet().valuePerThousandInferences
  const worth = value === null ? null : (value * total.inferences) / 1000
  const note = value === null ? 'The price sheet names no value of an inference: valuePerThousandInferences.' : ''
  return [
    plainFigure({ id: 'value', label: 'Value of the answers', unit: 'money', value: worth, note }),
    plainFigure({ id: 'margin', label: 'Value less cost', unit: 'money', value: worth === null ? null : worth - total.total }),
    plainFigure({
      ...{ id: 'return', label: 'Value per unit of cost', unit: 'number' },
      value: worth === null || total.total === 0 ? null : worth / total.total,
    }),
  ]
}

function table(by: By, { rows, totalRows }: CostReport): ReportTable {
  return {
    ...{ kind: 'table', id: 'rows', title: '', keys: 1 },
    note: totalRows > rows.length ? `The ${rows.length} rows that cost most of ${totalRows}.` : '',
    columns: [
      { id: 'key', label: `${by[0]!.toUpperCase()}${by.slice(1)}`, unit: 'text' },
      { id: 'devices', label: 'Devices', unit: 'count' },
      { id: 'transfer', label: 'Transfer', unit: 'money' },
      { id: 'compute', label: 'Computing', unit: 'money' },
      { id: 'storage', label: 'Storage', unit: 'money' },
      { id: 'total', label: 'Total', unit: 'money' },
      { id: 'bytes-in', label: 'Received', unit: 'bytes' },
      { id: 'bytes-out', label: 'Sent', unit: 'bytes' },
      { id: 'cpu', label: 'CPU', unit: 'seconds' },
      { id: 'inferences', label: 'Inferences', unit: 'count' },
    ],
    rows: rows.map((row) => [
      ...[row.key === '' ? `no ${by}` : row.key, row.devices, row.transfer, row.compute, row.storage, row.total],
      ...[row.bytesIn, row.bytesOut, row.cpuSeconds, row.inferences],
    ]),
  }
}

/** Cost over time; of a period of years some days stand together. */
function dayChart({ rows, from, through }: CostReport): ReportChart {
  const days = Math.round((through - from) / DAY_MS)
  const bucketMs = DAY_MS * Math.max(1, Math.ceil(days / MOST_BARS))
  const times = Array.from({ length: Math.ceil((through - from) / bucketMs) }, (_, i) => from + i * bucketMs)
  const totals = new Map<number, number>()
  for (const { key, total } of rows) {
    const at = from + Math.floor((Date.parse(`${key}T00:00:00Z`) - from) / bucketMs) * bucketMs
    totals.set(at, (totals.get(at) ?? 0) + total)
  }
  return {
    ...{ kind: 'chart', id: 'days', title: 'Cost by day', unit: 'money', form: 'bars', bucketMs, times, zone: 'UTC' },
    series: [{ id: 'total', name: 'cost', values: times.map((time) => totals.get(time) ?? null), low: null, high: null }],
  }
}

function priceTable({ costs }: ReportSources): ReportTable {
  const sheet = costs.sheet()
  return {
    ...{
      kind: 'table',
      id: 'prices',
      title: '',
      keys: 1,
      note: 'The prices of the moment when the report was made, also for days before.',
    },
    columns: [
      { id: 'what', label: 'What', unit: 'text' },
      { id: 'price', label: 'Price', unit: 'money' },
    ],
    rows: [
      ...sheet.links.map(({ name, pricePerGigabyte }) => [`a gigabyte by ${name}`, pricePerGigabyte]),
      ['an hour of CPU', sheet.computePerHour],
      ['a gigabyte on a disk for a month', sheet.storagePerGigabyteMonth],
      ['value of 1,000 inferences', sheet.valuePerThousandInferences],
    ],
  }
}
