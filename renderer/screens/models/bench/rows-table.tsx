import { StateMark } from '../../../components/state-mark.tsx'
import { formatMs } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import pageStyles from '../models.module.css'
import { Sentence } from '../sentence.tsx'
import styles from './bench.module.css'
import { isSameAnswer, meetsExpectation, outcomeSentence, type Tried, type TriedRow } from './outcome-words.ts'
import type { Bench } from './use-bench.ts'

/** Several rows with the answer to each, of both versions where two are asked. */
export function RowsTable({ bench, version, other }: { bench: Bench; version: string; other: string }) {
  const { asked, own, beside } = bench
  const answers = own.data?.rows ?? []
  const others = other === '' ? null : (beside.data?.rows ?? [])
  return (
    <Section title={`${asked.length} rows`} actions={<span className="dim">{summary(bench, others)}</span>}>
      <div className={pageStyles.scroll}>
        <table className={pageStyles.table}>
          <thead>
            <tr>
              <th scope="col">Row</th>
              <th scope="col">Expected</th>
              <th scope="col">{version}</th>
              {others !== null && <th scope="col">{other}</th>}
              {others !== null && <th scope="col">Both</th>}
              <th scope="col" data-numeric>
                Time
              </th>
            </tr>
          </thead>
          <tbody>
            {asked.map((row, i) => {
              const answer = answers[i]
              return (
                <tr key={row.name} aria-current={i === bench.active || undefined}>
                  <th scope="row">
                    <button type="button" className={styles.rowName} onClick={() => bench.setActive(i)}>
                      {row.name}
                    </button>
                  </th>
                  <td className="foreign">{row.expected?.text ?? <span className="dim">unknown</span>}</td>
                  <td>
                    <OneAnswer answer={answer} expected={row.expected} />
                  </td>
                  {others !== null && (
                    <td>
                      <OneAnswer answer={others[i]} expected={row.expected} />
                    </td>
                  )}
                  {others !== null && <td>{agreement(answer, others[i])}</td>}
                  <td data-numeric>{answer?.ms === undefined || answer.ms === null ? '' : formatMs(answer.ms)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </Section>
  )
}

function OneAnswer({ answer, expected }: { answer: TriedRow | undefined; expected: Bench['row']['expected'] }) {
  if (answer === undefined) return null
  if (answer.problem !== null) return <Sentence state="failed" word={answer.problem.message} />
  if (answer.outcome === null) return <span className="dim">see its outputs</span>
  const isMet = meetsExpectation(answer.outcome, expected)
  const text = outcomeSentence(answer.outcome)
  return isMet === null ? <span className="foreign">{text}</span> : <StateMark state={isMet ? 'ok' : 'attention'} word={text} />
}

function agreement(a: TriedRow | undefined, b: TriedRow | undefined): React.ReactNode {
  if (a?.outcome === null || b?.outcome === null || a === undefined || b === undefined) return null
  return isSameAnswer(a.outcome, b.outcome) ? <span className="dim">the same</span> : <StateMark state="attention" word="differ" />
}

function summary({ asked, own }: Bench, others: Tried['rows'] | null): string {
  const answers = own.data?.rows ?? []
  const judged = asked.flatMap((row, i) => {
    const outcome = answers[i]?.outcome
    const isMet = outcome === null || outcome === undefined ? null : meetsExpectation(outcome, row.expected)
    return isMet === null ? [] : [isMet]
  })
  const words = judged.length === 0 ? [] : [`${judged.filter(Boolean).length} of ${judged.length} as expected`]
  if (others !== null) {
    const both = asked.flatMap((_, i) => {
      const [a, b] = [answers[i]?.outcome, others[i]?.outcome]
      return a === null || a === undefined || b === null || b === undefined ? [] : [isSameAnswer(a, b)]
    })
    if (both.length > 0) words.push(`both say the same on ${both.filter(Boolean).length} of ${both.length}`)
  }
  return words.join('; ')
}
