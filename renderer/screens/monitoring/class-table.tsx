import { formatCount, formatPercent } from '../../components/format.ts'
import type { Quality } from './monitoring-words.ts'
import styles from './version.module.css'

/** Precision, recall and F1 per class, with how many rows they rest on. */
export function ClassTable({ classes }: { classes: Quality['classes'] }) {
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label="Scores per class">
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Class</th>
            {['Support', 'Predicted', 'Precision', 'Recall', 'F1'].map((name) => (
              <th key={name} scope="col" data-numeric>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classes.map(({ label, support, predicted, precision, recall, f1 }) => (
            <tr key={label}>
              <th scope="row" className="foreign">
                {label}
              </th>
              <td data-numeric>{formatCount(support)}</td>
              <td data-numeric>{formatCount(predicted)}</td>
              <td data-numeric>{formatPercent(precision)}</td>
              <td data-numeric>{recall === null ? 'undefined' : formatPercent(recall)}</td>
              <td data-numeric>{formatPercent(f1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
