import { datatypes, type Datatype } from '../domain/bundle.ts'
import { Problem } from '../domain/problem.ts'
import { halfFromNumber, numberFromHalf } from './half.ts'

/**
 * Elements in row-major order. FP16 travels as its bits in a `Uint16Array`, BOOL as 0 and 1 in a `Uint8Array`, BYTES as strings: a text,
 * or of a PNG or JPEG file one character U+0000 to U+00FF per byte (`elementOfBytes`).
 */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | string[]

/** A named value of a model input or output; `shape` has no variable dimension any more. */
export interface Tensor {
  name: string
  datatype: Datatype
  shape: number[]
  data: TensorData
}

/** What onnxruntime calls each datatype. */
export const ortTypes = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
} as const satisfies Record<Datatype, string>

const fromOrt: ReadonlyMap<string, Datatype> = new Map(datatypes.map((datatype) => [ortTypes[datatype], datatype]))

/** @throws Problem `model.unsupported` for a type of onnxruntime that Muster does not serve */
export function datatypeOfOrt(type: string): Datatype {
  const datatype = fromOrt.get(type)
  if (datatype === undefined) throw new Problem('model.unsupported', `Tensors of type '${type}' are not served.`)
  return datatype
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}

/** Rows of a tensor: its first dimension, or 1 for a scalar. */
export function batchRows(shape: readonly number[]): number {
  return shape[0] ?? 1
}

type NumberArray = Exclude<TensorData, BigInt64Array | BigUint64Array | string[]>

const numberArrays = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const satisfies Partial<Record<Datatype, new (length: number) => NumberArray>>

type NumberDatatype = keyof typeof numberArrays
type WholeDatatype = 'UINT8' | 'UINT16' | 'UINT32' | 'INT8' | 'INT16' | 'INT32'

const wholeRanges: Record<WholeDatatype, readonly [number, number]> = {
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
}
const bigRanges = { INT64: [-(2n ** 63n), 2n ** 63n - 1n], UINT64: [0n, 2n ** 64n - 1n] } as const

/** True for the datatypes whose elements are numbers with a fraction. */
export function isFloating(datatype: Datatype): datatype is 'FP16' | 'FP32' | 'FP64' {
  return datatype === 'FP16' || datatype === 'FP32' || datatype === 'FP64'
}

/** Fresh zeroed elements of a datatype; empty texts for BYTES. */
export function emptyData(datatype: Datatype, length: number): TensorData {
  if (datatype === 'BYTES') return Array.from({ length }, () => '')
  if (datatype === 'INT64') return new BigInt64Array(length)
  if (datatype === 'UINT64') return new BigUint64Array(length)
  return new numberArrays[datatype](length)
}

/**
 * A tensor from plain values, flat or nested row-major. In floating tensors `null` becomes NaN: a missing value.
 * 64-bit integers may also come as decimal text, which JSON can carry without loss.
 * @throws Problem `inference.bad-input` that names the input and the index: wrong count or nesting, wrong type, or out of range
 */
export function tensorFromPlain(name: string, datatype: Datatype, shape: readonly number[], values: readonly unknown[]): Tensor {
  const count = elementCount(shape)
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0) || !Number.isSafeInteger(count)) {
    throw new Problem('inference.bad-input', `Input "${name}": [${shape.join(', ')}] is no shape; sizes are whole and not negative.`)
  }
  const flat = values.some(Array.isArray) ? flatten(name, shape, values, count) : values
  if (flat.length !== count) {
    throw new Problem('inference.bad-input', `Input "${name}": shape [${shape.join(', ')}] takes ${count} values; ${flat.length} came.`)
  }
  return { name, datatype, shape: [...shape], data: elements(name, datatype, flat) }
}

/** True if a tensor of the datatype holds the number: whole where it must be, and not too large. */
export function holdsNumber(datatype: Datatype, value: number): boolean {
  if (datatype === 'BYTES') return false
  if (datatype !== 'INT64' && datatype !== 'UINT64') return converters[datatype](value) !== null
  const [low, high] = bigRanges[datatype]
  const big = wholeOf(value)
  return big !== null && big >= low && big <= high
}

/** The elements as JSON can carry them: 64-bit integers beyond 2^53 become decimal text, BOOL becomes true and false. */
export function plainData(tensor: Tensor): (number | string | boolean)[] {
  const plain: (number | string | boolean)[] = []
  for (let i = 0; i < tensor.data.length; i += 1) {
    const value = tensor.data[i]!
    if (typeof value === 'string') plain.push(value)
    else if (typeof value === 'bigint') plain.push(Number.isSafeInteger(Number(value)) ? Number(value) : value.toString())
    else plain.push(tensor.datatype === 'BOOL' ? value !== 0 : tensor.datatype === 'FP16' ? numberFromHalf(value) : value)
  }
  return plain
}

