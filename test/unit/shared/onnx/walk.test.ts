import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../../../shared/domain/problem.ts'
import { onnxLimits } from '../../../../shared/onnx/limits.ts'
import { walkOnnx, type OnnxSummary } from '../../../../shared/onnx/walk.ts'
import { readerOf, type ByteReader } from '../../../../shared/onnx/wire.ts'
import { hostileFiles, type HostileFile } from '../../../harness/onnx/hostile.ts'
import { callChain, greedyFiles, madeByShape, nestedBranches } from '../../../harness/onnx/hostile-sizes.ts'
import {
  attribute,
  elem,
  floats,
  graph,
  localFunction,
  model,
  node,
  opset,
  smallGraph,
  tensor,
  value,
} from '../../../harness/onnx/model.ts'
import { bytes, int, join, text, varint } from '../../../harness/onnx/wire.ts'

const sample = (path: string): Buffer => readFileSync(new URL(`../../../../build/samples/${path}.onnx`, import.meta.url))
const inspect = (file: Uint8Array, allow: readonly string[] = []): OnnxSummary => walkOnnx(readerOf(file), { allow })

/** The code of the problem that an inspection ends with; anything else that is thrown fails the test. */
function codeOf(file: Uint8Array, allow: readonly string[] = []): string {
  try {
    inspect(file, allow)
    return 'accepted'
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

const dense = ['ArgMax', 'Div', 'Gemm', 'Relu', 'Softmax']
const digitLabels = '["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]'
const wineLabels = '["class_0", "class_1", "class_2"]'

function digits(version: string, counted: Partial<OnnxSummary>): Partial<OnnxSummary> {
  return {
    irVersion: 8,
    opsets: { '': 17 },
    producer: 'fixtures',
    graphName: 'digits',
    metadata: { task: 'classification', labels: digitLabels, version },
    inputs: [{ name: 'pixels', datatype: 'FP32', shape: [-1, 64] }],
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [-1] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 10] },
    ],
    operators: dense,
    functions: 0,
    largestMadeElements: 64,
    ...counted,
  }
}

function wine(version: string, counted: Partial<OnnxSummary>): Partial<OnnxSummary> {
  return {
    irVersion: 8,
    producer: 'fixtures',
    graphName: 'wine',
    metadata: { task: 'classification', labels: wineLabels, version },
    inputs: [{ name: 'sensors', datatype: 'FP32', shape: [-1, 13] }],
    outputs: [
      { name: 'label', datatype: 'INT64', shape: [-1] },
      { name: 'probabilities', datatype: 'FP32', shape: [-1, 3] },
    ],
    functions: 0,
    largestMadeElements: 13,
    ...counted,
  }
}

const forest = { opsets: { '': 17, 'ai.onnx.ml': 3 }, nodes: 1, initializerBytes: 0, largestTensorElements: 0 }
const samples: [string, Partial<OnnxSummary>][] = [
  ['digits/digits-1.0.0', digits('1.0.0', { nodes: 6, initializerBytes: 4_844, largestTensorElements: 1_024 })],
  ['digits/digits-1.1.0', digits('1.1.0', { nodes: 6, initializerBytes: 19_244, largestTensorElements: 4_096 })],
  ['digits/digits-1.2.0', digits('1.2.0', { nodes: 8, initializerBytes: 68_908, largestTensorElements: 8_192 })],
  ['digits/digits-1.3.0-regressed', digits('1.3.0', { nodes: 8, initializerBytes: 68_908, largestTensorElements: 8_192 })],
  [
    'wine/wine-1.0.0',
    wine('1.0.0', {
      opsets: { '': 17 },
      operators: ['ArgMax', 'Div', 'Gemm', 'Softmax', 'Sub'],
      nodes: 5,
      initializerBytes: 272,
      largestTensorElements: 39,
    }),
  ],
  ['wine/wine-2.0.0', wine('2.0.0', { ...forest, operators: ['ai.onnx.ml::TreeEnsembleClassifier'] })],
  [
    'diabetes/diabetes-1.0.0',
    {
      irVersion: 8,
      producer: 'fixtures',
      graphName: 'diabetes',
      metadata: { task: 'regression', version: '1.0.0' },
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 10] }],
      outputs: [{ name: 'value', datatype: 'FP32', shape: [-1, 1] }],
      operators: ['ai.onnx.ml::TreeEnsembleRegressor'],
      functions: 0,
      largestMadeElements: 10,
      ...forest,
    },
  ],
]

