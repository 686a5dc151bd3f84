import { isUtf8 } from 'node:buffer'
import type { Datatype, TensorSpec } from '../../../shared/domain/bundle.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { isPictureFile } from '../../../shared/inference/bytes-text.ts'
import { elementCount, emptyData, type Tensor, type TensorData } from '../../../shared/inference/tensor.ts'

/**
 * The binary tensor extension (https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md):
 * elements in row-major order, little endian; a BYTES element is its length in 4 bytes and its bytes.
 */
type FixedDatatype = Exclude<Datatype, 'BYTES'>

const viewOf: Record<FixedDatatype, (buffer: ArrayBufferLike, offset: number, length: number) => TensorData> = {
  BOOL: (...at) => new Uint8Array(...at),
  UINT8: (...at) => new Uint8Array(...at),
  UINT16: (...at) => new Uint16Array(...at),
  UINT32: (...at) => new Uint32Array(...at),
  UINT64: (...at) => new BigUint64Array(...at),
  INT8: (...at) => new Int8Array(...at),
  INT16: (...at) => new Int16Array(...at),
  INT32: (...at) => new Int32Array(...at),
  INT64: (...at) => new BigInt64Array(...at),
  FP16: (...at) => new Uint16Array(...at),
  FP32: (...at) => new Float32Array(...at),
  FP64: (...at) => new Float64Array(...at),
}

const elementBytes: Record<FixedDatatype, number> = {
  ...{ BOOL: 1, UINT8: 1, INT8: 1, UINT16: 2, INT16: 2, FP16: 2 },
  ...{ UINT32: 4, INT32: 4, FP32: 4, UINT64: 8, INT64: 8, FP64: 8 },
}

/**
 * A tensor from its bytes: a view of them where they are aligned, else a copy.
 * @throws Problem `inference.bad-input` for a wrong number of bytes, or elements that the datatype does not have
 */
export function binaryTensor(spec: TensorSpec, bytes: Buffer): Tensor {
  const { name, datatype, shape } = spec
  const count = elementCount(shape)
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0) || !Number.isSafeInteger(count)) {
    throw new Problem('inference.bad-input', `Input "${name}": [${shape.join(', ')}] is no shape; sizes are whole and not negative.`)
  }
  if (datatype === 'BYTES') return { name, datatype, shape: [...shape], data: readTexts(name, bytes, count) }
  const needed = count * elementBytes[datatype]
  if (bytes.length !== needed) {
    throw new Problem('inference.bad-input', `Input "${name}": shape [${shape.join(', ')}] takes ${needed} bytes; ${bytes.length} came.`)
  }
  if (datatype === 'BOOL' && bytes.some((byte) => byte > 1)) {
    throw new Problem('inference.bad-input', `Input "${name}": a byte of BOOL is 0 or 1.`)
  }
  return { name, datatype, shape: [...shape], data: elementsOf(datatype, bytes) }
}

/**
 * The only input of a model as the whole body: the one variable size is what the bytes say.
 * @throws Problem `inference.bad-input` if the model has more inputs or variable sizes, or the bytes do not divide
 */
export function rawTensor(specs: readonly TensorSpec[], bytes: Buffer): Tensor {
  const [spec] = specs
  if (spec === undefined || specs.length > 1) throw raw(`it has ${specs.length} inputs`)
  const open = spec.shape.filter((size) => size === -1).length
  if (open > 1) throw raw(`input "${spec.name}" has ${open} variable sizes`)
  if (spec.datatype === 'BYTES') throw raw(`input "${spec.name}" is of BYTES`)
  const fixed = spec.shape.reduce((product, size) => (size === -1 ? product : product * size), elementBytes[spec.datatype])
  if (open === 1 && (fixed === 0 || bytes.length % fixed !== 0)) {
    throw new Problem('inference.bad-input', `Input "${spec.name}" takes a multiple of ${fixed} bytes; ${bytes.length} came.`)
  }
  return binaryTensor({ ...spec, shape: spec.shape.map((size) => (size === -1 ? bytes.length / fixed : size)) }, bytes)
}

/** The bytes of a tensor. */
export function tensorBytes({ data }: Tensor): Buffer {
  if (!Array.isArray(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const parts = data.flatMap((text) => {
    const bytes = Buffer.from(text, 'utf8')
    const length = Buffer.allocUnsafe(4)
    length.writeUInt32LE(bytes.length)
    return [length, bytes]
  })
  return Buffer.concat(parts)
}

function elementsOf(datatype: FixedDatatype, bytes: Buffer): TensorData {
  const size = elementBytes[datatype]
  if (bytes.byteOffset % size === 0) return viewOf[datatype](bytes.buffer, bytes.byteOffset, bytes.length / size)
  const copy = new Uint8Array(bytes.length)
  copy.set(bytes)
  return viewOf[datatype](copy.buffer, 0, bytes.length / size)
}

function readTexts(name: string, bytes: Buffer, count: number): TensorData {
  // Each element takes four bytes at least: a declared size alone reserves no memory.
  if (count * 4 > bytes.length) throw texts(name, count)
  const data = emptyData('BYTES', count)
  let offset = 0
  for (let i = 0; i < count; i += 1) {
    if (offset + 4 > bytes.length) throw texts(name, count)
    const end = offset + 4 + bytes.readUInt32LE(offset)
    if (end > bytes.length) throw texts(name, count)
    const text = bytes.subarray(offset + 4, end)
    // A picture is one character per byte: see `elementOfBytes` of the pipeline.
    const encoding = isUtf8(text) ? 'utf8' : isPictureFile(text) ? 'latin1' : null
    if (encoding === null) throw new Problem('inference.bad-input', `Input "${name}", value ${i}: the text is not UTF-8.`)
    data[i] = text.toString(encoding)
    offset = end
  }
  if (offset !== bytes.length) throw texts(name, count)
  return data
}

function texts(name: string, count: number): Problem {
  return new Problem(
    'inference.bad-input',
    `Input "${name}": the bytes are not ${count} elements of BYTES, each a length in 4 bytes and a text.`,
  )
}

function raw(why: string): Problem {
  return new Problem('inference.bad-input', `A body of raw bytes cannot be read for this model: ${why}.`)
}
