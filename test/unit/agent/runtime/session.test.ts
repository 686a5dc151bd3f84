import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadModel } from '../../../../agent/runtime/session.ts'
import { manifest, type Datatype } from '../../../../shared/domain/bundle.ts'
import { plainData, tensorFromPlain } from '../../../../shared/inference/tensor.ts'
import { halfFromNumber } from '../../../../shared/inference/half.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { elem, graph, model, node, value } from '../../../harness/onnx/model.ts'

/** y = Identity(x) of one element type, as a bundle's manifest describes it. */
function identityModel(type: number, datatype: Datatype) {
  const bytes = model({
    graph: graph({
      nodes: [node({ op: 'Identity', in: ['x'], out: ['y'] })],
      inputs: [value('x', type, ['n'])],
      outputs: [value('y', type, ['n'])],
    }),
  })
  const path = join(temporaryDirectory(), 'model.onnx')
  writeFileSync(path, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const spec = (name: string) => ({ name, datatype, shape: [-1] })
  return {
    path,
    manifest: manifest.parse({
      ...{ v: 1, model: 'identity', version: '1', task: 'other', labels: [], inputs: [spec('x')], outputs: [spec('y')] },
      outcome: { label: null, probabilities: null, value: null },
      schema: { input: null, features: [], target: null },
      preprocessing: { v: 1, steps: [] },
      onnx: { irVersion: 8, opsets: { '': 17 }, operators: ['Identity'], producer: 'test', metadata: {} },
      metrics: {},
      artifacts: { model: { sha256, sizeBytes: bytes.length, encoding: 'identity', blocks: [[bytes.length, sha256]] } },
    }),
  }
}

describe('every datatype goes through onnxruntime and back', () => {
  const rows: { datatype: Datatype; type: number; data: (number | boolean | string)[] }[] = [
    { datatype: 'FP32', type: elem.FLOAT, data: [0.5, -2] },
    { datatype: 'FP64', type: elem.DOUBLE, data: [0.1, 1e300] },
    { datatype: 'INT32', type: elem.INT32, data: [-5, 7] },
    { datatype: 'INT64', type: elem.INT64, data: [-5, 2 ** 40] },
    { datatype: 'UINT8', type: elem.UINT8, data: [0, 255] },
    { datatype: 'INT8', type: elem.INT8, data: [-128, 127] },
    { datatype: 'BOOL', type: elem.BOOL, data: [true, false] },
    { datatype: 'BYTES', type: elem.STRING, data: ['a', 'ä'] },
  ]
  test.each(rows)('$datatype', async ({ datatype, type, data }) => {
    const { path, manifest: of } = identityModel(type, datatype)
    const loaded = await loadModel(of, path)
    const [output] = await loaded.run([tensorFromPlain('x', datatype, [data.length], data)])
    expect(plainData(output!)).toEqual(data)
  })

  test('FP16, as bits', async () => {
    const { path, manifest: of } = identityModel(elem.FLOAT16, 'FP16')
    const loaded = await loadModel(of, path)
    const bits = Uint16Array.from([0.5, -2, 65504].map(halfFromNumber))
    const [output] = await loaded.run([{ name: 'x', datatype: 'FP16', shape: [3], data: bits }])
    expect([output!.datatype, output!.data]).toEqual(['FP16', bits])
  })
})
