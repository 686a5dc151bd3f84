import type { Datatype, TensorSpec } from '../../domain/bundle.ts'
import { Problem } from '../../domain/problem.ts'
import { refuseStep, type Place } from '../refuse.ts'
import { numberAt, type Tensor } from '../tensor.ts'

/** A step of postprocessing that fits the output it reads. */
export interface CompiledOutput {
  from: string
  /** @throws Problem `inference.failed` for an output of another form than was declared */
  run(source: Tensor): Tensor[]
}

/** Rows of the last axis. */
export interface Rows {
  width: number
  count: number
}

/** @throws Problem `bundle.pipeline-invalid` for an output without a last axis of classes, or without numbers */
export function checkClasses(spec: TensorSpec, place: Place): void {
  checkNumbers(spec, place)
  if (spec.shape.length < 2) refuseStep(place, `output "${spec.name}" has shape [${spec.shape.join(', ')}]; it needs [rows, classes].`)
}

/** @throws Problem `bundle.pipeline-invalid` for an output of texts */
export function checkNumbers(spec: TensorSpec, place: Place): void {
  if (spec.datatype === 'BYTES') refuseStep(place, `output "${spec.name}" has texts; the step reads numbers.`)
}

/** The rows of an output that came. @throws Problem `inference.failed` for one without a last axis */
export function rowsOf(source: Tensor): Rows {
  const width = source.shape.at(-1) ?? 0
  if (source.shape.length < 2 || width < 1)
    throw new Problem(
      'inference.failed',
      `Output "${source.name}" came with shape [${source.shape.join(', ')}]; it has no classes per row.`,
    )
  return { width, count: source.data.length / width }
}

/** An empty tensor of floating numbers: FP64 if the source is, else FP32. */
export function floatingLike(source: Tensor, name: string, shape: number[]): Tensor & { data: Float32Array | Float64Array } {
  const length = shape.reduce((product, size) => product * size, 1)
  const datatype: Datatype = source.datatype === 'FP64' ? 'FP64' : 'FP32'
  return { name, datatype, shape, data: datatype === 'FP64' ? new Float64Array(length) : new Float32Array(length) }
}

/** True if the first value goes before the second: NaN is after every number. */
export function isGreater(value: number, than: number): boolean {
  return value > than || (Number.isNaN(than) && !Number.isNaN(value))
}

/** Position of the largest value of a row; of equal ones the first. */
export function largestAt(source: Tensor, row: number, width: number): number {
  let best = 0
  for (let i = 1; i < width; i += 1) if (isGreater(numberAt(source, row * width + i), numberAt(source, row * width + best))) best = i
  return best
}
