import { bytes, float, int, join, text, varint, type Bytes } from './wire.ts'

/** ONNX element types used in tests. */
export const elem = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  COMPLEX64: 14,
  BFLOAT16: 16,
  INT4: 22,
} as const

type Dim = number | bigint | string | null

/** TensorShapeProto; a number is a dim_value, a text a dim_param, null a dimension without either. */
export const shape = (dims: readonly Dim[]): Bytes =>
  join(...dims.map((dim) => bytes(1, dim === null ? join() : typeof dim === 'string' ? text(2, dim) : int(1, dim))))

/** TypeProto of a tensor; without dims the rank is left open. */
export const tensorType = (elemType: number, dims?: readonly Dim[]): Bytes =>
  bytes(1, int(1, elemType), dims === undefined ? join() : bytes(2, shape(dims)))

/** ValueInfoProto with any TypeProto. */
export const typedValue = (name: string, type: Uint8Array): Bytes => join(text(1, name), bytes(2, type))

/** ValueInfoProto of a tensor. */
export const value = (name: string, elemType: number, dims?: readonly Dim[]): Bytes => typedValue(name, tensorType(elemType, dims))

/** Little-endian bytes of float32 values. */
export const floats = (...values: readonly number[]): Bytes => new Uint8Array(Float32Array.from(values).buffer)

/** Little-endian bytes of int64 values. */
export const longs = (...values: readonly (number | bigint)[]): Bytes => new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer)

interface TensorParts {
  name?: string
  type: number
  dims: readonly (number | bigint)[]
  raw?: Uint8Array
  /** Further fields as they are. */
  more?: Uint8Array
}

/** TensorProto. */
export const tensor = ({ name, type, dims, raw, more }: TensorParts): Bytes =>
  join(
    ...dims.map((dim) => int(1, dim)),
    int(2, type),
    name === undefined ? join() : text(8, name),
    raw === undefined ? join() : bytes(9, raw),
    more ?? join(),
  )

/** TensorProto of int64 values in raw_data, of rank 1. */
export const longTensor = (name: string, ...values: readonly (number | bigint)[]): Bytes =>
  tensor({ name, type: elem.INT64, dims: [values.length], raw: longs(...values) })

/** AttributeProto of each kind (type numbers as ONNX has them). */
export const attribute = {
  float: (name: string, of: number): Bytes => join(text(1, name), float(2, of), int(20, 1)),
  int: (name: string, of: number | bigint): Bytes => join(text(1, name), int(3, of), int(20, 2)),
  string: (name: string, of: string): Bytes => join(text(1, name), text(4, of), int(20, 3)),
  tensor: (name: string, of: Uint8Array): Bytes => join(text(1, name), bytes(5, of), int(20, 4)),
  graph: (name: string, of: Uint8Array): Bytes => join(text(1, name), bytes(6, of), int(20, 5)),
  floats: (name: string, of: readonly number[]): Bytes => join(text(1, name), ...of.map((one) => float(7, one)), int(20, 6)),
  ints: (name: string, of: readonly (number | bigint)[]): Bytes => join(text(1, name), ...of.map((one) => int(8, one)), int(20, 7)),
  packedInts: (name: string, of: readonly (number | bigint)[]): Bytes => join(text(1, name), bytes(8, ...of.map(varint)), int(20, 7)),
  tensors: (name: string, of: readonly Uint8Array[]): Bytes => join(text(1, name), ...of.map((one) => bytes(10, one)), int(20, 9)),
  graphs: (name: string, of: readonly Uint8Array[]): Bytes => join(text(1, name), ...of.map((one) => bytes(11, one)), int(20, 10)),
  sparse: (name: string, of: Uint8Array): Bytes => join(text(1, name), bytes(22, of), int(20, 11)),
}

interface NodeParts {
  op: string
  domain?: string
  in?: readonly string[]
  out?: readonly string[]
  attributes?: readonly Uint8Array[]
}

/** NodeProto. */
export const node = (of: NodeParts): Bytes =>
  join(
    ...(of.in ?? []).map((name) => text(1, name)),
    ...(of.out ?? []).map((name) => text(2, name)),
    text(4, of.op),
    ...(of.attributes ?? []).map((one) => bytes(5, one)),
    of.domain === undefined ? join() : text(7, of.domain),
  )

interface GraphParts {
  name?: string
  nodes?: readonly Uint8Array[]
  inputs?: readonly Uint8Array[]
  outputs?: readonly Uint8Array[]
  initializers?: readonly Uint8Array[]
  sparse?: readonly Uint8Array[]
  values?: readonly Uint8Array[]
  more?: Uint8Array
}

/** GraphProto, fields in the order of their numbers as every exporter writes them. */
export const graph = (of: GraphParts): Bytes =>
  join(
    ...(of.nodes ?? []).map((one) => bytes(1, one)),
    text(2, of.name ?? 'g'),
    ...(of.initializers ?? []).map((one) => bytes(5, one)),
    ...(of.inputs ?? []).map((one) => bytes(11, one)),
    ...(of.outputs ?? []).map((one) => bytes(12, one)),
    ...(of.values ?? []).map((one) => bytes(13, one)),
    ...(of.sparse ?? []).map((one) => bytes(15, one)),
    of.more ?? join(),
  )

/** OperatorSetIdProto. */
export const opset = (domain: string, version: number | bigint): Bytes => join(domain === '' ? join() : text(1, domain), int(2, version))

interface FunctionParts {
  name: string
  domain?: string
  in?: readonly string[]
  out?: readonly string[]
  nodes: readonly Uint8Array[]
  opsets?: readonly Uint8Array[]
  more?: Uint8Array
}

/** FunctionProto in the domain `local` unless said otherwise. */
export const localFunction = (of: FunctionParts): Bytes =>
  join(
    text(1, of.name),
    ...(of.in ?? ['x']).map((name) => text(4, name)),
    ...(of.out ?? ['y']).map((name) => text(5, name)),
    ...of.nodes.map((one) => bytes(7, one)),
    ...(of.opsets ?? [opset('', 17), opset('local', 1)]).map((one) => bytes(9, one)),
    text(10, of.domain ?? 'local'),
    of.more ?? join(),
  )

interface ModelParts {
  ir?: number | bigint
  opsets?: readonly Uint8Array[]
  graph?: Uint8Array
  functions?: readonly Uint8Array[]
  metadata?: readonly (readonly [string, string])[]
  more?: Uint8Array
}

/** ModelProto: IR 8 and opset 17 unless said otherwise. */
export const model = (of: ModelParts): Bytes =>
  join(
    int(1, of.ir ?? 8),
    text(2, 'muster-test'),
    text(3, '1'),
    of.graph === undefined ? join() : bytes(7, of.graph),
    ...(of.opsets ?? [opset('', 17)]).map((one) => bytes(8, one)),
    ...(of.metadata ?? []).map(([key, content]) => bytes(14, text(1, key), text(2, content))),
    ...(of.functions ?? []).map((one) => bytes(25, one)),
    of.more ?? join(),
  )

/** A sound graph: y = op(x) over float [-1, 4]; `parts` replaces or adds to it. */
export const smallGraph = (parts: GraphParts = {}): Bytes =>
  graph({
    nodes: [node({ op: 'Relu', in: ['x'], out: ['y'] })],
    inputs: [value('x', elem.FLOAT, ['N', 4])],
    outputs: [value('y', elem.FLOAT, ['N', 4])],
    ...parts,
  })
