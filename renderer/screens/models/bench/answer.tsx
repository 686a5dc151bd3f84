import type { Manifest } from '../../../../shared/domain/bundle.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { formatMs, formatPercent } from '../../../components/format.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import { shapeText } from '../version/tensor-text.ts'
import type { BenchRow } from './bench-rows.ts'
import styles from './bench.module.css'
import { meetsExpectation, orderedProbabilities, outcomeText, type Outcome, type Tried, type TriedRow } from './outcome-words.ts'

/** Values of a raw output that are shown. */
const MOST_RAW = 60

/** What a version said about a row: the answer, how probable each class is, how long it took, what was odd about the row. */
export function Answer({
  title,
  tried,
  row,
  expected,
  labels,
  isStale,
}: {
  title: string
  tried: Tried
  row: TriedRow
  expected: BenchRow['expected']
  labels: Manifest['labels']
  isStale: boolean
}) {
  const { outcome, probabilities } = row
  return (
    <section className={styles.answer} aria-label={`Answer of ${title}`} data-stale={isStale || undefined}>
      <h3 className="foreign">{title}</h3>
      {row.problem !== null && <ProblemBox problem={row.problem} />}
      {outcome !== null && (
        <div className={styles.said} role="status">
          <strong className="foreign">{outcomeText(outcome)}</strong>
          {outcome.kind === 'class' && outcome.confidence !== null && <span className="dim">{formatPercent(outcome.confidence)} sure</span>}
          <Expectation outcome={outcome} expected={expected} />
        </div>
      )}
      {probabilities !== null && probabilities.length > 0 && (
        <Probabilities probabilities={orderedProbabilities(probabilities, labels)} said={outcome === null ? null : outcomeText(outcome)} />
      )}
      {row.ms !== null && (
        <span className="dim">
          {formatMs(row.ms)} in onnxruntime {tried.runtimeVersion ?? ''}, on this console
          {tried.isWarm ? '' : `; loading it took ${formatMs(tried.loadMs)}`}
        </span>
      )}
      <RowNotes row={row} />
      <RawOutputs row={row} isOpen={outcome === null && row.problem === null} />
    </section>
  )
}

function Expectation({ outcome, expected }: { outcome: Outcome; expected: BenchRow['expected'] }) {
  if (expected === null) return null
  const isMet = meetsExpectation(outcome, expected)
  if (isMet === null) return <span className="dim">true value {expected.text}</span>
  if (expected.kind === 'truth')
    return <StateMark state={isMet ? 'ok' : 'failed'} word={isMet ? 'right' : `wrong: the truth is ${expected.text}`} />
  return <StateMark state={isMet ? 'ok' : 'attention'} word={isMet ? 'as in the golden set' : `the golden set says ${expected.text}`} />
}

/** Most bars that are drawn; the rest are hardly probable. */
const MOST_BARS = 12

function Probabilities({ probabilities, said }: { probabilities: NonNullable<TriedRow['probabilities']>; said: string | null }) {
  return (
    <table className={styles.probabilities}>
      <caption className="sr-only">Probability of each class</caption>
      <tbody>
        {probabilities.slice(0, MOST_BARS).map(({ label, probability }) => (
          <tr key={label} data-said={label === said || undefined}>
            <th scope="row" className="foreign" title={label}>
              {label}
            </th>
            <td>
              <div className={styles.track}>
                <div className={styles.fill} style={{ width: `${Math.max(0, Math.min(1, probability)) * 100}%` }} />
              </div>
            </td>
            <td>{formatPercent(probability)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function RowNotes({ row }: { row: TriedRow }) {
  const notes = [
    ...row.refused.map((note) => ({ ...note, state: 'failed' as const })),
    ...row.unusual.map((note) => ({ ...note, state: 'attention' as const })),
  ]
  if (notes.length === 0) return null
  return (
    <ul className={styles.notes} aria-label="Notes on the values">
      {notes.slice(0, 8).map((note) => (
        <li key={`${note.state} ${note.index}`} className="foreign">
          <StateMark state={note.state} word={note.column} /> <span className="mono">{note.value}</span> {note.why}
        </li>
      ))}
      {notes.length > 8 && <li className="dim">and {notes.length - 8} more values</li>}
    </ul>
  )
}

function RawOutputs({ row, isOpen }: { row: TriedRow; isOpen: boolean }) {
  if (row.outputs.length === 0) return null
  return (
    <details className={styles.outputs} open={isOpen || undefined}>
      <summary className="dim">Raw outputs</summary>
      {row.outputs.map(({ name, datatype, shape, data, isCut }) => (
        <div key={name}>
          <span className="mono foreign">
            {name} {datatype} {shapeText(shape)}
          </span>
          <div className="mono dim">
            {data.slice(0, MOST_RAW).map(String).join(', ')}
            {data.length > MOST_RAW || isCut ? ', …' : ''}
          </div>
        </div>
      ))}
    </details>
  )
}
