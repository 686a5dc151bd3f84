import type { Manifest } from '../domain/bundle.ts'
import { Problem } from '../domain/problem.ts'
import { batchRows, isFiniteTensor, numberAt, type Tensor } from './tensor.ts'

/** What the model said about one row. `index` is -1 if the class is a text and the bundle declares no labels. */
export type RowOutcome = { kind: 'class'; index: number; label: string; confidence: number | null } | { kind: 'value'; value: number }

/** What reading an outcome needs of a manifest. */
export type OutcomeRules = Pick<Manifest, 'task' | 'labels' | 'outcome'> & { validation?: Manifest['validation'] }

/**
 * Reads the prediction of every row from the outputs; `null` for a task that has no known outcome, and for an answer with numbers that are
 * not finite where the bundle lets such answers pass.
 * @throws Problem `inference.failed` if an output is absent, of a wrong shape, not finite, or names a class that is not declared
 */
export function readOutcomes(manifest: OutcomeRules, outputs: readonly Tensor[]): RowOutcome[] | null {
  const { task, outcome } = manifest
  if (letsNotFinitePass(manifest) && !outputs.every(isFiniteTensor)) return null
  if (task === 'regression' && outcome.value !== null) return readValues(named(outputs, outcome.value))
  if (task !== 'classification') return null
  if (outcome.label === null && outcome.probabilities === null) return null
  const probabilities = outcome.probabilities === null ? null : readProbabilities(named(outputs, outcome.probabilities), manifest.labels)
  if (outcome.label === null) return probabilities!.map((row) => classOf(manifest.labels, largest(row), row))
  const label = named(outputs, outcome.label)
  const rows = columnRows(label)
  if (probabilities !== null && probabilities.length !== rows)
    throw failed(`Outputs "${label.name}" and "${outcome.probabilities}" differ in rows.`)
  const policy = manifest.validation?.output?.['unknown-label'] ?? 'reject'
  const cell = { output: label.name, read: labelReader(manifest.labels), mayBeUnknown: policy !== 'reject' }
  const outcomes: RowOutcome[] = []
  for (let row = 0; row < rows; row += 1)
    outcomes.push(labelled(manifest.labels, { ...cell, row, value: label.data[row]! }, probabilities?.[row] ?? null))
  return outcomes
}

function letsNotFinitePass({ validation }: OutcomeRules): boolean {
  const policy = validation?.output?.['not-finite']
  return policy === 'flag' || policy === 'pass'
}

/**
 * The probability rows of an output of shape [rows, classes]. A single column is the probability of the second of two classes.
 * @throws Problem `inference.failed` for a wrong shape or a value that is not finite
 */
export function readProbabilities(output: Tensor, labels: readonly string[]): number[][] {
  const rows = batchRows(output.shape)
  const columns = rows === 0 ? 0 : output.data.length / rows
  if (rows > 0 && (!Number.isInteger(columns) || columns < 1)) throw failed(`Output "${output.name}" has no class scores per row.`)
  if (labels.length > 0 && columns > 1 && columns !== labels.length) {
    throw failed(`Output "${output.name}" has ${columns} classes; the bundle declares ${labels.length} labels.`)
  }
  // Loops, not callbacks: every inference comes through here.
  const all: number[][] = []
  for (let row = 0; row < rows; row += 1) {
    const scores: number[] = columns === 1 ? [1 - finite(output, row, row)] : []
    for (let column = 0; column < columns; column += 1) scores.push(finite(output, row * columns + column, row))
    all.push(scores)
  }
  return all
}

function readValues(output: Tensor): RowOutcome[] {
  return Array.from({ length: columnRows(output) }, (_, row) => ({ kind: 'value', value: finite(output, row, row) }))
}

