import { onnxLimits } from './limits.ts'
import { operatorName } from './operators.ts'
import { KNOWN_VALUES } from './read-tensor.ts'
import { excessive, shown } from './refusal.ts'

/** What is known of a value before the model runs; -1 is a variable dimension. */
export interface Known {
  dims: number[] | null
  values: number[] | null
}

/** A node whose output size, or whose value as a shape, can follow from constants. */
export interface ShapeNode {
  operator: string
  inputs: string[]
  outputs: string[]
  /** Attributes of numbers, at most `KNOWN_VALUES` of each. */
  numbers: Map<string, number[]>
  /** The tensor of the attribute `value`. */
  value: Known | null
}

/** Names of a graph or function body; a subgraph sees those around it. */
export interface Scope {
  parent: Scope | null
  known: Map<string, Known>
  producers: Map<string, ShapeNode>
  makers: ShapeNode[]
}

/** A scope without names. */
export const emptyScope = (parent: Scope | null): Scope => ({ parent, known: new Map(), producers: new Map(), makers: [] })

/** What a rule may ask about the node it looks at. */
interface Facts {
  node: ShapeNode
  /** Values of the input at this place, or null. */
  values(index: number): number[] | null
  /** Dimensions of the input at this place, or null. */
  dims(index: number): number[] | null
}

/** Chains of shape arithmetic against the order of the file are followed so far; longer ones count as unknown. */
const FOLD_DEPTH = 256

/**
 * Throws `model.resource-limit` if an operator asks for a tensor above `onnxLimits.madeElements` by constants of the file:
 * 104 bytes with one ConstantOfShape ask for 4.3 GiB. What follows only from inputs is left to the limits of the runtime process.
 * @returns the elements of the largest one
 */
export function checkMadeSizes(scopes: readonly Scope[]): number {
  for (const scope of scopes) {
    // In the order of the file, which is that of the computation: long chains then need no depth.
    for (const name of [...scope.producers.keys()]) lookUp(name, scope, 0)
  }
  let largest = 0
  for (const scope of scopes) {
    for (const node of scope.makers) {
      const elements = madeBy[node.operator]?.(factsOf(node, scope, 0)) ?? 0
      if (elements > onnxLimits.madeElements || Number.isNaN(elements))
        throw excessive(
          `${node.operator} for ${shown(node.outputs[0] ?? '')} makes a tensor of more than ${onnxLimits.madeElements} elements`,
        )
      largest = Math.max(largest, elements)
    }
  }
  return largest
}

/** Remembers a node if its size or its value can matter. Returns whether it did. */
export function rememberNode(scope: Scope, domain: string, node: ShapeNode): boolean {
  const operator = operatorName(domain, node.operator)
  const isMaker = Object.hasOwn(madeBy, operator)
  const isFold = Object.hasOwn(foldedBy, operator)
  if (isMaker) scope.makers.push({ ...node, operator })
  if (isMaker || isFold) for (const output of node.outputs) scope.producers.set(output, { ...node, operator })
  return isMaker || isFold
}

function factsOf(node: ShapeNode, scope: Scope, depth: number): Facts {
  const input = (index: number): Known | null => {
    const name = node.inputs[index]
    return name === undefined || name === '' ? null : lookUp(name, scope, depth + 1)
  }
  return { node, values: (index) => input(index)?.values ?? null, dims: (index) => input(index)?.dims ?? null }
}

/** What is known of a name, worked out once and kept, so that shared terms cost nothing twice. */
function lookUp(name: string, scope: Scope, depth: number): Known | null {
  if (depth > FOLD_DEPTH) return null
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const known = at.known.get(name)
    const node = at.producers.get(name)
    if (node === undefined && known !== undefined) return known
    if (node === undefined) continue
    if (known !== undefined && known.values !== null) return known
    // Removed first: a cycle of names then ends as unknown.
    at.producers.delete(name)
    const folded = foldedBy[node.operator]?.(factsOf(node, at, depth)) ?? null
    const found = { dims: folded?.dims ?? known?.dims ?? null, values: withinReach(folded?.values ?? null) }
    at.known.set(name, found)
    return found
  }
  return null
}

const withinReach = (values: number[] | null): number[] | null => (values !== null && values.length <= KNOWN_VALUES ? values : null)

const vector = (values: number[] | null): Known | null => (values === null ? null : { dims: [values.length], values })
const numbers = (facts: Facts, name: string): number[] | null => facts.node.numbers.get(name) ?? null

/** Values that only change their shape: for shape arithmetic the order of values is all that counts. */
const sameValues = (facts: Facts): Known | null => vector(facts.values(0))

function elementwise(combine: (left: number, right: number) => number) {
  return (facts: Facts): Known | null => {
    const left = facts.values(0)
    const right = facts.values(1)
    if (left === null || right === null) return null
    const length = Math.max(left.length, right.length)
    if ([left, right].some((side) => side.length !== length && side.length !== 1)) return null
    const at = (side: number[], index: number): number => side[side.length === 1 ? 0 : index] ?? Number.NaN
    return vector(Array.from({ length }, (_, index) => combine(at(left, index), at(right, index))))
  }
}

function concatenated(facts: Facts): Known | null {
  const all: number[] = []
  for (let index = 0; index < facts.node.inputs.length; index += 1) {
    const values = facts.values(index)
    if (values === null || all.length + values.length > KNOWN_VALUES) return null
    all.push(...values)
  }
  return vector(all)
}

function gathered(facts: Facts): Known | null {
  const values = facts.values(0)
  const picks = facts.values(1)
  if (values === null || picks === null) return null
  return vector(picks.map((pick) => values[pick < 0 ? pick + values.length : pick] ?? Number.NaN).filter((value) => !Number.isNaN(value)))
}

