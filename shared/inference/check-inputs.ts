import type { TensorSpec } from '../domain/bundle.ts'
import { Problem } from '../domain/problem.ts'
import { batchRows, elementCount, type Tensor } from './tensor.ts'

/**
 * Checks a request against the inputs of a model: every input once and no other, datatypes, ranks and fixed sizes as declared,
 * and where the first dimension is variable one number of rows, from 1 to `maxRows`, for all inputs.
 * @throws Problem `inference.bad-input` with what is expected and what came
 */
export function checkInputs(specs: readonly TensorSpec[], tensors: readonly Tensor[], maxRows: number): void {
  const expected = (): string => specs.map((spec) => `"${spec.name}"`).join(', ')
  const byName = new Map<string, Tensor>()
  for (const tensor of tensors) {
    if (!specs.some((spec) => spec.name === tensor.name)) refuse(`The model has no input "${tensor.name}"; its inputs are ${expected()}.`)
    if (byName.has(tensor.name)) refuse(`Input "${tensor.name}" came twice.`)
    byName.set(tensor.name, tensor)
  }
  let rows: { count: number; of: string } | null = null
  for (const spec of specs) {
    const tensor = byName.get(spec.name)
    if (tensor === undefined) return refuse(`Input "${spec.name}" is missing; the inputs are ${expected()}.`)
    checkTensor(spec, tensor)
    if (spec.shape[0] !== -1) continue
    const count = batchRows(tensor.shape)
    if (count < 1 || count > maxRows) refuse(`Input "${spec.name}" has ${count} rows; 1 to ${maxRows} are taken at once.`)
    if (rows !== null && rows.count !== count)
      refuse(`Input "${spec.name}" has ${count} rows, input "${rows.of}" has ${rows.count}; all inputs need the same number.`)
    rows ??= { count, of: spec.name }
  }
}

function checkTensor(spec: TensorSpec, tensor: Tensor): void {
  if (tensor.datatype !== spec.datatype) refuse(`Input "${spec.name}" is of datatype ${spec.datatype}; ${tensor.datatype} came.`)
  const fits =
    tensor.shape.length === spec.shape.length &&
    spec.shape.every((size, i) => (size === -1 ? Number.isSafeInteger(tensor.shape[i]) && tensor.shape[i]! >= 0 : tensor.shape[i] === size))
  if (!fits) refuse(`Input "${spec.name}" takes shape [${spec.shape.join(', ')}] (-1: any size); [${tensor.shape.join(', ')}] came.`)
  const count = elementCount(tensor.shape)
  if (tensor.data.length !== count)
    refuse(`Input "${spec.name}" of shape [${tensor.shape.join(', ')}] takes ${count} values; ${tensor.data.length} came.`)
}

function refuse(message: string): never {
  throw new Problem('inference.bad-input', message)
}