/** Rows of an output with one element per row, of shape [rows] or [rows, 1]. */
function columnRows(output: Tensor): number {
  const rows = batchRows(output.shape)
  if (output.data.length !== rows) throw failed(`Output "${output.name}" of shape [${output.shape.join(', ')}] has not one value per row.`)
  return rows
}

interface LabelCell {
  output: string
  row: number
  read: LabelReader
  /** The bundle lets classes pass that it does not declare: they have the index -1. */
  mayBeUnknown: boolean
  value: number | bigint | string
}

function labelled(labels: readonly string[], cell: LabelCell, scores: number[] | null): RowOutcome {
  const text = String(cell.value)
  if (typeof cell.value === 'string' && labels.length === 0)
    return { kind: 'class', index: -1, label: text, confidence: confidenceOf(scores, scores === null ? -1 : largest(scores)) }
  const index = cell.read(cell.value)
  if (index !== -1) return classOf(labels, index, scores)
  if (cell.mayBeUnknown) return { kind: 'class', index: -1, label: text, confidence: null }
  throw failed(
    `Output "${cell.output}" of row ${cell.row} says class "${text.slice(0, 64)}", which is none of the ${labels.length} labels.`,
  )
}

function classOf(labels: readonly string[], index: number, scores: number[] | null): RowOutcome {
  if (labels.length > 0 && index >= labels.length)
    throw failed(`The model says class ${index}; the bundle declares ${labels.length} labels.`)
  return { kind: 'class', index, label: labels[index] ?? String(index), confidence: confidenceOf(scores, index) }
}

/** A score is a probability only within 0 and 1 (float error allowed); anything else is no confidence. */
function confidenceOf(scores: readonly number[] | null, index: number): number | null {
  const score = scores?.[index]
  return score === undefined || score < -1e-6 || score > 1 + 1e-6 ? null : Math.min(1, Math.max(0, score))
}

/** The class index that a cell of a label output says; -1 if it is none of the labels. */
export type LabelReader = (cell: number | bigint | string) => number

const readers = new WeakMap<readonly string[], LabelReader>()

/**
 * Reads cells of a label output: texts by name, numbers by position. Classes with names like 1, 2, 3 are told by name, not by position
 * (scikit-learn's ONNX does so).
 */
export function labelReader(labels: readonly string[]): LabelReader {
  const known = readers.get(labels)
  if (known !== undefined) return known
  // The first of two equal labels is the one that is meant.
  const byName = new Map(labels.map((label, index) => [label, index] as const).reverse())
  const isByName = labelsAreNumbers(labels)
  const read: LabelReader = (cell) => {
    if (typeof cell === 'string' || isByName) return byName.get(String(cell)) ?? -1
    const index = Number(cell)
    return Number.isSafeInteger(index) && index >= 0 && (labels.length === 0 || index < labels.length) ? index : -1
  }
  readers.set(labels, read)
  return read
}

/** True where the labels are whole numbers that are not all positions of classes: then a number is the name of a class. */
export function labelsAreNumbers(labels: readonly string[]): boolean {
  if (labels.length === 0 || !labels.every((label) => /^(0|-?[1-9]\d{0,15})$/.test(label))) return false
  return !labels.every((label) => Number(label) >= 0 && Number(label) < labels.length)
}

function largest(scores: readonly number[]): number {
  let best = 0
  for (let i = 1; i < scores.length; i += 1) if (scores[i]! > scores[best]!) best = i
  return best
}

function named(outputs: readonly Tensor[], name: string): Tensor {
  const output = outputs.find((tensor) => tensor.name === name)
  if (output === undefined) throw failed(`The model gave no output "${name}".`)
  return output
}

function finite(output: Tensor, index: number, row: number): number {
  const value = numberAt(output, index)
  if (!Number.isFinite(value))
    throw failed(`Output "${output.name}" of row ${row} is ${Number.isNaN(value) ? 'not a number' : 'infinite'}.`)
  return value
}

function failed(message: string): Problem {
  return new Problem('inference.failed', message)
}
