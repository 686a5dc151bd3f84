import type { TensorSpec } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { labelsAreNumbers } from '../../../shared/inference/outcome.ts'

const MAX_LABELS = 100_000
/** Different labels in a column of data; with more of them it is no column of classes. */
const MAX_LABELS_OF_DATA = 10_000
const MAX_LABEL_CHARACTERS = 256
const wholeNumber = /^[+-]?\d{1,15}(\.0*)?$/

/** The labels of ONNX metadata: a JSON array of texts (or numbers) under `labels`; `null` if there is none of that form. */
export function labelsOfMetadata(metadata: Readonly<Record<string, string>>): string[] | null {
  if (!Object.hasOwn(metadata, 'labels')) return null
  try {
    const value: unknown = JSON.parse(metadata['labels']!)
    if (!Array.isArray(value) || value.length === 0 || value.length > MAX_LABELS) return null
    const labels = value.map((label) => (typeof label === 'string' || typeof label === 'number' ? String(label) : ''))
    return labels.every((label) => label !== '' && label.length <= MAX_LABEL_CHARACTERS) ? labels : null
  } catch {
    // Whatever an exporter keeps under this name, it is no list of labels.
    return null
  }
}

/** A label as it is compared: without blanks around it, and whole numbers in their shortest form (`0.0` is `0`). */
export function labelText(cell: string): string {
  const text = cell.trim()
  return wholeNumber.test(text) ? String(Number(text)) : text
}

/** Collects the different labels of a column, up to one more than a column of classes has. A cell without a label counts for none. */
export function addLabel(found: Set<string>, cell: string | null): void {
  if (cell !== null && cell.trim() !== '' && found.size <= MAX_LABELS_OF_DATA) found.add(labelText(cell))
}

/**
 * Finds the class of a label cell: by name, else by position if it is a whole number within the labels. Where the labels are numbers
 * that are not their positions, a number is always a name, on a device as well: 1 of the classes 1, 2, 3 is the first.
 * @returns the class index, or -1
 */
export function labelLookup(labels: readonly string[]): (cell: string) => number {
  const exact = new Map(labels.map((label, index) => [label, index]))
  const written = new Map(labels.map((label, index) => [labelText(label), index]))
  return (cell) => {
    const text = labelText(cell)
    const named = exact.get(cell.trim()) ?? written.get(text)
    if (named !== undefined || labelsAreNumbers(labels)) return named ?? -1
    const position = wholeNumber.test(text) ? Number(text) : -1
    return position >= 0 && position < labels.length ? position : -1
  }
}

/**
 * Labels for a model that declares none, from the labels that its data has. With as many as the model has classes they are the
 * classes in ascending order; whole numbers that are positions within the classes make the positions the labels.
 * @param classes classes of the probability output, -1 or `null` if it does not say
 * @throws Problem `data.schema-mismatch` if the data has other labels than the model has classes
 */
export function labelsFromData(found: ReadonlySet<string>, classes: number | null): string[] {
  if (found.size > MAX_LABELS_OF_DATA)
    throw new Problem(
      'data.schema-mismatch',
      `The data has more than ${MAX_LABELS_OF_DATA} different labels; if they are values, say "task": "regression" in bundle.json.`,
    )
  const labels = [...found]
  const long = labels.find((label) => label.length > MAX_LABEL_CHARACTERS)
  if (long !== undefined)
    throw new Problem(
      'data.schema-mismatch',
      `The data has a label of ${long.length} characters ("${long.slice(0, 40)}…"); ${MAX_LABEL_CHARACTERS} are the most.`,
    )
  const ordered = labels.every((label) => Number.isFinite(Number(label)))
  const numbers = labels.every((label) => wholeNumber.test(label))
  labels.sort((a, b) => (ordered ? Number(a) - Number(b) : a < b ? -1 : 1))
  if (classes === null || classes < 2 || labels.length === classes) return labels
  if (numbers && labels.every((label) => Number(label) >= 0 && Number(label) < classes))
    return Array.from({ length: classes }, (_, k) => String(k))
  throw new Problem(
    'data.schema-mismatch',
    `The data has ${labels.length} different labels, the model ${classes} classes; name them in bundle.json as "labels".`,
  )
}

/** Classes that a probability output declares; `null` if it does not. */
export function classesOf(outputs: readonly TensorSpec[], probabilities: string | null): number | null {
  const shape = outputs.find((spec) => spec.name === probabilities)?.shape
  return shape?.length === 2 && shape[1]! >= 2 ? shape[1]! : null
}
