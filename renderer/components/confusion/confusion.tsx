import { useMemo } from 'react'
import { formatPercent } from '../format.ts'
import { confusionTable } from './confusion-shares.ts'
import styles from './confusion.module.css'

/** A confusion matrix as a table that can be read aloud: shading follows the share of the row, the numbers say it. */
export function Confusion({ matrix, labels }: { matrix: readonly (readonly number[])[]; labels: readonly string[] }) {
  const { classes, cells, worst } = useMemo(() => confusionTable(matrix, labels), [matrix, labels])
  return (
    <div className={styles.stack}>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label="Confusion matrix">
        <table className={styles.matrix}>
          <caption>Rows: the true class. Columns: what the model said.</caption>
          <thead>
            <tr>
              <th scope="col">
                <span className="sr-only">True class</span>
              </th>
              {classes.map(({ label }, i) => (
                <th key={`${i} ${label}`} scope="col" title={label}>
                  {label}
                </th>
              ))}
              <th scope="col" title="Share of the rows of the class that were recognised">
                recall
              </th>
              <th scope="col" title="Share that is right where the model says this class">
                precision
              </th>
            </tr>
          </thead>
          <tbody>
            {cells.map((row, truth) => (
              <tr key={`${truth} ${classes[truth]!.label}`}>
                <th scope="row" title={classes[truth]!.label}>
                  {classes[truth]!.label}
                </th>
                {row.map(({ count, level, isRight }, column) => (
                  <td
                    key={`${column} ${classes[column]!.label}`}
                    data-kind={isRight ? 'right' : 'wrong'}
                    data-zero={count === 0 || undefined}
                    style={{ '--level': level } as React.CSSProperties}
                    title={`True ${classes[truth]!.label}, said ${classes[column]!.label}: ${count}`}
                  >
                    {count}
                  </td>
                ))}
                <td data-kind="rate">{rate(classes[truth]!.recall)}</td>
                <td data-kind="rate">{rate(classes[truth]!.precision)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="dim">
        {worst.length === 0
          ? 'No row was taken for another class.'
          : `Mixed up most often: ${worst.map(({ truth, predicted, count }) => `${truth} taken for ${predicted} (${count})`).join(', ')}.`}
      </p>
    </div>
  )
}

function rate(share: number | null): string {
  return share === null ? '–' : formatPercent(share)
}
