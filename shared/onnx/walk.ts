import type { TensorSpec } from '../domain/bundle.ts'
import { checkCalls, operatorUses, type Body, type Use } from './calls.ts'
import { onnxLimits } from './limits.ts'
import { checkMadeSizes } from './made-sizes.ts'
import { ML_DOMAIN, controlFlow, operatorName, standardOperators } from './operators.ts'
import type { Graph } from './read-graph.ts'
import { readModel, type Model } from './read-model.ts'
import { servedTensor } from './read-type.ts'
import { excessive, invalid, shown, unsupported } from './refusal.ts'
import { Wire, type ByteReader } from './wire.ts'

/** What a model file says about itself. */
export interface OnnxSummary {
  irVersion: number
  /** Version by domain; the default domain is ''. */
  opsets: Record<string, number>
  /** Name and version, separated by a space; '' where the file names none. */
  producer: string
  graphName: string
  metadata: Record<string, string>
  /** Inputs that a caller must give; -1 is a variable dimension. */
  inputs: TensorSpec[]
  outputs: TensorSpec[]
  /** Sorted: `Op` of the default domain or `domain::Op`, of the graph, its subgraphs and local functions. */
  operators: string[]
  /** Bytes of the payload of all initializers. */
  initializerBytes: number
  /** Nodes in the file, subgraphs and local functions included. */
  nodes: number
  functions: number
  /** Elements of the largest tensor in the file. */
  largestTensorElements: number
  /** Elements of the largest tensor that the file makes or declares by constants; a variable dimension counts as 1. */
  largestMadeElements: number
}

/** What an operator of the fleet permits beyond the rule. */
export interface WalkOptions {
  /** Operators that are accepted besides the standard ones without control flow: `Loop`, `com.microsoft::Gelu`. */
  allow?: readonly string[]
}

/**
 * Inspects an ONNX file without the runtime, in time linear in its structure and memory independent of its weights.
 * Throws `model.invalid`, `model.unsupported`, `model.external-data-forbidden` or `model.resource-limit` (`onnxLimits`), and nothing else.
 * Message and field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx-ml.proto
 */
export function walkOnnx(reader: ByteReader, options: WalkOptions = {}): OnnxSummary {
  if (reader.size > onnxLimits.fileBytes)
    throw excessive(`The model has ${reader.size} bytes; at most ${onnxLimits.fileBytes} can be loaded`)
  refuseOtherFormats(reader)
  const model = readModel(new Wire(reader))
  if (model.graph === null) throw invalid('it has no graph')
  checkCalls(model.main, model.functions)
  const operators = checkOperators(model, options.allow ?? [])
  const irVersion = checkVersions(model)
  const largestMade = checkMadeSizes(model.tally.scopes)
  const { inputs, outputs } = servedTensors(model.graph)
  const { tally } = model
  return {
    irVersion,
    // fromEntries makes `__proto__` an ordinary key.
    opsets: Object.fromEntries(model.main.opsets),
    producer: producerOf(model),
    graphName: model.graph.name,
    metadata: Object.fromEntries(model.metadata),
    inputs,
    outputs,
    operators,
    initializerBytes: tally.initializerBytes,
    nodes: tally.nodes,
    functions: model.functions.size,
    largestTensorElements: tally.largestTensorElements,
    largestMadeElements: Math.max(tally.largestDeclaredElements, largestMade),
  }
}

/** First bytes of files that are often taken for models. */
const otherFormats: readonly (readonly [string, string])[] = [
  ['PK\x03\x04', 'it is a zip archive (a PyTorch or Keras file?); export it to ONNX'],
  ['\x89HDF', 'it is an HDF5 file (Keras?); convert it to ONNX'],
  ['<!', 'it is a web page'],
  ['<h', 'it is a web page'],
]

/**
 * The runtime takes bytes with `ORTM` at byte 4 for its own flatbuffer format, which nobody has checked:
 * a file can be that and well-formed protobuf at once (tried with onnxruntime-node 1.30).
 */
function refuseOtherFormats(reader: ByteReader): void {
  if (reader.size === 0) throw invalid('it is empty')
  const start = String.fromCharCode(...reader.read(0, Math.min(8, reader.size)))
  if (start.slice(4) === 'ORTM') throw invalid('it is in the ORT format; give the ONNX file that it was made from')
  const known = otherFormats.find(([magic]) => start.startsWith(magic))
  if (known !== undefined) throw invalid(known[1])
}

function checkOperators(model: Model, allow: readonly string[]): string[] {
  const bodies = [model.main, ...model.functions.values()]
  const names = new Set<string>()
  for (const { use, body } of operatorUses(bodies, model.functions)) {
    const name = operatorName(use.domain, use.op)
    if (!allow.includes(name)) refuseUnknown(name, use)
    if (!body.opsets.has(use.domain)) throw invalid(`it uses ${shown(name)} without importing the operator set`)
    names.add(name)
    if (names.size > onnxLimits.operators) throw excessive(`The model uses more than ${onnxLimits.operators} operators`)
  }
  return [...names].toSorted()
}

function refuseUnknown(name: string, use: Use): void {
  if (standardOperators.has(name)) return
  if (controlFlow.has(name))
    throw unsupported(`The model uses ${name}, which can run without end; export it without control flow, or allow this operator`)
  if (use.domain !== '' && use.domain !== ML_DOMAIN)
    throw unsupported(`The model uses ${shown(name)} of a domain outside the ONNX standard; export it with standard operators`)
  throw unsupported(`The model uses ${shown(name)}, which is no operator of the ONNX standard`)
}

function checkVersions(model: Model): number {
  const { irVersion } = model
  const { irVersion: range } = onnxLimits
  if (irVersion === null) throw invalid('it has no IR version')
  if (irVersion < range.min || irVersion > range.max)
    throw unsupported(`IR version ${irVersion} is outside ${range.min} to ${range.max}; export the model with another version of onnx`)
  if (model.main.opsets.size === 0) throw invalid('it imports no operator set')
  for (const body of [model.main, ...model.functions.values()]) checkOpsets(body)
  return irVersion
}

function checkOpsets({ opsets }: Body): void {
  for (const [domain, { min, max }] of [['', onnxLimits.opset] as const, [ML_DOMAIN, onnxLimits.mlOpset] as const]) {
    const version = opsets.get(domain)
    if (version !== undefined && (version < min || version > max))
      throw unsupported(
        `Opset ${version} of ${domain === '' ? 'ai.onnx' : domain} is outside ${min} to ${max}; export the model with another opset`,
      )
  }
}

function servedTensors(graph: Graph): { inputs: TensorSpec[]; outputs: TensorSpec[] } {
  // Before IR 4 every initializer is also listed as an input.
  const inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name))
  if (graph.outputs.length === 0) throw invalid('it has no outputs')
  for (const [role, values] of [['input', graph.inputs] as const, ['output', graph.outputs] as const]) {
    const names = new Set<string>()
    for (const { name } of values) {
      if (names.has(name)) throw invalid(`two ${role}s are named ${shown(name)}`)
      names.add(name)
    }
  }
  const most = onnxLimits.servedTensors
  if (inputs.length > most || graph.outputs.length > most) throw excessive(`The model has more than ${most} inputs or outputs`)
  return {
    inputs: inputs.map((value) => servedTensor(value, 'input')),
    outputs: graph.outputs.map((value) => servedTensor(value, 'output')),
  }
}

function producerOf({ producerName, producerVersion }: Model): string {
  return [producerName, producerVersion]
    .filter((part) => part !== '')
    .join(' ')
    .slice(0, onnxLimits.producerLength)
}
