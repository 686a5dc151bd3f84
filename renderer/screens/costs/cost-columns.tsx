import { Link as RouteLink } from 'wouter'
import { amountText } from '../../../shared/domain/money.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { formatBytes, formatCount, formatDuration, formatPercent } from '../../components/format.ts'
import type { Column } from '../../components/grid/column.ts'
import { paths } from '../../data/paths.ts'
import { keyText, type ReportKey } from './costs-view.ts'
import styles from './costs.module.css'

export type CostReport = OutputOf<'costs.report'>

/** A row with what is needed to show it alone. */
export type ShownCost = CostReport['rows'][number] & { by: ReportKey; share: number | null }

const titles: Record<ReportKey, string> = {
  device: 'Device',
  cause: 'Cause',
  link: 'Link',
  site: 'Site',
  day: 'Day (UTC)',
  rollout: 'Rollout',
}

type Numeric = { [Key in keyof ShownCost]: ShownCost[Key] extends number ? Key : never }[keyof ShownCost]

function numeric(id: Numeric, title: string, width: number, format: (value: number) => string): Column<ShownCost> {
  const text = (row: ShownCost): string => format(row[id])
  return { id, title, width, isNumeric: true, isSortable: true, cell: text, text }
}

/** The columns of a report; money in the currency of the price sheet. */
export function costColumns(by: ReportKey, currency: string): readonly Column<ShownCost>[] {
  const text = ({ key }: ShownCost): string => keyText(by, key)
  return [
    { id: 'key', title: titles[by], width: 190, isSortable: true, cell: (row) => <Name row={row} />, text },
    // A device is one.
    ...(by === 'device' ? [] : [numeric('devices', 'Devices', 76, formatCount)]),
    numeric('total', `Total, ${currency}`, 100, amountText),
    {
      id: 'share',
      title: 'Share',
      width: 120,
      isNumeric: true,
      cell: ({ share }) => (share === null ? '' : <Share share={share} />),
      text: ({ share }) => (share === null ? '' : formatPercent(share)),
    },
    numeric('transfer', 'Transfer', 88, amountText),
    numeric('compute', 'Computing', 88, amountText),
    numeric('storage', 'Storage', 88, amountText),
    numeric('bytesIn', 'Received', 88, formatBytes),
    numeric('bytesOut', 'Sent', 84, formatBytes),
    numeric('cpuSeconds', 'CPU time', 84, (seconds) => formatDuration(seconds * 1000)),
    numeric('inferences', 'Inferences', 96, formatCount),
  ]
}

function Name({ row: { by, key } }: { row: ShownCost }) {
  if (key === '') return <span className="dim">{keyText(by, key)}</span>
  if (by !== 'device' && by !== 'rollout') return <span className="foreign">{keyText(by, key)}</span>
  return (
    <RouteLink href={by === 'device' ? paths.device(key) : paths.rollout(Number(key))} tabIndex={-1} className="foreign">
      {keyText(by, key)}
    </RouteLink>
  )
}

function Share({ share }: { share: number }) {
  return (
    <span className={styles.share}>
      <span className={styles.shareBar} aria-hidden="true">
        <span style={{ width: `${Math.min(1, share) * 100}%` }} />
      </span>
      {formatPercent(share)}
    </span>
  )
}
