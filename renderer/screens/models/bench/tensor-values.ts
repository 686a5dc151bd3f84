import type { TensorSpec } from '../../../../shared/domain/bundle.ts'

/** An input as a person writes it. */
export interface WrittenTensor {
  name: string
  shape: string
  data: string
}

/** Values that are filled in by default; a picture of millions is pasted, not typed. */
const MOST_FILLED = 4096

/** An input to begin with: one for each open dimension, zeros (or empty texts) as data. */
export function emptyTensor({ name, datatype, shape }: TensorSpec): WrittenTensor {
  const sizes = shape.map((size) => (size === -1 ? 1 : size))
  const count = sizes.reduce((product, size) => product * size, 1)
  const fill = datatype === 'BYTES' ? '""' : datatype === 'BOOL' ? 'false' : '0'
  return { name, shape: sizes.join(', '), data: count <= MOST_FILLED ? Array.from({ length: count }, () => fill).join(', ') : '' }
}

type Plain = number | string | boolean
export interface ReadTensor {
  name: string
  shape: number[]
  data: Plain[]
}

/** Reads what a person wrote; a text says what is wrong. */
export function readTensor({ name, shape, data }: WrittenTensor): ReadTensor | string {
  const sizes =
    shape.trim() === ''
      ? []
      : shape
          .split(/[\s,x×]+/)
          .filter(Boolean)
          .map(Number)
  if (sizes.some((size) => !Number.isInteger(size) || size < 0)) return 'The shape is a list of whole numbers, such as 1, 3, 224, 224.'
  const values = valuesOf(data)
  if (values === null) return 'The data is a list of numbers, or of texts in quotes, separated by commas.'
  const count = sizes.reduce((product, size) => product * size, 1)
  if (values.length !== count) return `The shape has ${count} values; the data has ${values.length}.`
  return { name, shape: sizes, data: values }
}

/** A JSON list, with or without brackets, nested or not. */
function valuesOf(text: string): Plain[] | null {
  const trimmed = text.trim().replace(/,$/, '')
  try {
    const read: unknown = JSON.parse(trimmed.startsWith('[') ? trimmed : `[${trimmed}]`)
    const flat = (read as unknown[]).flat(8)
    return flat.every((value): value is Plain => ['number', 'string', 'boolean'].includes(typeof value)) ? flat : null
  } catch {
    return null
  }
}
