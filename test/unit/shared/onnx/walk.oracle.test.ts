import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { walkOnnx, type OnnxSummary } from '../../../../shared/onnx/walk.ts'
import { readerOf } from '../../../../shared/onnx/wire.ts'
import { callChain, madeByShape, nestedBranches } from '../../../harness/onnx/hostile-sizes.ts'
import { attribute, elem, floats, model, node, opset, smallGraph, tensor, value } from '../../../harness/onnx/model.ts'
import { oracleSummary } from '../../../harness/onnx/oracle.ts'
import { bytes, int, join as joinBytes, text, varint } from '../../../harness/onnx/wire.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'muster-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))

const scaler = (ml: number): Uint8Array =>
  model({
    ir: 10,
    graph: smallGraph({
      nodes: [node({ op: 'Normalizer', domain: 'ai.onnx.ml', in: ['x'], out: ['y'], attributes: [attribute.string('norm', 'L2')] })],
    }),
    opsets: [opset('', 17), opset('ai.onnx.ml', ml)],
  })

const weight = joinBytes(bytes(1, varint(1), varint(4)), int(2, elem.FLOAT), text(8, 'b'), bytes(4, floats(1, 2, 3, 4)))
const conditional = [value('x', elem.FLOAT, ['N', 4])]

/** Models of our own encoder, with whether the runtime and the walk take them. */
const made: { name: string; file: Uint8Array; loads: boolean; accepted: boolean }[] = [
  ...[2, 3, 13, 14].map((ir) => ({
    name: `IR ${ir}`,
    file: model({ ir, graph: smallGraph() }),
    loads: ir !== 14,
    accepted: ir === 3 || ir === 13,
  })),
  ...[7, 17, 26, 27].map((version) => ({
    name: `opset ${version}`,
    file: model({ ir: 10, graph: smallGraph(), opsets: [opset('', version)] }),
    loads: version <= 26,
    accepted: version <= 26,
  })),
  ...[1, 5, 6].map((version) => ({ name: `ai.onnx.ml ${version}`, file: scaler(version), loads: version <= 5, accepted: version <= 5 })),
  {
    name: 'packed dims, float_data',
    file: model({ graph: smallGraph({ nodes: [node({ op: 'Add', in: ['x', 'b'], out: ['y'] })], initializers: [weight] }) }),
    loads: true,
    accepted: true,
  },
  {
    name: 'an initializer among the inputs',
    file: model({
      graph: smallGraph({
        nodes: [node({ op: 'Add', in: ['x', 'b'], out: ['y'] })],
        inputs: [...conditional, value('b', elem.FLOAT, [4])],
        initializers: [tensor({ name: 'b', type: elem.FLOAT, dims: [4], raw: floats(1, 2, 3, 4) })],
      }),
    }),
    loads: true,
    accepted: true,
  },
  { name: 'a chain of 16 functions', file: callChain(16), loads: true, accepted: true },
  { name: 'a made tensor', file: madeByShape(2, 3), loads: true, accepted: true },
]

describe('protobufjs reads the same', () => {
  const samples = globSync('build/samples/*/*.onnx', { cwd: root }).toSorted()
  const files: [string, Uint8Array][] = [
    ...samples.map((path): [string, Uint8Array] => [path, readFileSync(join(root, path))]),
    ...made
      .filter(({ accepted, name }) => accepted && !/float_data|functions/.test(name))
      .map(({ name, file }): [string, Uint8Array] => [name, file]),
    ['branches', nestedBranches(16)],
  ]

  it('has all seven samples', () => {
    expect(samples.length).toBe(7)
  })

  it.each(files)('%s', (_, file) => {
    const { functions, largestTensorElements, largestMadeElements, ...summary }: OnnxSummary = walkOnnx(readerOf(file), { allow: ['If'] })
    expect(summary).toEqual(oracleSummary(file))
    expect([functions, largestTensorElements >= 0, largestMadeElements > 0]).toEqual([0, true, true])
  })
})

describe('onnxruntime agrees', () => {
  it('on which models load, and on their inputs and outputs', () => {
    const paths = made.map(({ file }, index) => {
      const path = join(folder, `${index}.onnx`)
      writeFileSync(path, file)
      return path
    })
    const child = spawnSync(process.execPath, [join(root, 'test/harness/onnx/load.ts'), ...paths], {
      encoding: 'utf8',
      cwd: folder,
      timeout: 60_000,
    })
    const answers = child.stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(answers.length).toBe(made.length)
    for (const [index, { name, file, loads, accepted }] of made.entries()) {
      const answer = answers[index]
      if (accepted) {
        const { inputs, outputs } = walkOnnx(readerOf(file))
        expect({ name, answer }).toEqual({
          name,
          answer: { inputs: inputs.map((one) => one.name), outputs: outputs.map((one) => one.name) },
        })
      } else {
        expect(() => walkOnnx(readerOf(file))).toThrow(expect.objectContaining({ code: 'model.unsupported' }))
        if (!loads) expect({ name, answer }).toEqual({ name, answer: { error: expect.any(String) } })
      }
    }
  })
})
