import { elementTypes, valueFields, type ElementType } from './element-type.ts'
import { onnxLimits } from './limits.ts'
import { excessive, externalData, invalid, shown, unsupported } from './refusal.ts'
import { fields, type Span, type Wire } from './wire.ts'

/** So many values of a small tensor are read, enough for any shape. */
export const KNOWN_VALUES = 64

/** A TensorProto without its payload. */
export interface Tensor {
  name: string
  dims: number[]
  elements: number
  /** Bytes of the payload in the file. */
  payloadBytes: number
  /** All values of a numeric tensor of at most `KNOWN_VALUES` elements, else null. */
  values: number[] | null
}

/** Values found in one of the typed lists: how many there can be at least and at most, and the first ones. */
interface TypedList {
  field: number
  least: number
  most: number
  bytes: number
  values: number[]
}

const once = fields(2, 3, 8, 9, 12, 14)
/** The longest varint: a packed list has at least a tenth as many values as bytes. */
const LONGEST_VARINT = 10

/**
 * Reads the TensorProto at the cursor and checks that its payload fits its shape and lies in the file.
 * Throws `model.external-data-forbidden`, `model.resource-limit`, `model.unsupported` or `model.invalid`.
 */
export function readTensor(wire: Wire): Tensor {
  const dims: number[] = []
  const lists: TypedList[] = []
  const parts: { name: string; type: number; raw: Span | null } = { name: '', type: 0, raw: null }
  wire.message(once, (field) => {
    if (field === 1) wire.ints(dims, onnxLimits.rank + 1)
    else if (field === 2) parts.type = wire.int()
    else if (field === 3) throw unsupported('The model cuts a tensor into segments, which the runtime cannot join')
    else if (field === 8) parts.name = wire.text(onnxLimits.nameBytes, 'The name of a tensor')
    else if (field === 9) parts.raw = wire.span()
    else if (field === 13) throw externalData('external_data')
    else if (field === 14) refuseElsewhere(wire.int())
    else if (isValueField(field)) readList(wire, field, lists)
    else return false
    return true
  })
  const { name, raw } = parts
  const type = elementTypeOf(parts.type, name)
  const elements = elementsOf(dims, `Tensor ${shown(name)}`, onnxLimits.tensorElements)
  const list = payloadList(lists, type, name)
  checkSize({ name, type, elements, raw, list })
  const values = elements > KNOWN_VALUES ? null : raw === null ? listValues(list, elements) : rawValues(wire, raw, type, elements)
  return { name, dims, elements, payloadBytes: spanBytes(raw) + (list?.bytes ?? 0), values }
}

const spanBytes = (span: Span | null): number => span?.length ?? 0

/** DEFAULT is 0; any other number is refused, as protobuf may cut it to the 1 of EXTERNAL. */
function refuseElsewhere(location: number): void {
  if (location !== 0) throw externalData('data_location')
}

/** Product of dimensions. Throws `model.resource-limit` below 0 or above `most`. @param what begins the sentence */
export function elementsOf(dims: readonly number[], what: string, most: number): number {
  if (dims.length > onnxLimits.rank) throw excessive(`${what} has more than ${onnxLimits.rank} dimensions`)
  let elements = 1
  for (const dim of dims) {
    if (dim < 0) throw excessive(`${what} has a negative dimension`)
    // A zero elsewhere must not hide a dimension that overflows in the runtime.
    if (dim > most) throw excessive(`${what} has a dimension above ${most}`)
    elements *= dim
  }
  if (elements > most) throw excessive(`${what} has more than ${most} elements`)
  return elements
}

function elementTypeOf(number: number, name: string): ElementType {
  const type = elementTypes.get(number)
  if (type !== undefined) return type
  if (number === 0) throw invalid(`tensor ${shown(name)} has no element type`)
  throw unsupported(`Tensor ${shown(name)} has the unknown element type ${number}`)
}

const isValueField = (field: number): boolean => Object.values<number>(valueFields).includes(field)

