import { elem, floats, graph, model, node, tensor, value } from './model.ts'
import { bytes, int, join, text, type Bytes } from './wire.ts'

/** Where a tensor says that its values are. */
export interface Elsewhere {
  location: string
  offset?: number | string
  length?: number | string
  /** Left out: EXTERNAL. */
  dataLocation?: number
}

/** The fields of a TensorProto whose values are in another file. */
export function elsewhere(of: Elsewhere): Bytes {
  const entry = (key: string, content: string): Bytes => bytes(13, join(text(1, key), text(2, content)))
  return join(
    entry('location', of.location),
    of.offset === undefined ? join() : entry('offset', String(of.offset)),
    of.length === undefined ? join() : entry('length', String(of.length)),
    int(14, of.dataLocation ?? 1),
  )
}

/** y = x * w + b over float [rows, 3]; `weights` and `biases` are how the two tensors carry their values. */
export function affineModel(of: {
  weights: { raw: Uint8Array } | { more: Uint8Array }
  biases?: { raw: Uint8Array } | { more: Uint8Array }
}): Bytes {
  return model({
    graph: graph({
      name: 'affine',
      nodes: [node({ op: 'Mul', in: ['x', 'w'], out: ['scaled'] }), node({ op: 'Add', in: ['scaled', 'b'], out: ['y'] })],
      initializers: [
        tensor({ name: 'w', type: elem.FLOAT, dims: [3], ...of.weights }),
        tensor({ name: 'b', type: elem.FLOAT, dims: [3], ...(of.biases ?? { raw: floats(1, 2, 3) }) }),
      ],
      inputs: [value('x', elem.FLOAT, ['rows', 3])],
      outputs: [value('y', elem.FLOAT, ['rows', 3])],
    }),
  })
}