function constant({ node }: Facts): Known | null {
  if (node.value !== null) return node.value
  for (const name of ['value_ints', 'value_int', 'value_floats', 'value_float']) {
    const values = node.numbers.get(name)
    if (values !== undefined) return { dims: name.endsWith('s') ? [values.length] : [], values }
  }
  return null
}

function shapeOf(facts: Facts): Known | null {
  const dims = facts.dims(0)
  return dims === null || dims.includes(-1) ? null : vector(dims)
}

const foldedBy: Record<string, (facts: Facts) => Known | null> = {
  Constant: constant,
  Shape: shapeOf,
  Identity: (facts) => ({ dims: facts.dims(0), values: facts.values(0) }),
  Cast: (facts) => ({ dims: facts.dims(0), values: facts.values(0) }),
  Squeeze: sameValues,
  Unsqueeze: sameValues,
  Reshape: sameValues,
  Flatten: sameValues,
  Concat: concatenated,
  Gather: gathered,
  Add: elementwise((left, right) => left + right),
  Sub: elementwise((left, right) => left - right),
  Mul: elementwise((left, right) => left * right),
  Pow: elementwise((left, right) => left ** right),
  Max: elementwise(Math.max),
  Min: elementwise(Math.min),
  ConstantOfShape: (facts) => ({ dims: facts.values(0), values: null }),
}

/** Product of dimensions; a negative one cannot be made and counts as endless. */
function product(dims: readonly number[] | null): number {
  return dims === null ? 0 : dims.reduce((all, dim) => (dim < 0 ? Number.POSITIVE_INFINITY : all * dim), 1)
}

/** Variable dimensions count as 1: an input that is larger only makes more. */
const atLeast = (dims: readonly number[] | null): number[] => (dims ?? []).map((dim) => Math.max(dim, 1))

/** Dimensions multiplied one by one; where the input's are unknown, the factors alone. */
function scaled(dims: number[] | null, factors: number[] | null): number {
  if (factors === null) return 0
  const from = dims?.length === factors.length ? atLeast(dims) : factors.map(() => 1)
  return product(factors.map((factor, index) => Math.max(0, Math.floor((from[index] ?? 1) * factor))))
}

function expanded(facts: Facts): number {
  const shape = facts.values(1)
  if (shape === null) return 0
  const dims = atLeast(facts.dims(0))
  const rank = Math.max(shape.length, dims.length)
  const fromEnd = (list: readonly number[], index: number): number => list[list.length - 1 - index] ?? 1
  return product(Array.from({ length: rank }, (_, index) => Math.max(fromEnd(atLeast(shape), index), fromEnd(dims, index))))
}

function ranged(facts: Facts): number {
  const [start, limit, delta] = [facts.values(0)?.[0], facts.values(1)?.[0], facts.values(2)?.[0]]
  if (start === undefined || limit === undefined || delta === undefined || delta === 0) return 0
  return Math.max(0, Math.ceil((limit - start) / delta))
}

function padded(facts: Facts): number {
  const pads = numbers(facts, 'pads') ?? facts.values(1)
  if (pads === null || pads.length % 2 !== 0) return 0
  const rank = pads.length / 2
  const dims = facts.dims(0)
  const from = dims?.length === rank ? atLeast(dims) : Array.from({ length: rank }, () => 1)
  return product(from.map((dim, index) => Math.max(0, dim + (pads[index] ?? 0) + (pads[index + rank] ?? 0))))
}

function resized(facts: Facts): number {
  const sizes = facts.values(3)
  if (sizes !== null && sizes.length > 0) return product(sizes)
  // Opset 10 has the scales second, later ones third.
  const scales = facts.node.inputs.length === 2 ? facts.values(1) : facts.values(2)
  return scaled(facts.dims(0), scales)
}

const oneHot = (facts: Facts): number => product(atLeast(facts.dims(0))) * Math.max(0, facts.values(1)?.[0] ?? 0)
const byInput = (index: number) => (facts: Facts) => product(facts.values(index))
const byAttribute = (name: string) => (facts: Facts) => product(numbers(facts, name))

/** Elements of the output as far as constants say, 0 where they say nothing. */
const madeBy: Record<string, (facts: Facts) => number> = {
  ConstantOfShape: byInput(0),
  Expand: expanded,
  Range: ranged,
  Tile: (facts) => scaled(facts.dims(0), facts.values(1)),
  Resize: resized,
  Upsample: (facts) => scaled(facts.dims(0), numbers(facts, 'scales') ?? facts.values(1)),
  Pad: padded,
  OneHot: oneHot,
  RandomNormal: byAttribute('shape'),
  RandomUniform: byAttribute('shape'),
  Multinomial: byAttribute('sample_size'),
  ConvTranspose: byAttribute('output_shape'),
  MaxUnpool: byInput(2),
  MaxRoiPool: byAttribute('pooled_shape'),
  CenterCropPad: byInput(1),
  Col2Im: byInput(1),
  AffineGrid: byInput(1),
  HannWindow: byInput(0),
  HammingWindow: byInput(0),
  BlackmanWindow: byInput(0),
  MelWeightMatrix: (facts) => product(facts.values(0)) * Math.max(1, (facts.values(1)?.[0] ?? 0) / 2),
  DFT: byInput(1),
  'ai.onnx.ml::TreeEnsembleRegressor': byAttribute('n_targets'),
  'ai.onnx.ml::TreeEnsemble': byAttribute('n_targets'),
  'ai.onnx.ml::LinearRegressor': byAttribute('targets'),
}
