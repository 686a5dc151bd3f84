import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { textOf, type BenchRow } from './bench-rows.ts'
import styles from './bench.module.css'
import { outcomeText } from './outcome-words.ts'
import type { PictureShape } from '../../../../shared/domain/picture-shape.ts'
import { Thumb } from './thumb.tsx'

type Examples = OutputOf<'models.examples'>

/** An example as a row of the bench. */
export function exampleRow({ values, expected }: Examples['rows'][number], index: number): BenchRow {
  return {
    name: `Example ${index + 1}`,
    values: values.map((value) => (typeof value === 'string' ? value : textOf(value))),
    expected: expected === null ? null : { kind: 'import', text: expected.kind === 'class' ? expected.label : textOf(expected.value) },
  }
}

/** Rows of the golden set to choose from, each with the answer that the model gave at its import. */
export function ExamplesStrip({
  examples,
  picture,
  picked,
  onPick,
}: {
  examples: Examples
  picture: PictureShape | null
  picked: number | null
  onPick(index: number): void
}) {
  const from = examples.source === 'golden' ? 'from the golden set' : 'from the middle of the training ranges'
  return (
    <div className={styles.examples} role="group" aria-label={`Examples ${from}`} tabIndex={-1}>
      {examples.rows.map((one, index) => {
        const row = exampleRow(one, index)
        const said = one.expected === null ? 'no answer kept' : outcomeText(one.expected)
        return (
          <button
            key={row.name}
            type="button"
            className={styles.example}
            aria-pressed={picked === index}
            aria-label={`${row.name}: ${said}`}
            onClick={() => onPick(index)}
          >
            {picture === null ? <span className="dim">{index + 1}</span> : <Thumb shape={picture} values={row.values} />}
            <span className="foreign">{said}</span>
          </button>
        )
      })}
    </div>
  )
}