/** Element `index` as a number (FP16 decoded, BOOL as 0 or 1, 64-bit integers to the nearest double); NaN for text. */
export function numberAt(tensor: Tensor, index: number): number {
  const value = tensor.data[index]
  if (value === undefined || typeof value === 'string') return Number.NaN
  return tensor.datatype === 'FP16' ? numberFromHalf(Number(value)) : Number(value)
}

/** True if no element is NaN or infinite. */
export function isFiniteTensor({ datatype, data }: Tensor): boolean {
  if (data instanceof Float32Array || data instanceof Float64Array) {
    for (let i = 0; i < data.length; i += 1) if (!Number.isFinite(data[i])) return false
    return true
  }
  // The exponent of binary16 is all ones for NaN and infinity only.
  if (datatype === 'FP16' && data instanceof Uint16Array) return data.every((bits) => (bits & 0x7c00) !== 0x7c00)
  return true
}

function elements(name: string, datatype: Datatype, values: readonly unknown[]): TensorData {
  const fail = (index: number, expected: string): never => {
    throw new Problem('inference.bad-input', `Input "${name}", value ${index}: ${shown(values[index])} is not ${expected}.`)
  }
  if (datatype === 'BYTES') return values.map((value, index) => (typeof value === 'string' ? value : fail(index, 'a text')))
  if (datatype === 'INT64' || datatype === 'UINT64') {
    const big = datatype === 'INT64' ? new BigInt64Array(values.length) : new BigUint64Array(values.length)
    const [low, high] = bigRanges[datatype]
    for (let i = 0; i < values.length; i += 1) {
      const value = wholeOf(values[i])
      big[i] = value !== null && value >= low && value <= high ? value : fail(i, `a whole number of ${datatype}`)
    }
    return big
  }
  return numberElements(datatype, values, fail)
}

function numberElements(
  datatype: NumberDatatype,
  values: readonly unknown[],
  fail: (index: number, expected: string) => never,
): NumberArray {
  const data = new numberArrays[datatype](values.length)
  const convert = converters[datatype]
  for (let i = 0; i < values.length; i += 1) {
    const value = convert(values[i])
    if (value === null) fail(i, expectations[datatype] ?? `a whole number of ${datatype}`)
    else data[i] = value
  }
  return data
}

/** What a floating type stores for a value: NaN for a missing one, `null` for what is no number or too large to be finite. */
function floatingOf(value: unknown, largest: number): number | null {
  if (value === null) return Number.NaN
  if (typeof value !== 'number') return null
  return Number.isFinite(value) && Math.abs(value) >= largest ? null : value
}

const whole =
  (datatype: WholeDatatype) =>
  (value: unknown): number | null => {
    const [low, high] = wholeRanges[datatype]
    return typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high ? value : null
  }

// 2^128 - 2^103 is half way between the largest binary32 and infinity; 65520 the same for binary16.
const converters: Record<NumberDatatype, (value: unknown) => number | null> = {
  FP64: (value) => floatingOf(value, Number.POSITIVE_INFINITY),
  FP32: (value) => floatingOf(value, 2 ** 128 - 2 ** 103),
  FP16: (value) => {
    const number = floatingOf(value, 65_520)
    return number === null ? null : halfFromNumber(number)
  },
  BOOL: (value) => (value === true || value === 1 ? 1 : value === false || value === 0 ? 0 : null),
  UINT8: whole('UINT8'),
  UINT16: whole('UINT16'),
  UINT32: whole('UINT32'),
  INT8: whole('INT8'),
  INT16: whole('INT16'),
  INT32: whole('INT32'),
}
const expectations: Partial<Record<NumberDatatype, string>> = {
  FP64: 'a number',
  FP32: 'a number of FP32',
  FP16: 'a number of FP16 (at most 65504)',
  BOOL: 'true or false',
}

function wholeOf(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value
  // A double beyond 2^53 is not the number that the sender wrote.
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : null
}

function flatten(name: string, shape: readonly number[], values: readonly unknown[], count: number): unknown[] {
  const flat: unknown[] = []
  const walk = (part: readonly unknown[], depth: number): void => {
    if (part.length !== shape[depth]) {
      throw new Problem(
        'inference.bad-input',
        `Input "${name}": a list at depth ${depth + 1} has ${part.length} entries; shape [${shape.join(', ')}] asks for ${shape[depth] ?? 'none'}.`,
      )
    }
    for (const entry of part) {
      if (Array.isArray(entry)) walk(entry as readonly unknown[], depth + 1)
      else if (depth === shape.length - 1) flat.push(entry)
      else
        throw new Problem('inference.bad-input', `Input "${name}": values are nested unevenly near value ${Math.min(flat.length, count)}.`)
    }
  }
  walk(values, 0)
  return flat
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}
