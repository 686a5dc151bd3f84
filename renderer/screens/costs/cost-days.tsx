import { amountText } from '../../../shared/domain/money.ts'
import { StackChart } from '../../components/charts/stack-chart.tsx'
import { formatBytes } from '../../components/format.ts'
import type { CostReport } from './cost-columns.tsx'

const DAY_MS = 86_400_000

/** The days of a report, stacked by what the money is for; in bytes while nothing has a price. */
export function CostDays({ report, height }: { report: CostReport; height: number }) {
  const { from, through, currency, rows } = report
  const byDay = new Map(rows.map((row) => [Date.parse(`${row.key}T00:00:00Z`), row]))
  const times = Array.from({ length: Math.round((through - from) / DAY_MS) }, (_, i) => from + i * DAY_MS)
  const valuesOf = (name: 'transfer' | 'compute' | 'storage' | 'bytesIn' | 'bytesOut') =>
    times.map((time) => byDay.get(time)?.[name] ?? null)
  const isMoney = report.total.total > 0
  const parts = isMoney
    ? [
        { id: 'transfer', name: 'Transfer', values: valuesOf('transfer') },
        { id: 'compute', name: 'Computing', values: valuesOf('compute') },
        { id: 'storage', name: 'Storage', values: valuesOf('storage') },
      ]
    : [
        { id: 'in', name: 'Received', values: valuesOf('bytesIn') },
        { id: 'out', name: 'Sent', values: valuesOf('bytesOut') },
      ]
  return (
    <StackChart
      title={isMoney ? 'Costs per day' : 'Bytes per day'}
      {...(isMoney ? { unit: currency } : {})}
      height={height}
      {...{ times, from, through, parts }}
      format={isMoney ? amountText : formatBytes}
      emptyText="No device told of its use in this period"
    />
  )
}
