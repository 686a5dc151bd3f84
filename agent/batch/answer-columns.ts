import type { Manifest, TensorSpec } from '../../shared/domain/bundle.ts'
import { Problem } from '../../shared/domain/problem.ts'
import { readOutcomes, type RowOutcome } from '../../shared/inference/outcome.ts'
import { batchRows, plainData, type Tensor } from '../../shared/inference/tensor.ts'

/** What a batch says of one row, in the order of its columns; the last one is the code of what failed, else null. */
export type RowAnswer = unknown[]

/** Type of a column of answers, for Parquet. */
export type AnswerType = 'STRING' | 'DOUBLE' | 'JSON'

/** The columns that a batch adds, and how the outputs of a request become their values. */
export interface AnswerColumns {
  columns: { name: string; type: AnswerType }[]
  /** Outputs to ask for. */
  wanted: string[]
  /** One answer per row. @throws Problem `inference.failed` if the outputs do not say what the bundle declares */
  read(outputs: readonly Tensor[], rows: number): RowAnswer[]
  failed(code: string): RowAnswer
}

interface ColumnOptions {
  manifest: Manifest
  /** What the model answers with. */
  outputs: readonly TensorSpec[]
  /** Names of outputs to add as columns of their own; all of them where the bundle declares no outcome. */
  added: readonly string[]
  prefix: string
}

/** The columns for a bundle: label and confidence of a class, or a value; then outputs; then the error. @throws Problem `usage` */
export function answerColumns({ manifest, outputs, added, prefix }: ColumnOptions): AnswerColumns {
  const unknown = added.find((name) => !outputs.some((output) => output.name === name))
  if (unknown !== undefined)
    throw new Problem('usage', `The model has no output '${unknown}'; its outputs are ${outputs.map(({ name }) => name).join(', ')}.`)
  const { label, probabilities, value } = manifest.outcome
  const kind =
    manifest.task === 'classification' && (label ?? probabilities) !== null
      ? 'class'
      : manifest.task === 'regression' && value !== null
        ? 'value'
        : null
  const shown = kind === null && added.length === 0 ? outputs.map(({ name }) => name) : added
  const outcome: { name: string; type: AnswerType }[] =
    kind === 'class'
      ? [
          { name: 'label', type: 'STRING' },
          { name: 'confidence', type: 'DOUBLE' },
        ]
      : kind === 'value'
        ? [{ name: 'value', type: 'DOUBLE' }]
        : []
  const forOutcome = kind === 'class' ? [label, probabilities] : kind === 'value' ? [value] : []
  const columns = [
    ...outcome,
    ...shown.map((name) => ({ name, type: typeOfOutput(outputs, name) })),
    { name: 'error', type: 'STRING' as const },
  ]
  return {
    columns: columns.map(({ name, type }) => ({ name: `${prefix}${name}`, type })),
    wanted: [...new Set([...forOutcome.filter((name) => name !== null), ...shown])],
    read(given, rows) {
      const outcomes = kind === null ? null : readOutcomes(manifest, given)
      if (outcomes !== null && outcomes.length !== rows)
        throw new Problem('inference.failed', `The model answered ${outcomes.length} rows; ${rows} were asked.`)
      const parts = shown.map((name) => rowParts(given, name, rows))
      return Array.from({ length: rows }, (_, row) => [...outcomeCells(outcomes?.[row]), ...parts.map((part) => part[row]), null])
    },
    failed: (code) => [...columns.slice(0, -1).map(() => null), code],
  }
}

function outcomeCells(outcome: RowOutcome | undefined): unknown[] {
  if (outcome === undefined) return []
  return outcome.kind === 'class' ? [outcome.label, outcome.confidence] : [outcome.value]
}

/** One number or text per row stays one; more become a list. */
function typeOfOutput(outputs: readonly TensorSpec[], name: string): AnswerType {
  const { shape, datatype } = outputs.find((output) => output.name === name)!
  if (!shape.slice(1).every((size) => size === 1)) return 'JSON'
  // Beyond 2^53 a number of Parquet or JSON is another one: 64-bit integers stay texts.
  return datatype === 'BYTES' || datatype === 'BOOL' ? 'JSON' : datatype.endsWith('INT64') ? 'STRING' : 'DOUBLE'
}

/** The values of an output, row by row. */
function rowParts(outputs: readonly Tensor[], name: string, rows: number): unknown[] {
  const output = outputs.find((tensor) => tensor.name === name)
  if (output === undefined || batchRows(output.shape) !== rows)
    throw new Problem('inference.failed', `The output ${name} has not one part per row.`)
  const data = plainData(output)
  const width = data.length / rows
  const isSingle = output.shape.slice(1).every((size) => size === 1)
  const cell = (value: unknown): unknown => (output.datatype.endsWith('INT64') ? String(value) : value)
  return Array.from({ length: rows }, (_, row) => (isSingle ? cell(data[row]) : data.slice(row * width, (row + 1) * width)))
}
