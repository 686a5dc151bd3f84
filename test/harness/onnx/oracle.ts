import protobuf from 'protobufjs'

// A second reader of ONNX files, made by others: protobufjs over the messages that the summary is about, written down from the
// field numbers of https://github.com/onnx/onnx/blob/main/onnx/onnx-ml.proto
const schema = `
syntax = "proto2";
message Model { optional int64 ir = 1; optional string producer = 2; optional string producerVersion = 3; optional Graph graph = 7; repeated Opset opsets = 8; repeated Entry metadata = 14; repeated Func functions = 25; }
message Graph { repeated Node nodes = 1; optional string name = 2; repeated Tensor initializers = 5; repeated Value inputs = 11; repeated Value outputs = 12; }
message Node { repeated string in = 1; repeated string out = 2; optional string op = 4; repeated Attribute attributes = 5; optional string domain = 7; }
message Attribute { optional string name = 1; optional Graph g = 6; repeated Graph graphs = 11; }
message Func { optional string name = 1; repeated Node nodes = 7; optional string domain = 10; }
message Tensor { repeated int64 dims = 1; optional int32 type = 2; optional string name = 8; optional bytes raw = 9; }
message Value { optional string name = 1; optional Type type = 2; }
message Type { optional TensorType tensor = 1; }
message TensorType { optional int32 elem = 1; optional Shape shape = 2; }
message Shape { repeated Dim dims = 1; }
message Dim { optional int64 value = 1; optional string param = 2; }
message Opset { optional string domain = 1; optional int64 version = 2; }
message Entry { optional string key = 1; optional string value = 2; }
`

interface ValueMessage {
  name: string
  type?: { tensor?: { elem: number; shape?: { dims?: { value?: number }[] } } }
}
interface NodeMessage {
  op: string
  domain?: string
  attributes?: { g?: GraphMessage; graphs?: GraphMessage[] }[]
}
interface GraphMessage {
  name: string
  nodes?: NodeMessage[]
  initializers?: { name: string; raw?: Uint8Array }[]
  inputs?: ValueMessage[]
  outputs?: ValueMessage[]
}
interface ModelMessage {
  ir: number
  producer?: string
  producerVersion?: string
  graph: GraphMessage
  opsets?: { domain?: string; version: number }[]
  metadata?: { key: string; value: string }[]
}

const numbers: Record<number, string> = { 1: 'FP32', 2: 'UINT8', 6: 'INT32', 7: 'INT64', 8: 'BYTES', 9: 'BOOL', 10: 'FP16', 11: 'FP64' }

const spec = ({ name, type }: ValueMessage) => ({
  name,
  datatype: numbers[type?.tensor?.elem ?? 0],
  shape: (type?.tensor?.shape?.dims ?? []).map((dim) => dim.value ?? -1),
})

const nodesOf = (graph: GraphMessage): NodeMessage[] =>
  (graph.nodes ?? []).flatMap((node) => [
    node,
    ...(node.attributes ?? []).flatMap((one) => [...(one.g === undefined ? [] : [one.g]), ...(one.graphs ?? [])].flatMap(nodesOf)),
  ])

/** What protobufjs finds in a file without local functions, in the form of an `OnnxSummary`. */
export function oracleSummary(file: Uint8Array): unknown {
  const root = protobuf.parse(schema, { keepCase: true }).root
  const type = root.lookupType('Model')
  // The conversion makes plain objects of the fields above, which is what the interfaces name.
  const model = type.toObject(type.decode(file), { longs: Number }) as unknown as ModelMessage
  const { graph } = model
  const nodes = nodesOf(graph)
  const filled = new Set((graph.initializers ?? []).map(({ name }) => name))
  return {
    irVersion: model.ir,
    opsets: Object.fromEntries((model.opsets ?? []).map(({ domain, version }) => [domain ?? '', version])),
    producer: [model.producer ?? '', model.producerVersion ?? ''].filter((part) => part !== '').join(' '),
    graphName: graph.name,
    metadata: Object.fromEntries((model.metadata ?? []).map(({ key, value }) => [key, value])),
    inputs: (graph.inputs ?? []).filter(({ name }) => !filled.has(name)).map(spec),
    outputs: (graph.outputs ?? []).map(spec),
    operators: [...new Set(nodes.map(({ domain, op }) => ((domain ?? '') === '' ? op : `${domain}::${op}`)))].toSorted(),
    nodes: nodes.length,
    initializerBytes: (graph.initializers ?? []).reduce((sum, { raw }) => sum + (raw?.length ?? 0), 0),
  }
}