function readList(wire: Wire, field: number, lists: TypedList[]): void {
  let list = lists.find((one) => one.field === field)
  if (list === undefined) {
    list = { field, least: 0, most: 0, bytes: 0, values: [] }
    lists.push(list)
  }
  if (field === valueFields.string) {
    list.bytes += wire.span().length
    addCount(list, 1, 1)
  } else if (field === valueFields.float || field === valueFields.double) {
    const width = field === valueFields.float ? 4 : 8
    const count = wire.floats(list.values, KNOWN_VALUES, width)
    list.bytes += count * width
    addCount(list, count, count)
  } else readVarints(wire, list)
}

/** A long packed list of varints is payload: its count is bounded from its bytes, and the runtime counts. */
function readVarints(wire: Wire, list: TypedList): void {
  if (!wire.isBytes) {
    const count = wire.ints(list.values, KNOWN_VALUES)
    list.bytes += count
    addCount(list, count, count)
    return
  }
  const count = wire.shortInts(list.values, KNOWN_VALUES * LONGEST_VARINT)
  list.bytes += count.bytes
  addCount(list, count.values ?? Math.ceil(count.bytes / LONGEST_VARINT), count.values ?? count.bytes)
}

function addCount(list: TypedList, least: number, most: number): void {
  list.least += least
  list.most += most
}

/** The list that belongs to the element type; a second list would be read by nobody or by somebody else. */
function payloadList(lists: TypedList[], type: ElementType, name: string): TypedList | null {
  const filled = lists.filter((list) => list.most > 0)
  if (filled.some((list) => list.field !== type.field)) throw invalid(`tensor ${shown(name)} keeps ${type.name} values in the wrong field`)
  return filled[0] ?? null
}

interface Payload {
  name: string
  type: ElementType
  elements: number
  raw: Span | null
  list: TypedList | null
}

function checkSize({ name, type, elements, raw, list }: Payload): void {
  if (raw !== null && raw.length > 0 && list !== null) throw invalid(`tensor ${shown(name)} has its values twice`)
  if (list !== null) {
    const values = Math.ceil(elements / type.perValue)
    if (values < list.least || values > list.most) throw misfit(name, elements, 'values')
    return
  }
  if (type.bits === 0 && raw !== null) throw invalid(`tensor ${shown(name)} has texts in raw_data`)
  if (spanBytes(raw) !== Math.ceil((elements * type.bits) / 8) || (type.bits === 0 && elements > 0)) throw misfit(name, elements, 'bytes')
}

const misfit = (name: string, elements: number, what: string): Error =>
  excessive(`Tensor ${shown(name)} should have ${elements} elements by its shape, and the ${what} in the file do not fit that`)

function listValues(list: TypedList | null, elements: number): number[] | null {
  if (list === null) return elements === 0 ? [] : null
  return list.values.length === elements ? list.values : null
}

/** Little-endian values of the types that shapes, sizes and scales come in. */
function rawValues(wire: Wire, raw: Span, type: ElementType, elements: number): number[] | null {
  const read = readers[type.name]
  if (read === undefined) return null
  const bytes = wire.bytes(raw)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: elements }, (_, index) => read(view, (index * type.bits) / 8))
}

const readers: Record<string, (view: DataView, at: number) => number> = {
  FLOAT: (view, at) => view.getFloat32(at, true),
  DOUBLE: (view, at) => view.getFloat64(at, true),
  INT32: (view, at) => view.getInt32(at, true),
  INT64: (view, at) => Number(view.getBigInt64(at, true)),
}

/**
 * Reads the SparseTensorProto at the cursor. The runtime makes it dense while it loads, so its shape counts as made.
 * Throws like `readTensor`.
 */
export function readSparseTensor(wire: Wire): Tensor {
  const dims: number[] = []
  const parts: { values: Tensor | null; indices: Tensor | null } = { values: null, indices: null }
  wire.message(fields(1, 2), (field) => {
    if (field === 1) parts.values = readTensor(wire)
    else if (field === 2) parts.indices = readTensor(wire)
    else if (field === 3) wire.ints(dims, onnxLimits.rank + 1)
    else return false
    return true
  })
  if (parts.values === null || parts.indices === null) throw invalid('a sparse tensor has no values or no indices')
  const { name } = parts.values
  const elements = elementsOf(dims, `Sparse tensor ${shown(name)}`, onnxLimits.madeElements)
  return { name, dims, elements, payloadBytes: parts.values.payloadBytes + parts.indices.payloadBytes, values: null }
}
