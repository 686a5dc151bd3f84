import { attribute, elem, floats, graph, longTensor, longs, model, node, smallGraph, tensor, value } from './model.ts'

/** A model that says it is one thing when it is probed and is another one for some inputs; each takes [N, 4] and gives [N, 4]. */
const io = { inputs: [value('x', elem.FLOAT, ['N', 4])], outputs: [value('y', elem.FLOAT, ['N', 4])] }
const constant = (name: string, ...values: readonly number[]): Uint8Array =>
  tensor({ name, type: elem.FLOAT, dims: [values.length], raw: floats(...values) })

/** y = x, and NaN for a row whose numbers are above 1,000: the root of a negative number. */
export const nanForLarge = (): Uint8Array =>
  model({
    graph: graph({
      ...io,
      nodes: [
        node({ op: 'Sub', in: ['limit', 'x'], out: ['room'] }),
        node({ op: 'Sqrt', in: ['room'], out: ['root'] }),
        node({ op: 'Mul', in: ['root', 'zero'], out: ['nothing'] }),
        node({ op: 'Add', in: ['x', 'nothing'], out: ['y'] }),
      ],
      initializers: [constant('limit', 1000), constant('zero', 0)],
    }),
  })

/** y = NaN, always. */
export const nanAlways = (): Uint8Array =>
  model({
    graph: graph({
      ...io,
      nodes: [node({ op: 'Sqrt', in: ['minus'], out: ['root'] }), node({ op: 'Add', in: ['x', 'root'], out: ['y'] })],
      initializers: [constant('minus', -1)],
    }),
  })

/**
 * y = x, after work that grows with the largest number of the input: a matrix of n x 1 by 1 x n is made and summed up. Small numbers
 * cost nothing, large ones take time and memory.
 */
export const workByInput = (build = '1'): Uint8Array =>
  model({
    graph: graph({
      ...io,
      nodes: [
        node({ op: 'ReduceMax', in: ['x'], out: ['most'], attributes: [attribute.int('keepdims', 0)] }),
        node({ op: 'Abs', in: ['most'], out: ['size'] }),
        node({ op: 'Cast', in: ['size'], out: ['long'], attributes: [attribute.int('to', elem.INT64)] }),
        node({ op: 'Unsqueeze', in: ['long', 'axis'], out: ['n'] }),
        node({ op: 'Concat', in: ['n', 'one'], out: ['tall'], attributes: [attribute.int('axis', 0)] }),
        node({ op: 'Concat', in: ['one', 'n'], out: ['wide'], attributes: [attribute.int('axis', 0)] }),
        node({ op: 'ConstantOfShape', in: ['tall'], out: ['a'] }),
        node({ op: 'ConstantOfShape', in: ['wide'], out: ['b'] }),
        node({ op: 'MatMul', in: ['a', 'b'], out: ['product'] }),
        node({ op: 'ReduceSum', in: ['product'], out: ['sum'], attributes: [attribute.int('keepdims', 0)] }),
        node({ op: 'Add', in: ['x', 'sum'], out: ['y'] }),
      ],
      initializers: [longTensor('axis', 0), longTensor('one', 1)],
    }),
    metadata: [['build', build]],
  })

const loopBody = graph({
  name: 'body',
  nodes: [node({ op: 'Identity', in: ['c'], out: ['c2'] }), node({ op: 'Identity', in: ['v'], out: ['v2'] })],
  inputs: [value('i', elem.INT64, []), value('c', elem.BOOL, []), value('v', elem.FLOAT, ['N', 4])],
  outputs: [value('c2', elem.BOOL, []), value('v2', elem.FLOAT, ['N', 4])],
})
const loop = (trips: string): Uint8Array =>
  node({ op: 'Loop', in: [trips, 'on', 'x'], out: ['y'], attributes: [attribute.graph('body', loopBody)] })
const on = tensor({ name: 'on', type: elem.BOOL, dims: [], raw: Uint8Array.of(1) })

/** y = x after 2^52 turns. */
export const endlessLoop = (): Uint8Array =>
  model({
    graph: graph({
      ...io,
      nodes: [loop('trips')],
      initializers: [on, tensor({ name: 'trips', type: elem.INT64, dims: [], raw: longs(2n ** 52n) })],
    }),
  })

/** y = x after as many turns as the first number of the input says, squared. */
export const loopByInput = (): Uint8Array =>
  model({
    graph: graph({
      ...io,
      nodes: [
        node({ op: 'ReduceMax', in: ['x'], out: ['most'], attributes: [attribute.int('keepdims', 0)] }),
        node({ op: 'Mul', in: ['most', 'most'], out: ['square'] }),
        node({ op: 'Cast', in: ['square'], out: ['trips'], attributes: [attribute.int('to', elem.INT64)] }),
        loop('trips'),
      ],
      initializers: [on],
    }),
  })

/** A sound model under other names than its bundle declares. */
export const renamed = (): Uint8Array =>
  model({ graph: smallGraph({ nodes: [node({ op: 'Relu', in: ['image'], out: ['y'] })], inputs: [value('image', elem.FLOAT, ['N', 4])] }) })
