import { callKey, type Body } from './calls.ts'
import { onnxLimits } from './limits.ts'
import { emptyScope } from './made-sizes.ts'
import { domainOf } from './operators.ts'
import { addScope, readAttribute, readGraph, readNamed, readNode, type Graph, type Tally } from './read-graph.ts'
import { excessive, invalid, shown, unsupported } from './refusal.ts'
import { fields, type Wire } from './wire.ts'

/** A ModelProto as it stands in the file, sound in itself but not yet judged. */
export interface Model {
  irVersion: number | null
  producerName: string
  producerVersion: string
  metadata: Map<string, string>
  graph: Graph | null
  main: Body
  functions: Map<string, Body>
  tally: Tally
}

const emptyBody = (): Body => ({ opsets: new Map(), uses: new Map(), nodes: 0, nesting: 0 })

/** Reads the ModelProto that the file is. Throws the codes of `walkOnnx`. */
export function readModel(wire: Wire): Model {
  const tally: Tally = { nodes: 0, names: 0, initializerBytes: 0, largestTensorElements: 0, largestDeclaredElements: 0, scopes: [] }
  const main = emptyBody()
  const model: Model = {
    irVersion: null,
    producerName: '',
    producerVersion: '',
    metadata: new Map(),
    graph: null,
    main,
    functions: new Map(),
    tally,
  }
  let metadataBytes = 0
  wire.file(fields(1, 2, 3, 4, 5, 6, 7), (field) => {
    if (field === 1) model.irVersion = wire.int()
    else if (field === 2) model.producerName = wire.text(onnxLimits.nameBytes, 'The name of the producer')
    else if (field === 3) model.producerVersion = wire.text(onnxLimits.nameBytes, 'The version of the producer')
    else if (field === 7) model.graph = readGraph({ wire, tally, body: main, scope: emptyScope(null), nesting: 0 })
    else if (field === 8) readOpset(wire, main)
    else if (field === 14) metadataBytes = withinMetadata(metadataBytes + readMetadata(wire, model.metadata))
    else if (field === 20) throw unsupported('The model carries training information; export it for inference')
    else if (field === 25) readFunction(wire, model)
    else return false
    return true
  })
  return model
}

function readOpset(wire: Wire, { opsets }: Body): void {
  const opset = { domain: '', version: 0 }
  wire.message(fields(1, 2), (field) => {
    if (field === 1) opset.domain = domainOf(wire.text(onnxLimits.nameBytes, 'A domain'))
    else if (field === 2) opset.version = wire.int()
    else return false
    return true
  })
  const before = opsets.get(opset.domain)
  // skl2onnx writes the same import again, and the runtime takes it.
  if (before === opset.version) return
  if (before !== undefined)
    throw invalid(`the operator set ${shown(opset.domain)} is imported in two versions, ${before} and ${opset.version}`)
  if (opsets.size >= onnxLimits.opsets) throw excessive(`More than ${onnxLimits.opsets} operator sets are imported`)
  opsets.set(opset.domain, opset.version)
}

/** Reads a StringStringEntryProto and returns its bytes. The last of several equal keys counts, as in the runtime. */
function readMetadata(wire: Wire, metadata: Map<string, string>): number {
  const entry = { key: '', value: '' }
  wire.message(fields(1, 2), (field) => {
    if (field === 1) entry.key = wire.text(onnxLimits.metadataKeyBytes, 'A metadata key')
    else if (field === 2) entry.value = wire.text(onnxLimits.metadataValueBytes, 'A metadata value')
    else return false
    return true
  })
  metadata.set(entry.key, entry.value)
  if (metadata.size > onnxLimits.metadataEntries) throw excessive(`The model has more than ${onnxLimits.metadataEntries} metadata entries`)
  return entry.key.length + entry.value.length
}

function withinMetadata(bytes: number): number {
  if (bytes > onnxLimits.metadataBytes) throw excessive(`The metadata of the model takes more than ${onnxLimits.metadataBytes} bytes`)
  return bytes
}

/** Domains in which onnxruntime has operators of its own. */
const runtimeDomain = /^$|^ai\.onnx|^com\.microsoft|^com\.ms\.|^org\.pytorch/

function readFunction(wire: Wire, { functions, tally }: Model): void {
  const body = emptyBody()
  const scope = emptyScope(null)
  addScope(tally, scope)
  const place = { wire, tally, body, scope, nesting: 0 }
  const named = { name: '', domain: '', overload: '' }
  wire.message(fields(1, 8, 10, 13), (field) => {
    if (field === 1) named.name = wire.text(onnxLimits.nameBytes, 'The name of a function')
    else if (field === 7) readNode(place)
    else if (field === 9) readOpset(wire, body)
    else if (field === 10) named.domain = domainOf(wire.text(onnxLimits.nameBytes, 'A domain'))
    else if (field === 11) readAttribute(place, null)
    else if (field === 12) readNamed(place, 'value')
    else if (field === 13) named.overload = wire.text(onnxLimits.nameBytes, 'An overload')
    else return false
    return true
  })
  if (named.name === '') throw invalid('a local function has no name')
  const key = callKey(named.domain, named.name, named.overload)
  // Which of the two the runtime would run is its own affair, so a function must not hide an operator from the check of operators.
  if (runtimeDomain.test(named.domain))
    throw unsupported(`The local function ${shown(named.name)} is in a domain of the runtime, ${shown(named.domain)}`)
  if (functions.has(key)) throw invalid(`the local function ${shown(named.name)} is defined twice`)
  if (functions.size >= onnxLimits.functions) throw excessive(`The model has more than ${onnxLimits.functions} local functions`)
  functions.set(key, body)
}
