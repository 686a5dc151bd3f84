import { tasks, type Outcome, type Task, type TensorSpec } from '../domain/bundle.ts'
import { isFloating } from './tensor.ts'

const wholeTypes: readonly string[] = ['INT64', 'INT32', 'BYTES']
const columnOf = (spec: TensorSpec): boolean => spec.shape.length === 1 || (spec.shape.length === 2 && spec.shape[1] === 1)
const isLabel = (spec: TensorSpec): boolean => wholeTypes.includes(spec.datatype) && columnOf(spec)
const isScores = (spec: TensorSpec): boolean => isFloating(spec.datatype) && spec.shape.length === 2 && spec.shape[1] !== 1
const isColumn = (spec: TensorSpec): boolean => isFloating(spec.datatype) && columnOf(spec)

/** What the model does: as its metadata says, else what its outputs look like. Where they leave a doubt it is `other`. */
export function guessTask(metadata: Readonly<Record<string, string>>, outputs: readonly TensorSpec[]): Task {
  const said = Object.hasOwn(metadata, 'task') ? metadata['task']?.trim().toLowerCase() : undefined
  const known = tasks.find((task) => task === said)
  if (known !== undefined) return known
  const scores = outputs.filter(isScores)
  const namesClasses = Object.hasOwn(metadata, 'labels') || outputs.some((spec) => /prob/i.test(spec.name))
  if (outputs.some(isLabel) || (namesClasses && (scores.length > 0 || outputs.some(isColumn)))) return 'classification'
  const columns = outputs.filter(isColumn)
  return columns.length === 1 && outputs.length === 1 ? 'regression' : 'other'
}

/** Which outputs carry the prediction, by datatype and shape; the name decides only among several that would do. */
export function guessOutcome(task: Task, outputs: readonly TensorSpec[]): Outcome {
  if (task === 'regression')
    return { label: null, probabilities: null, value: preferred(outputs.filter(isColumn), /value|variable|pred|output/i) }
  if (task === 'other') return { label: null, probabilities: null, value: null }
  const label = preferred(outputs.filter(isLabel), /label|class/i)
  const scores = preferred(outputs.filter(isScores), /prob/i)
  return { label, probabilities: scores ?? preferred(outputs.filter(isColumn), /prob|score/i), value: null }
}

function preferred(candidates: readonly TensorSpec[], name: RegExp): string | null {
  return (candidates.find((spec) => name.test(spec.name)) ?? candidates[0])?.name ?? null
}
