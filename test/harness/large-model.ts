import { writeFileSync } from 'node:fs'
import { attribute, elem, graph, model, node, tensor, value } from './onnx/model.ts'

/** Float32 values that do not compress, the same for the same seed (xorshift32). */
function noise(count: number, seed: number): Uint8Array {
  const values = new Float32Array(count)
  let state = seed
  for (let i = 0; i < count; i += 1) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    values[i] = state / 2 ** 31 / 64
  }
  return new Uint8Array(values.buffer)
}

/** Writes a real model of about `mebibytes`: x [N, 64] times a large matrix, summed up. */
export function writeLargeModel(path: string, mebibytes: number, seed: number): void {
  const columns = (mebibytes * 1024 * 1024) / 4 / 64
  const bytes = model({
    graph: graph({
      name: 'large',
      nodes: [
        node({ op: 'MatMul', in: ['x', 'w'], out: ['wide'] }),
        node({ op: 'ReduceMean', in: ['wide'], out: ['value'], attributes: [attribute.ints('axes', [1]), attribute.int('keepdims', 1)] }),
      ],
      inputs: [value('x', elem.FLOAT, ['batch', 64])],
      outputs: [value('value', elem.FLOAT, ['batch', 1])],
      initializers: [tensor({ name: 'w', type: elem.FLOAT, dims: [64, columns], raw: noise(64 * columns, seed) })],
    }),
    metadata: [
      ['task', 'regression'],
      ['version', '1.0.0'],
    ],
  })
  writeFileSync(path, bytes)
}
