import type { TensorSpec } from '../domain/bundle.ts'
import { elementTypes } from './element-type.ts'
import { onnxLimits } from './limits.ts'
import { elementsOf } from './read-tensor.ts'
import { excessive, invalid, shown, unsupported } from './refusal.ts'
import { fields, type Wire } from './wire.ts'

/** A TypeProto: tensors in full, of other kinds only which. */
export interface ValueType {
  kind: 'tensor' | 'sequence' | 'map' | 'opaque' | 'sparse tensor' | 'optional'
  elementType: number
  /** -1 is a dimension that is symbolic, absent or negative one; null: the rank is left open. */
  dims: number[] | null
}

/** A ValueInfoProto. */
export interface Value {
  name: string
  type: ValueType | null
}

const kinds = new Map<number, ValueType['kind']>([
  [1, 'tensor'],
  [4, 'sequence'],
  [5, 'map'],
  [7, 'opaque'],
  [8, 'sparse tensor'],
  [9, 'optional'],
])

/** Reads the ValueInfoProto at the cursor. Throws `model.invalid` without a name, `model.resource-limit` on an absurd type. */
export function readValue(wire: Wire): Value {
  const value: Value = { name: '', type: null }
  wire.message(fields(1, 2, 3), (field) => {
    if (field === 1) value.name = wire.text(onnxLimits.nameBytes, 'The name of a value')
    else if (field === 2) value.type = readType(wire, 0)
    else return false
    return true
  })
  if (value.name === '') throw invalid('an input, output or value has no name')
  checkStaticSize(value)
  return value
}

/** A static shape is a promise of memory, so it has the cap of what a model may make. */
function checkStaticSize({ name, type }: Value): void {
  if (type === null || type.dims === null) return
  elementsOf(
    type.dims.map((dim) => (dim === -1 ? 1 : dim)),
    `The type of ${shown(name)}`,
    onnxLimits.madeElements,
  )
}

/** Reads the TypeProto at the cursor, and walks through what it nests. @param depth types around it */
export function readType(wire: Wire, depth: number): ValueType | null {
  if (depth > onnxLimits.typeNesting) throw excessive(`A type is nested deeper than ${onnxLimits.typeNesting} levels`)
  const found: ValueType[] = []
  wire.message(fields(6), (field) => {
    const kind = kinds.get(field)
    if (kind === undefined) return false
    if (found.length > 0) throw invalid('a type is of two kinds at once')
    found.push({ kind, ...readKind(wire, kind, depth) })
    return true
  })
  return found[0] ?? null
}

function readKind(wire: Wire, kind: ValueType['kind'], depth: number): Omit<ValueType, 'kind'> {
  if (kind === 'tensor' || kind === 'sparse tensor') return readTensorType(wire)
  if (kind === 'opaque') wire.span()
  else readElementType(wire, kind, depth)
  return { elementType: 0, dims: null }
}

function readElementType(wire: Wire, kind: ValueType['kind'], depth: number): void {
  const element = kind === 'map' ? 2 : 1
  wire.message(fields(1, 2), (field) => {
    if (field !== element) return false
    readType(wire, depth + 1)
    return true
  })
}

function readTensorType(wire: Wire): { elementType: number; dims: number[] | null } {
  const type: { elementType: number; dims: number[] | null } = { elementType: 0, dims: null }
  wire.message(fields(1, 2), (field) => {
    if (field === 1) type.elementType = wire.int()
    else if (field === 2) type.dims = readShape(wire)
    else return false
    return true
  })
  return type
}

function readShape(wire: Wire): number[] {
  const dims: number[] = []
  wire.message(0, (field) => {
    if (field !== 1) return false
    if (dims.length >= onnxLimits.rank) throw excessive(`A shape has more than ${onnxLimits.rank} dimensions`)
    dims.push(readDim(wire))
    return true
  })
  return dims
}

/** Some exporters write -1 for a variable dimension; the runtime takes it so. */
function readDim(wire: Wire): number {
  const parts = { dim: -1, isNamed: false }
  wire.message(fields(1, 2, 3), (field) => {
    if (field === 1) parts.dim = wire.int()
    else if (field === 2) parts.isNamed = wire.text(onnxLimits.nameBytes, 'The name of a dimension') !== ''
    else return false
    return true
  })
  if (parts.isNamed && parts.dim !== -1) throw invalid('a dimension has a name and a value at once')
  if (parts.dim < -1) throw excessive('A shape has a negative dimension')
  return parts.dim
}

/** What Muster can serve of an input or output. Throws `model.unsupported` where that is nothing. */
export function servedTensor(value: Value, role: 'input' | 'output'): TensorSpec {
  const { name, type } = value
  const what = `${role === 'input' ? 'Input' : 'Output'} ${shown(name)}`
  if (name.length > onnxLimits.servedNameLength) throw excessive(`${what} has a name above ${onnxLimits.servedNameLength} characters`)
  // The runtime hands names over as C strings, so two could become one.
  if (name.includes('\0')) throw invalid(`the name of ${role} ${shown(name)} has a zero character`)
  if (type === null) throw invalid(`${role} ${shown(name)} has no type`)
  if (type.kind !== 'tensor') throw notTensor(what, type.kind)
  const element = elementTypes.get(type.elementType)
  if (element === undefined && type.elementType === 0) throw invalid(`${role} ${shown(name)} has no element type`)
  if (element === undefined || element.served === null)
    throw unsupported(
      `${what} is of type ${element?.name ?? type.elementType}, which the inference protocol cannot carry; cast it in the model`,
    )
  if (type.dims === null)
    throw unsupported(`${what} does not declare its shape; export the model with shapes (a variable dimension is fine)`)
  if (type.dims.length > onnxLimits.servedRank) throw unsupported(`${what} has more than ${onnxLimits.servedRank} dimensions`)
  return { name, datatype: element.served, shape: type.dims }
}

function notTensor(what: string, kind: ValueType['kind']): Error {
  const advice = kind === 'sequence' || kind === 'map' ? '; export classifiers with zipmap=False' : ''
  return unsupported(`${what} is a ${kind}, and only tensors are served${advice}`)
}
