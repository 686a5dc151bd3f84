import { callKey, countUse, type Body } from './calls.ts'
import { onnxLimits } from './limits.ts'
import { emptyScope, rememberNode, type Scope, type ShapeNode } from './made-sizes.ts'
import { domainOf } from './operators.ts'
import { KNOWN_VALUES, readSparseTensor, readTensor, type Tensor } from './read-tensor.ts'
import { readType, readValue, type Value } from './read-type.ts'
import { excessive, invalid, shown } from './refusal.ts'
import { fields, type Wire } from './wire.ts'

/** What has been counted and collected of the whole file so far. */
export interface Tally {
  nodes: number
  names: number
  initializerBytes: number
  largestTensorElements: number
  /** Of inputs, outputs and values with their declared shapes. */
  largestDeclaredElements: number
  scopes: Scope[]
}

/** Where in the file the walk is. */
export interface Place {
  wire: Wire
  tally: Tally
  /** The main graph or function that the nodes belong to. */
  body: Body
  scope: Scope
  /** Subgraphs around the nodes, within the body. */
  nesting: number
}

/** What the main graph says about itself. */
export interface Graph {
  name: string
  inputs: Value[]
  outputs: Value[]
  initializers: Set<string>
}

/** Reads the GraphProto at the cursor into a new scope within `around`. Throws the codes of `walkOnnx`. */
export function readGraph(around: Place): Graph {
  const scope = emptyScope(around.scope)
  const place = { ...around, scope }
  const { wire, tally } = place
  addScope(tally, scope)
  const graph: Graph = { name: '', inputs: [], outputs: [], initializers: new Set() }
  wire.message(fields(2, 10), (field) => {
    if (field === 1) readNode(place)
    else if (field === 2) graph.name = wire.text(onnxLimits.nameBytes, 'The name of a graph')
    else if (field === 5 || field === 15) readInitializer(place, field === 5 ? readTensor(wire) : readSparseTensor(wire), graph)
    else if (field === 11) graph.inputs.push(readNamed(place, 'input'))
    else if (field === 12) graph.outputs.push(readNamed(place, 'output'))
    else if (field === 13) readNamed(place, 'value')
    else return false
    return true
  })
  return graph
}

/** Keeps a scope for the check of sizes. */
export function addScope({ scopes }: Tally, scope: Scope): void {
  if (scopes.length > onnxLimits.functions + onnxLimits.subgraphs)
    throw excessive(`The model has more than ${onnxLimits.subgraphs} subgraphs`)
  scopes.push(scope)
}

function readInitializer({ tally, scope }: Place, tensor: Tensor, graph: Graph): void {
  if (tensor.name === '') throw invalid('an initializer has no name')
  // The runtime would keep the last one, and only warn.
  if (graph.initializers.has(tensor.name)) throw invalid(`two initializers are named ${shown(tensor.name)}`)
  remember(tally)
  graph.initializers.add(tensor.name)
  scope.known.set(tensor.name, { dims: tensor.dims, values: tensor.values })
  tally.initializerBytes += tensor.payloadBytes
  countTensor(tally, tensor)
}

function countTensor(tally: Tally, tensor: Tensor): void {
  tally.largestTensorElements = Math.max(tally.largestTensorElements, tensor.elements)
}

function remember(tally: Tally, names = 1): void {
  tally.names += names
  if (tally.names > onnxLimits.names) throw excessive(`The model names more than ${onnxLimits.names} tensors and shapes`)
}

/** A ValueInfoProto whose shape is kept for the check of sizes, unless an initializer says it better. */
export function readNamed({ wire, tally, scope }: Place, role: 'input' | 'output' | 'value'): Value {
  const value = readValue(wire)
  remember(tally)
  const elements = (value.type?.dims ?? []).reduce((product, dim) => product * Math.max(1, dim), 1)
  tally.largestDeclaredElements = Math.max(tally.largestDeclaredElements, elements)
  if (role !== 'output' && !scope.known.has(value.name)) scope.known.set(value.name, { dims: value.type?.dims ?? null, values: null })
  return value
}

/** A NodeProto while it is read. */
interface Node extends ShapeNode {
  domain: string
  overload: string
  attributes: Set<string>
}

