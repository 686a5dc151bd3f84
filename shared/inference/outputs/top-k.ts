import type { TensorSpec } from '../../domain/bundle.ts'
import type { PostprocessingStep } from '../../domain/pipeline.ts'
import { Problem } from '../../domain/problem.ts'
import { refuseStep, type Place } from '../refuse.ts'
import { numberAt, type Tensor } from '../tensor.ts'
import { checkClasses, floatingLike, isGreater, rowsOf, type CompiledOutput } from './compiled.ts'

/** The `k` largest values of the last axis, the largest first, of equal ones the first; and their positions. */
export function compileTopK(step: Extract<PostprocessingStep, { step: 'top-k' }>, from: TensorSpec, place: Place): CompiledOutput {
  checkClasses(from, place)
  const classes = from.shape.at(-1)!
  if (classes !== -1 && classes < step.k) refuseStep(place, `k is ${step.k}; output "${from.name}" has ${classes} classes.`)
  if (step.values === step.indices) refuseStep(place, `it makes two outputs named "${step.values}".`)
  return { from: from.name, run: (source) => topK(source, step) }
}

function topK(source: Tensor, { k, values, indices }: { k: number; values: string; indices: string }): Tensor[] {
  const { width, count } = rowsOf(source)
  if (width < k)
    throw new Problem('inference.failed', `Output "${source.name}" came with ${width} classes; the ${k} largest are asked for.`)
  const shape = [...source.shape.slice(0, -1), k]
  const best = floatingLike(source, values, shape)
  const places = new BigInt64Array(count * k)
  for (let row = 0; row < count; row += 1) {
    const order = Array.from({ length: width }, (_, i) => i).sort((a, b) => {
      const [x, y] = [numberAt(source, row * width + a), numberAt(source, row * width + b)]
      return isGreater(x, y) ? -1 : isGreater(y, x) ? 1 : a - b
    })
    for (let i = 0; i < k; i += 1) {
      best.data[row * k + i] = numberAt(source, row * width + order[i]!)
      places[row * k + i] = BigInt(order[i]!)
    }
  }
  return [best, { name: indices, datatype: 'INT64', shape: [...shape], data: places }]
}
