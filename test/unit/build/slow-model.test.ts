import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { slowedModel } from '../../../build/demo/slow-model.ts'
import { readStream } from '../../../electron/core/sample-fleet/sample-stream.ts'
import { readModel } from '../../../shared/onnx/read-model.ts'
import { readerOf, Wire } from '../../../shared/onnx/wire.ts'

const file = readFileSync('build/samples/digits/digits-1.2.0.onnx')

async function answers(model: Uint8Array, rows: readonly number[][]): Promise<unknown> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  const pixels = new Tensor('float32', Float32Array.from(rows.flat()), [rows.length, 64])
  const { label, probabilities } = await session.run({ pixels })
  return [[...(label!.data as BigInt64Array)], [...(probabilities!.data as Float32Array)]]
}

test('the slow version answers to the bit what the good one does, for one row and for many, with a detour in front', async () => {
  const { rows } = readStream('build/samples/digits/stream.csv')
  const slow = slowedModel(file, 'pixels')
  expect(readModel(new Wire(readerOf(slow))).main.nodes).toBe(readModel(new Wire(readerOf(file))).main.nodes + 6)
  for (const some of [rows.slice(0, 1), rows.slice(0, 50)]) expect(await answers(slow, some)).toEqual(await answers(file, some))
})

test('a file that is cut off is refused', () => {
  expect(() => slowedModel(Uint8Array.of(0x3a, 0x80), 'pixels')).toThrow('ends within a number')
})