describe('the sample models', () => {
  it.each(samples)('%s', (path, expected) => {
    expect(inspect(sample(path))).toEqual(expected)
  })

  it('refuses every shorter file of digits-1.0.0 that is not a whole model', () => {
    const whole = sample('digits/digits-1.0.0')
    const codes = new Set<string>()
    const accepted = new Map<number, string[]>()
    for (let length = 0; length < whole.length; length += 1) {
      const code = codeOf(whole.subarray(0, length))
      if (code === 'accepted') accepted.set(length, Object.keys(inspect(whole.subarray(0, length)).metadata))
      else codes.add(code)
    }
    expect([...codes]).toEqual(['model.invalid'])
    // protobuf has no end mark: cut between fields behind graph and opset, the rest is a model with less metadata.
    expect(accepted).toEqual(
      new Map([
        [5_260, []],
        [5_284, ['task']],
        [5_346, ['task', 'labels']],
      ]),
    )
  })
})

describe('cases 16, 17 and 19 to 21: the hostile corpus', () => {
  it('has no two rows of one name', () => {
    const names = [...hostileFiles, ...greedyFiles].map(({ name }) => name)
    expect(names.length).toBe(new Set(names).size)
  })

  it.each<HostileFile>([...hostileFiles, ...greedyFiles])('$code: $name', ({ build, code, allow }) => {
    expect(codeOf(build(), allow)).toBe(code)
  })
})

describe('what just passes', () => {
  const float = [value('x', elem.FLOAT, [4])]
  const rows: [string, () => Uint8Array, string[]?][] = [
    ['IR 3', () => model({ ir: 3, graph: smallGraph() })],
    ['IR 13', () => model({ ir: 13, graph: smallGraph() })],
    ['opset 7', () => model({ graph: smallGraph(), opsets: [opset('', 7)] })],
    ['opset 26', () => model({ graph: smallGraph(), opsets: [opset('', 26)] })],
    ['a domain that is imported and not used', () => model({ graph: smallGraph(), opsets: [opset('', 17), opset('com.microsoft', 1)] })],
    ['a chain of 16 functions', () => callChain(16)],
    ['branches 16 deep', () => nestedBranches(16), ['If']],
    ['ConstantOfShape of 2^28', () => madeByShape(2 ** 14, 2 ** 14)],
    ['Microsoft operators with leave', () => microsoft(), ['com.microsoft::Gelu']],
    ['an unknown field', () => model({ graph: smallGraph(), more: join(int(1_000, 5), text(999, 'later')) })],
    ['a static input of 2^28', () => model({ graph: smallGraph({ inputs: [value('x', elem.UINT8, [2 ** 14, 2 ** 14])] }) })],
    ['64 inputs', () => model({ graph: smallGraph({ inputs: Array.from({ length: 64 }, (_, index) => value(`x${index}`, 1, [1])) }) })],
    [
      'a number with leading zeros',
      () => join(Uint8Array.of(8, 0x88, 0x80, 0), model({ graph: smallGraph({ inputs: float }) }).subarray(2)),
    ],
  ]
  const microsoft = (): Uint8Array =>
    model({
      graph: smallGraph({ nodes: [node({ op: 'Gelu', domain: 'com.microsoft', in: ['x'], out: ['y'] })] }),
      opsets: [opset('', 17), opset('com.microsoft', 1)],
    })

  it.each(rows)('%s', (_, build, allow) => {
    expect(codeOf(build(), allow)).toBe('accepted')
  })

  it('asks for leave by the full name', () => {
    expect([codeOf(microsoft(), ['Gelu']), codeOf(microsoft(), ['com.microsoft'])]).toEqual(['model.unsupported', 'model.unsupported'])
  })
})

