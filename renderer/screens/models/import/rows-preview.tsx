import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { formatBytes, plural } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import styles from './import.module.css'

type InspectedRows = NonNullable<OutputOf<'models.inspect'>['train']>

/** The head of a CSV file with the column of the truth marked. */
export function RowsPreview({ title, rows }: { title: string; rows: InspectedRows }) {
  const { columnCount, target, classes } = rows
  // The truth stands first: it is often the last of many columns, out of sight.
  const places = rows.columns.map((_, i) => i).sort((a, b) => Number(rows.columns[b] === target) - Number(rows.columns[a] === target))
  const columns = places.map((place) => rows.columns[place]!)
  return (
    <Section title={title} actions={<span className="dim foreign">{`${rows.fileName}, ${formatBytes(rows.sizeBytes)}`}</span>}>
      {rows.problem !== null && <ProblemBox problem={rows.problem} />}
      {columns.length > 0 && (
        <>
          <p>
            {plural(columnCount, 'column')}.{' '}
            {target === null ? (
              'No column is taken for the truth.'
            ) : (
              <>
                <span className="mono foreign">{target}</span> is the truth
                {classes === null ? '.' : `: ${plural(classes.length, 'class', 'classes')} in the first rows.`}
              </>
            )}
          </p>
          <div className={styles.preview} tabIndex={0} role="region" aria-label={`First rows of ${rows.fileName}`}>
            <table>
              <thead>
                <tr>
                  {columns.map((column) => (
                    <th key={column} scope="col" data-target={column === target || undefined} title={column}>
                      {column}
                      {column === target && <span className="sr-only"> (the truth)</span>}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.rows.map((cells, row) => (
                  // Rows of a file have no name; their order never changes.
                  <tr key={row}>
                    {columns.map((column, i) => (
                      <td key={column} data-target={column === target || undefined}>
                        {cells[places[i]!] ?? ''}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Section>
  )
}
