import type { TensorSpec } from '../../../../shared/domain/bundle.ts'

/** A shape as people write it: [any, 64]. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'one value' : `[${shape.map((size) => (size === -1 ? 'any' : size)).join(', ')}]`
}

/** An input or output in one line. */
export function tensorText({ name, datatype, shape }: Pick<TensorSpec, 'name' | 'datatype' | 'shape'>): string {
  return `${name} ${datatype} ${shapeText(shape)}`
}