/** Reads the NodeProto at the cursor, with its subgraphs. Throws the codes of `walkOnnx`. */
export function readNode(place: Place): void {
  const { wire, tally, body, scope } = place
  countNode(tally, body)
  const node: Node = {
    operator: '',
    domain: '',
    overload: '',
    inputs: [],
    outputs: [],
    numbers: new Map(),
    value: null,
    attributes: new Set(),
  }
  wire.message(fields(3, 4, 6, 7, 8), (field) => {
    if (field === 1) addValue(node, node.inputs, wire)
    else if (field === 2) addValue(node, node.outputs, wire)
    else if (field === 4) node.operator = wire.text(onnxLimits.nameBytes, 'The name of an operator')
    else if (field === 5) readAttribute(place, node)
    else if (field === 7) node.domain = domainOf(wire.text(onnxLimits.nameBytes, 'A domain'))
    else if (field === 8) node.overload = wire.text(onnxLimits.nameBytes, 'An overload')
    else return false
    return true
  })
  const { operator, domain, overload, inputs, outputs, numbers, value } = node
  if (operator === '') throw invalid('a node names no operator')
  countUse(body, callKey(domain, operator, overload), { domain, op: operator, count: 1, nesting: place.nesting })
  if (rememberNode(scope, domain, { operator, inputs, outputs, numbers, value })) remember(tally, inputs.length + outputs.length)
}

function countNode(tally: Tally, body: Body): void {
  body.nodes += 1
  tally.nodes += 1
  if (tally.nodes > onnxLimits.nodes) throw excessive(`The model has more than ${onnxLimits.nodes} nodes`)
}

function addValue(node: Node, names: string[], wire: Wire): void {
  if (node.inputs.length + node.outputs.length >= onnxLimits.nodeValues)
    throw excessive(`A node has more than ${onnxLimits.nodeValues} inputs and outputs`)
  names.push(wire.text(onnxLimits.nameBytes, 'The name of a value'))
}

/** Reads the AttributeProto at the cursor. A node is null for the default of a function's attribute. */
export function readAttribute(place: Place, node: Node | null): void {
  const { wire } = place
  const parts: { name: string; numbers: number[]; tensor: Tensor | null } = { name: '', numbers: [], tensor: null }
  wire.message(fields(1, 2, 3, 4, 5, 6, 13, 14, 20, 21, 22), (field) => {
    if (field === 1) parts.name = wire.text(onnxLimits.nameBytes, 'The name of an attribute')
    else if (field === 2 || field === 7) wire.floats(parts.numbers, KNOWN_VALUES + 1, 4)
    else if (field === 3 || field === 8) wire.ints(parts.numbers, KNOWN_VALUES + 1)
    else if (field === 5 || field === 10) parts.tensor = counted(place, readTensor(wire))
    else if (field === 6 || field === 11) readSubgraph(place)
    else if (field === 14 || field === 15) readType(wire, 0)
    else if (field === 22 || field === 23) counted(place, readSparseTensor(wire))
    else return false
    return true
  })
  if (node !== null) addAttribute(node, parts)
}

function counted({ tally }: Place, tensor: Tensor): Tensor {
  countTensor(tally, tensor)
  return tensor
}

function addAttribute(node: Node, { name, numbers, tensor }: { name: string; numbers: number[]; tensor: Tensor | null }): void {
  if (node.attributes.has(name)) throw invalid(`a node has the attribute ${shown(name)} twice`)
  node.attributes.add(name)
  if (node.attributes.size > onnxLimits.attributes) throw excessive(`A node has more than ${onnxLimits.attributes} attributes`)
  if (numbers.length > 0 && numbers.length <= KNOWN_VALUES) node.numbers.set(name, numbers)
  if (tensor !== null && name === 'value') node.value = { dims: tensor.dims, values: tensor.values }
}

function readSubgraph(place: Place): void {
  const nesting = place.nesting + 1
  if (nesting > onnxLimits.nesting) throw excessive(`Subgraphs nest deeper than ${onnxLimits.nesting} levels`)
  place.body.nesting = Math.max(place.body.nesting, nesting)
  readGraph({ ...place, nesting })
}
