import { useMemo } from 'react'
import { categoryPairs, type OverlayBin } from '../../../shared/charts/overlay.ts'
import { formatPercent } from '../format.ts'
import styles from './charts.module.css'

/** Categories that there is room for; the rest is one row. */
const MOST = 14

const shareText = (share: number | null): string => (share === null ? '–' : formatPercent(share))

/** Shares of categories, reference above now, those that changed most first. It is a table, with bars. */
export function CategoryPairs({
  title,
  bins,
  referenceName,
  currentName,
}: {
  title: string
  bins: readonly OverlayBin[]
  referenceName: string
  currentName: string
}) {
  const pairs = useMemo(() => categoryPairs(bins, MOST), [bins])
  const most = Math.max(0.01, ...pairs.flatMap(({ reference, current }) => [reference ?? 0, current ?? 0]))
  const percent = (share: number | null): string => `${((share ?? 0) / most) * 100}%`
  return (
    <table className={styles.pairs}>
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Category</th>
          <th scope="col">
            <span className="sr-only">As bars</span>
          </th>
          <th scope="col" data-numeric>
            {referenceName}
          </th>
          <th scope="col" data-numeric>
            {currentName}
          </th>
        </tr>
      </thead>
      <tbody>
        {pairs.map(({ label, reference, current }) => (
          <tr key={label}>
            <th scope="row" className="foreign" title={label}>
              {label}
            </th>
            <td aria-hidden="true">
              <div className={styles.pairReference} style={{ width: percent(reference) }} />
              <div className={styles.pairCurrent} style={{ width: percent(current) }} />
            </td>
            <td data-numeric>{shareText(reference)}</td>
            <td data-numeric>{shareText(current)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
