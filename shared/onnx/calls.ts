import { onnxLimits } from './limits.ts'
import { excessive, shown } from './refusal.ts'

/** How a body uses one operator or local function. */
export interface Use {
  domain: string
  op: string
  count: number
  /** Subgraphs around the deepest use, within its body. */
  nesting: number
}

/** The main graph or a local function with its subgraphs. */
export interface Body {
  /** Versions by domain. */
  opsets: Map<string, number>
  /** By `callKey`. */
  uses: Map<string, Use>
  nodes: number
  /** Deepest subgraph of the body. */
  nesting: number
}

/** What a node and a function must share to belong together. */
export const callKey = (domain: string, op: string, overload: string): string => JSON.stringify([domain, op, overload])

/** What a call of a function stands for once everything is inlined. */
interface Cost {
  nesting: number
  nodes: number
}

/**
 * Throws `model.resource-limit` if calls and subgraphs nest deeper than `onnxLimits.nesting` (so also on any recursion),
 * or if inlining every call, as the runtime does while it loads, makes more than `onnxLimits.nodes` nodes.
 */
export function checkCalls(main: Body, functions: ReadonlyMap<string, Body>): void {
  const costs = new Map<string, Cost>()
  // The recursion is as deep as a chain of calls, which is refused as soon as it is too deep.
  const costOf = (body: Body, calls: number): Cost => {
    if (calls > onnxLimits.nesting) throw excessive(`Local functions call each other deeper than ${onnxLimits.nesting} levels`)
    const cost = { nesting: body.nesting, nodes: body.nodes }
    for (const [key, use] of body.uses) {
      const callee = functions.get(key)
      if (callee === undefined) continue
      const called = costs.get(key) ?? costOf(callee, calls + 1)
      costs.set(key, called)
      cost.nesting = Math.max(cost.nesting, use.nesting + 1 + called.nesting)
      cost.nodes += use.count * called.nodes
    }
    if (cost.nesting > onnxLimits.nesting) throw excessive(`Subgraphs and local functions nest deeper than ${onnxLimits.nesting} levels`)
    if (cost.nodes > onnxLimits.nodes) throw excessive(`With its local functions inlined the model has more than ${onnxLimits.nodes} nodes`)
    return cost
  }
  costOf(main, 0)
  // Functions that nobody calls are loaded as well.
  for (const [key, body] of functions) {
    if (!costs.has(key)) costs.set(key, costOf(body, 0))
  }
}

/** The operators of all bodies that are not local functions. Throws `model.resource-limit` above `onnxLimits.operators`. */
export function operatorUses(bodies: readonly Body[], functions: ReadonlyMap<string, Body>): { use: Use; body: Body }[] {
  return bodies.flatMap((body) => [...body.uses].filter(([key]) => !functions.has(key)).map(([, use]) => ({ use, body })))
}

/** Counts one node of a body. */
export function countUse(body: Body, key: string, use: Use): void {
  const known = body.uses.get(key)
  if (known === undefined) {
    if (body.uses.size >= onnxLimits.operators)
      throw excessive(`More than ${onnxLimits.operators} different operators, the last ${shown(use.op)}`)
    body.uses.set(key, use)
    return
  }
  known.count += use.count
  known.nesting = Math.max(known.nesting, use.nesting)
}
