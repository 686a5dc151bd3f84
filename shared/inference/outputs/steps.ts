import type { TensorSpec } from '../../domain/bundle.ts'
import type { PostprocessingStep } from '../../domain/pipeline.ts'
import { Problem } from '../../domain/problem.ts'
import { refuseStep, type Place } from '../refuse.ts'
import { numberAt, type Tensor } from '../tensor.ts'
import { checkClasses, checkNumbers, floatingLike, largestAt, rowsOf, type CompiledOutput } from './compiled.ts'
import { compileTopK } from './top-k.ts'

/** Compiles a step that reads `from`. `labels` are those of the bundle. @throws Problem `bundle.pipeline-invalid` */
export function compileOutput(step: PostprocessingStep, of: { from: TensorSpec; place: Place; labels: readonly string[] }): CompiledOutput {
  const { from, place } = of
  switch (step.step) {
    case 'softmax':
      checkClasses(from, place)
      return { from: from.name, run: (source) => [softmax(source, step.to)] }
    case 'sigmoid':
      checkNumbers(from, place)
      return { from: from.name, run: (source) => [sigmoid(source, step.to)] }
    case 'argmax':
      checkClasses(from, place)
      return { from: from.name, run: (source) => [argmax(source, step.to)] }
    case 'threshold':
      checkNumbers(from, place)
      return { from: from.name, run: (source) => [threshold(source, step.to, step.at)] }
    case 'top-k':
      return compileTopK(step, from, place)
    case 'label-map':
      return compileLabelMap(step, of)
  }
}

/** `exp(x - m) / sum of exp(x - m)` over the last axis, `m` its largest value. */
export function softmax(source: Tensor, name: string): Tensor {
  const { width, count } = rowsOf(source)
  const made = floatingLike(source, name, [...source.shape])
  const row = new Float64Array(width)
  for (let r = 0; r < count; r += 1) {
    const largest = numberAt(source, r * width + largestAt(source, r, width))
    let sum = 0
    for (let i = 0; i < width; i += 1) {
      row[i] = Math.exp(numberAt(source, r * width + i) - largest)
      sum += row[i]!
    }
    for (let i = 0; i < width; i += 1) made.data[r * width + i] = row[i]! / sum
  }
  return made
}

/** `1 / (1 + exp(-x))`, written as `exp(x) / (1 + exp(x))` below 0, where the first form would overflow. */
export function sigmoid(source: Tensor, name: string): Tensor {
  const made = floatingLike(source, name, [...source.shape])
  for (let i = 0; i < made.data.length; i += 1) {
    const x = numberAt(source, i)
    const e = Math.exp(-Math.abs(x))
    made.data[i] = x < 0 ? e / (1 + e) : 1 / (1 + e)
  }
  return made
}

/** Position of the largest value of the last axis; of equal ones the first; NaN is below every number. */
export function argmax(source: Tensor, name: string): Tensor {
  const { width, count } = rowsOf(source)
  const data = new BigInt64Array(count)
  for (let r = 0; r < count; r += 1) data[r] = BigInt(largestAt(source, r, width))
  return { name, datatype: 'INT64', shape: source.shape.slice(0, -1), data }
}

/** 1 where the value is at least `at`, else 0 (also for NaN). */
export function threshold(source: Tensor, name: string, at: number): Tensor {
  const data = new BigInt64Array(source.data.length)
  for (let i = 0; i < data.length; i += 1) data[i] = numberAt(source, i) >= at ? 1n : 0n
  return { name, datatype: 'INT64', shape: [...source.shape], data }
}

const wholeTypes = ['INT8', 'INT16', 'INT32', 'INT64', 'UINT8', 'UINT16', 'UINT32', 'UINT64']

/** The text of each class index. An index without a label is an unknown label, judged by the validation; its text is empty. */
function compileLabelMap(
  step: Extract<PostprocessingStep, { step: 'label-map' }>,
  { from, place, labels }: { from: TensorSpec; place: Place; labels: readonly string[] },
): CompiledOutput {
  const texts = step.labels ?? labels
  if (texts.length === 0) return refuseStep(place, 'neither the step nor the bundle declares labels.')
  if (!wholeTypes.includes(from.datatype))
    refuseStep(place, `output "${from.name}" is of ${from.datatype}; class indexes are whole numbers.`)
  return {
    from: from.name,
    run(source) {
      if (source.data.length > 0 && Array.isArray(source.data)) throw new Problem('inference.failed', `Output "${source.name}" has texts.`)
      const data = Array.from({ length: source.data.length }, (_, i) => texts[numberAt(source, i)] ?? '')
      return [{ name: step.to, datatype: 'BYTES', shape: [...source.shape], data }]
    },
  }
}