describe('the summary', () => {
  it('tells dimensions, datatypes, and inputs that an initializer fills', () => {
    const summary = inspect(
      model({
        graph: smallGraph({
          nodes: [node({ op: 'Add', domain: 'ai.onnx', in: ['x', 'b'], out: ['y'] })],
          inputs: [value('b', elem.FLOAT, [4]), value('x', elem.STRING, ['N', null, -1, 0, 7]), value('s', elem.FLOAT16, [])],
          outputs: [value('y', elem.BOOL, [2]), value('z', elem.DOUBLE, ['', 3])],
          initializers: [tensor({ name: 'b', type: elem.FLOAT, dims: [4], raw: floats(1, 2, 3, 4) })],
        }),
        // Twice, as skl2onnx writes it.
        opsets: [opset('ai.onnx', 17), opset('', 17)],
        metadata: [
          ['__proto__', 'kept'],
          ['name', 'Größe 🙂'],
        ],
      }),
    )
    expect(summary).toEqual({
      irVersion: 8,
      opsets: { '': 17 },
      producer: 'muster-test 1',
      graphName: 'g',
      metadata: Object.fromEntries([
        ['__proto__', 'kept'],
        ['name', 'Größe 🙂'],
      ]),
      inputs: [
        { name: 'x', datatype: 'BYTES', shape: [-1, -1, -1, 0, 7] },
        { name: 's', datatype: 'FP16', shape: [] },
      ],
      outputs: [
        { name: 'y', datatype: 'BOOL', shape: [2] },
        { name: 'z', datatype: 'FP64', shape: [-1, 3] },
      ],
      operators: ['Add'],
      initializerBytes: 16,
      nodes: 1,
      functions: 0,
      largestTensorElements: 4,
      largestMadeElements: 7,
    })
  })

  it('counts branches and functions, and leaves calls out of the operators', () => {
    const branch = graph({ nodes: [node({ op: 'Abs', in: ['x'], out: ['y'] }), node({ op: 'F', domain: 'local', in: ['x'], out: ['z'] })] })
    const summary = inspect(
      model({
        graph: smallGraph({ nodes: [node({ op: 'If', in: ['c'], out: ['y'], attributes: [attribute.graph('then_branch', branch)] })] }),
        functions: [localFunction({ name: 'F', nodes: [node({ op: 'Neg', in: ['x'], out: ['y'] })] })],
      }),
      ['If'],
    )
    expect([summary.operators, summary.nodes, summary.functions]).toEqual([['Abs', 'If', 'Neg'], 4, 1])
  })

  it('advises zipmap=False on the outputs of scikit-learn', () => {
    const zipMap = bytes(4, bytes(1, bytes(5, int(1, elem.INT64), bytes(2, bytes(1, int(1, elem.FLOAT))))))
    const file = model({ graph: smallGraph({ outputs: [join(text(1, 'output_probability'), bytes(2, zipMap))] }) })
    expect(() => inspect(file)).toThrow(
      'Output "output_probability" is a sequence, and only tensors are served; export classifiers with zipmap=False',
    )
  })

  it('shows hostile names without control characters and cut', () => {
    const file = model({ graph: smallGraph({ nodes: [node({ op: `\u001b[31m\u202e${'A'.repeat(200)}`, in: ['x'], out: ['y'] })] }) })
    expect(() => inspect(file)).toThrow(`The model uses "?[31m?${'A'.repeat(74)}…", which is no operator of the ONNX standard`)
  })
})

describe('a large file', () => {
  /** A model of `tensors` initializers whose payload is made of zeros on demand: reads are counted, the payload never exists. */
  function sparseReader(tensors: number, tensorBytes: number): { reader: ByteReader; reads: () => { count: number; bytes: number } } {
    const heads: { at: number; bytes: Uint8Array }[] = []
    const add = (at: number, head: Uint8Array): number => {
      heads.push({ at, bytes: head })
      return at + head.length
    }
    const prefix = (index: number): Uint8Array =>
      join(int(1, tensorBytes), int(2, elem.UINT8), text(8, `w${index}`), Uint8Array.of(9 * 8 + 2), varint(tensorBytes))
    const bodies = Array.from({ length: tensors }, (_, index) =>
      join(Uint8Array.of(5 * 8 + 2), varint(prefix(index).length + tensorBytes), prefix(index)),
    )
    const tail = smallGraph()
    const graphBytes = bodies.reduce((sum, body) => sum + body.length + tensorBytes, tail.length)
    let at = add(0, join(int(1, 8), Uint8Array.of(7 * 8 + 2), varint(graphBytes)))
    for (const body of bodies) at = add(at, body) + tensorBytes
    const size = add(add(at, tail), bytes(8, opset('', 17)))
    const seen = { count: 0, bytes: 0 }
    const read = (offset: number, length: number): Uint8Array => {
      seen.count += 1
      seen.bytes += length
      const out = new Uint8Array(length)
      for (const head of heads) {
        const from = Math.max(offset, head.at)
        const to = Math.min(offset + length, head.at + head.bytes.length)
        if (from < to) out.set(head.bytes.subarray(from - head.at, to - head.at), from - offset)
      }
      return out
    }
    return { reader: { size, read }, reads: () => seen }
  }

  it('is inspected without its weights: 1.9 GB in a few reads', () => {
    const { reader, reads } = sparseReader(19, 100_000_000)
    const summary = walkOnnx(reader)
    expect({ bytes: summary.initializerBytes, reads: reads().count <= 22, read: reads().bytes < 1_000_000 }).toEqual({
      bytes: 1_900_000_000,
      reads: true,
      read: true,
    })
  })

  it('is refused from 2 GiB on', () => {
    const { reader } = sparseReader(22, 100_000_000)
    expect(() => walkOnnx(reader)).toThrow(expect.objectContaining({ code: 'model.resource-limit' }))
    expect(reader.size).toBeGreaterThan(onnxLimits.fileBytes)
  })

  it('that becomes shorter while it is read is refused', () => {
    const { reader } = sparseReader(2, 1_000_000)
    const cut: ByteReader = {
      size: reader.size,
      read: (offset, length) => reader.read(offset, length).subarray(0, Math.max(0, 1_500_000 - offset)),
    }
    expect(() => walkOnnx(cut)).toThrow(expect.objectContaining({ code: 'model.invalid' }))
  })
})
