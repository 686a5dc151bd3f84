import { refusedWith, type HostileFile } from './hostile.ts'
import {
  attribute,
  elem,
  floats,
  graph,
  localFunction,
  longTensor,
  model,
  node,
  opset,
  smallGraph,
  tensor,
  tensorType,
  typedValue,
  value,
} from './model.ts'
import { bytes, int, join, nest, repeat, text, varint } from './wire.ts'

const changed = (parts: Parameters<typeof smallGraph>[0]): Uint8Array => model({ graph: smallGraph(parts) })
const relu = node({ op: 'Relu', in: ['x'], out: ['y'] })
const huge = 2n ** 62n
const numbered = <Made>(count: number, make: (index: number) => Made): Made[] => Array.from({ length: count }, (_, index) => make(index))

/** An If whose branch has an If whose branch … `levels` deep, each of them sound. */
function branches(levels: number): Uint8Array {
  let inner = graph({ nodes: [node({ op: 'Identity', in: ['x'], out: ['y'] })], outputs: [value('y', elem.FLOAT, [4])] })
  for (let level = 0; level < levels; level += 1) {
    const both = [attribute.graph('then_branch', inner), attribute.graph('else_branch', graph({ outputs: [value('y', elem.FLOAT, [4])] }))]
    inner = graph({ nodes: [node({ op: 'If', in: ['c'], out: ['y'], attributes: both })], outputs: [value('y', elem.FLOAT, [4])] })
  }
  return inner
}

/** y = x through subgraphs nested so deep. */
export const nestedBranches = (levels: number): Uint8Array =>
  model({
    graph: smallGraph({
      nodes: [node({ op: 'If', in: ['c'], out: ['y'], attributes: [attribute.graph('then_branch', branches(levels - 1))] })],
    }),
  })

const call = (name: string, inputs = ['x'], outputs = ['y']): Uint8Array => node({ op: name, domain: 'local', in: inputs, out: outputs })
const localSets = [opset('', 17), opset('local', 1)]

/** y = Relu(x) through so many functions that call one another. */
export const callChain = (length: number): Uint8Array =>
  model({
    graph: smallGraph({ nodes: [call('F0')] }),
    opsets: localSets,
    functions: numbered(length, (index) =>
      localFunction({ name: `F${index}`, nodes: [index === length - 1 ? relu : call(`F${index + 1}`)] }),
    ),
  })

/** Functions that each call the next one ten times: small in the file, 10^levels nodes once inlined. */
export const callBomb = (levels: number): Uint8Array =>
  model({
    graph: smallGraph({ nodes: [call('F0')] }),
    opsets: localSets,
    functions: numbered(levels, (index) =>
      localFunction({
        name: `F${index}`,
        nodes:
          index === levels - 1
            ? [relu]
            : numbered(10, (turn) => call(`F${index + 1}`, [turn === 0 ? 'x' : `v${turn - 1}`], [turn === 9 ? 'y' : `v${turn}`])),
      }),
    ),
  })

/** y = ConstantOfShape(dims): the 104 bytes that ask for 4.3 GiB, or whatever they are told. */
export const madeByShape = (...dims: readonly (number | bigint)[]): Uint8Array =>
  model({
    graph: graph({
      nodes: [node({ op: 'ConstantOfShape', in: ['s'], out: ['y'] })],
      initializers: [longTensor('s', ...dims)],
      outputs: [
        value(
          'y',
          elem.FLOAT,
          dims.map(() => null),
        ),
      ],
    }),
  })

const madeBy = (nodes: readonly Uint8Array[], initializers: readonly Uint8Array[] = []): Uint8Array => changed({ nodes, initializers })
const long = 30_000n
const sized = (op: string, inputs: readonly string[], attributes: readonly Uint8Array[] = []): Uint8Array =>
  node({ op, in: inputs, out: ['y'], attributes })
const step = (op: string, inputs: readonly string[], out: string): Uint8Array => node({ op, in: inputs, out: [out] })
const constant = (out: string, of: Uint8Array): Uint8Array => node({ op: 'Constant', out: [out], attributes: [of] })
const scale = (name: string, ...values: readonly number[]): Uint8Array =>
  tensor({ name, type: elem.FLOAT, dims: [values.length], raw: floats(...values) })
const weight = (dims: readonly (number | bigint)[], parts: Partial<Parameters<typeof tensor>[0]> = {}): Uint8Array =>
  changed({ initializers: [tensor({ name: 'w', type: elem.FLOAT, dims, ...parts })] })

const nested: HostileFile[] = refusedWith('model.resource-limit', {
  'branches 17 deep': () => nestedBranches(17),
  'branches 1,000 deep': () => nestedBranches(1_000),
  'branches a million deep': () => join(int(1, 8), bytes(7, nest([1, 5, 6], 1_000_000, new Uint8Array(0)))),
  'a list of graphs a million deep': () => join(int(1, 8), bytes(7, nest([1, 5, 11], 1_000_000, new Uint8Array(0)))),
  'a type a million deep': () => changed({ values: [typedValue('t', nest([4, 1], 1_000_000, tensorType(elem.FLOAT, [1])))] }),
  'a type of an attribute 17 deep': () =>
    changed({ nodes: [sized('Optional', ['x'], [join(text(1, 'type'), bytes(14, nest([9, 1], 17, tensorType(1, [1]))))])] }),
  'a chain of 17 functions': () => callChain(17),
  'a chain of 1,900 functions': () => callChain(1_900),
  'a chain of 3,000 functions': () => callChain(3_000),
  'a chain of 20,000 functions': () => callChain(20_000),
  'a function that calls itself': () =>
    model({ graph: smallGraph({ nodes: [call('F')] }), opsets: localSets, functions: [localFunction({ name: 'F', nodes: [call('F')] })] }),
  'a function that calls itself and is called by nobody': () =>
    model({ graph: smallGraph(), functions: [localFunction({ name: 'F', nodes: [call('F')] })] }),
  'two functions that call each other': () =>
    model({
      graph: smallGraph({ nodes: [call('F')] }),
      opsets: localSets,
      functions: [localFunction({ name: 'F', nodes: [call('G')] }), localFunction({ name: 'G', nodes: [call('F')] })],
    }),
  'functions of ten calls each, ten levels': () => callBomb(10),
  'branches 10 deep that call a chain of 10': () =>
    model({
      graph: smallGraph({ nodes: [sized('If', ['c'], [attribute.graph('then_branch', nestedCall(9))])] }),
      functions: numbered(10, (index) => localFunction({ name: `F${index}`, nodes: [index === 9 ? relu : call(`F${index + 1}`)] })),
    }),
})

function nestedCall(levels: number): Uint8Array {
  let inner = graph({ nodes: [call('F0')] })
  for (let level = 0; level < levels; level += 1) inner = graph({ nodes: [sized('If', ['c'], [attribute.graph('then_branch', inner)])] })
  return inner
}

const countless: HostileFile[] = refusedWith('model.resource-limit', {
  '2,001 functions': () =>
    model({ graph: smallGraph(), functions: numbered(2_001, (index) => localFunction({ name: `F${index}`, nodes: [relu] })) }),
  'a million and one nodes': () => changed({ more: repeat(bytes(1, text(4, 'Relu')), 1_000_001) }),
  '10,001 subgraphs': () => changed({ nodes: [sized('If', ['c'], [join(text(1, 'all'), repeat(bytes(11), 20_000))])] }),
  '257 attributes': () =>
    changed({
      nodes: [
        sized(
          'Relu',
          ['x'],
          numbered(257, (index) => attribute.int(`a${index}`, 1)),
        ),
      ],
    }),
  'a node of 65,537 inputs': () => changed({ more: bytes(1, repeat(text(1, 'x'), 65_537), text(4, 'Sum')) }),
  '500,001 initializers and values': () => changed({ more: repeat(bytes(13, text(1, 'v')), 500_001) }),
  '4,097 operators': () => changed({ nodes: numbered(4_097, (index) => node({ op: `Op${index}`, domain: 'evil' })) }),
  '65 operator sets': () => model({ graph: smallGraph(), opsets: numbered(65, (index) => opset(`d${index}`, 1)) }),
  '65 inputs': () => changed({ inputs: numbered(65, (index) => value(`x${index}`, elem.FLOAT, [1])) }),
  '65 outputs': () => changed({ outputs: numbered(65, (index) => value(`y${index}`, elem.FLOAT, [1])) }),
  'an input name of 257 characters': () => changed({ inputs: [value('x'.repeat(257), elem.FLOAT, [1])] }),
  'an operator name of 5,000 bytes': () => changed({ nodes: [sized('R'.repeat(5_000), ['x'])] }),
  'a name of 5 MB': () => model({ graph: graph({ name: 'g'.repeat(5_000_000) }) }),
  '1,025 metadata entries': () => model({ graph: smallGraph(), metadata: numbered(1_025, (index) => [`k${index}`, 'v'] as const) }),
  'a metadata value of 300 kB': () => model({ graph: smallGraph(), metadata: [['k', 'v'.repeat(300_000)]] }),
  'metadata of 2 MB': () => model({ graph: smallGraph(), metadata: numbered(10, (index) => [`k${index}`, 'v'.repeat(200_000)] as const) }),
  'one metadata key a hundred times with 200 kB': () =>
    model({ graph: smallGraph(), metadata: numbered(100, () => ['k', 'v'.repeat(200_000)] as const) }),
})

const tensors: HostileFile[] = refusedWith('model.resource-limit', {
  'dimensions that overflow 64 bits': () => weight([huge, huge, 4]),
  'dimensions that overflow to zero elements': () => weight([2n ** 32n, 2n ** 32n]),
  'a huge dimension beside an empty one': () => weight([0, huge]),
  'more than 2^31 elements': () => weight([2 ** 16, 2 ** 16]),
  'a negative dimension': () => weight([-1], { raw: floats(1) }),
  'two negative dimensions': () => weight([-2, -2], { raw: floats(1, 2, 3, 4) }),
  '33 dimensions': () =>
    weight(
      numbered(33, () => 1),
      { raw: floats(1) },
    ),
  'fewer bytes than the shape asks': () => weight([3], { raw: floats(1, 2) }),
  'more bytes than the shape asks': () => weight([3], { raw: floats(1, 2, 3, 4) }),
  'no bytes at all': () => weight([3]),
  'a billion elements without bytes': () => weight([1_000_000_000], { raw: new Uint8Array(0) }),
  'too few packed floats': () => weight([3], { more: bytes(4, floats(1, 2)) }),
  'too many single floats': () => weight([1], { more: join(bytes(4, floats(1)), bytes(4, floats(2))) }),
  'too few packed integers': () => weight([3], { type: elem.INT64, more: bytes(7, varint(1)) }),
  'too many packed integers': () => weight([3], { type: elem.INT32, more: bytes(5, repeat(varint(1), 5_000)) }),
  'too few texts': () => weight([2], { type: elem.STRING, more: text(6, 'a') }),
  'no texts': () => weight([2], { type: elem.STRING }),
  'too few 4-bit numbers': () => weight([5], { type: elem.INT4, raw: Uint8Array.of(1, 2) }),
  'too few complex numbers': () => weight([2], { type: elem.COMPLEX64, more: bytes(4, floats(1, 2)) }),
  'a sparse initializer that is huge when dense': () =>
    changed({
      sparse: [join(bytes(1, tensor({ name: 'w', type: 1, dims: [1], raw: floats(1) })), bytes(2, longTensor('i', 0)), int(3, 2 ** 30))],
    }),
  'an attribute tensor that does not fit': () =>
    changed({ nodes: [constant('c', attribute.tensor('value', tensor({ type: 1, dims: [9] })))] }),
  'a static input of 2^30 elements': () => changed({ inputs: [value('x', elem.FLOAT, [2 ** 15, 2 ** 15])] }),
  'a static output of 2^62 elements': () => changed({ outputs: [value('y', elem.FLOAT, [huge])] }),
  'a static value of 2^40 elements': () => changed({ values: [value('v', elem.FLOAT, ['N', 2 ** 20, 2 ** 20])] }),
  'a dimension of -2 in an input': () => changed({ inputs: [value('x', elem.FLOAT, [-2])] }),
})

const made: HostileFile[] = refusedWith('model.resource-limit', {
  'ConstantOfShape of 4.3 GiB': () => madeByShape(1_073_741_824),
  'ConstantOfShape of 4 TiB': () => madeByShape(1_048_576, 1_048_576),
  'ConstantOfShape that overflows 64 bits': () => madeByShape(huge, huge),
  'ConstantOfShape of -1': () => madeByShape(-1),
  'ConstantOfShape by int64_data': () =>
    madeBy(
      [sized('ConstantOfShape', ['s'])],
      [tensor({ name: 's', type: elem.INT64, dims: [2], more: bytes(7, varint(long), varint(long)) })],
    ),
  'ConstantOfShape by single int64_data': () =>
    madeBy([sized('ConstantOfShape', ['s'])], [tensor({ name: 's', type: elem.INT64, dims: [2], more: join(int(7, long), int(7, long)) })]),
  'ConstantOfShape by a Constant': () =>
    madeBy([constant('s', attribute.tensor('value', longTensor('', long, long))), sized('ConstantOfShape', ['s'])]),
  'ConstantOfShape by integers of a Constant': () =>
    madeBy([constant('s', attribute.ints('value_ints', [long, long])), sized('ConstantOfShape', ['s'])]),
  'ConstantOfShape by packed integers': () =>
    madeBy([constant('s', attribute.packedInts('value_ints', [long, long])), sized('ConstantOfShape', ['s'])]),
  'ConstantOfShape before its Constant': () =>
    madeBy([sized('ConstantOfShape', ['s']), constant('s', attribute.ints('value_ints', [long, long]))]),
  'ConstantOfShape by a product': () => madeBy([step('Mul', ['a', 'a'], 's'), sized('ConstantOfShape', ['s'])], [longTensor('a', 30_000)]),
  'ConstantOfShape by a joined shape': () =>
    madeBy([step('Concat', ['a', 'a'], 's'), sized('ConstantOfShape', ['s'])], [longTensor('a', 30_000)]),
  'ConstantOfShape behind a thousand Identity nodes': () =>
    madeBy(
      [
        ...numbered(1_000, (index) => step('Identity', [index === 0 ? 'a' : `i${index - 1}`], `i${index}`)),
        sized('ConstantOfShape', ['i999']),
      ],
      [longTensor('a', 2n ** 40n)],
    ),
  'ConstantOfShape of an initializer that is also an input': () =>
    changed({ nodes: [sized('ConstantOfShape', ['s'])], inputs: [value('s', elem.INT64, [1])], initializers: [longTensor('s', huge)] }),
  'ConstantOfShape in a local function': () =>
    model({
      graph: smallGraph(),
      functions: [
        localFunction({ name: 'F', nodes: [constant('s', attribute.ints('value_ints', [long, long])), sized('ConstantOfShape', ['s'])] }),
      ],
    }),
  Expand: () => madeBy([sized('Expand', ['x', 's'])], [longTensor('s', long, long)]),
  'Expand of a large input': () =>
    madeBy(
      [sized('Expand', ['w', 's'])],
      [longTensor('s', long, 1), tensor({ name: 'w', type: elem.UINT8, dims: [1, 30_000], raw: new Uint8Array(30_000) })],
    ),
  Range: () => madeBy([sized('Range', ['a', 'b', 'c'])], [longTensor('a', 0), longTensor('b', 2n ** 40n), longTensor('c', 1)]),
  'Range backwards in small steps': () => madeBy([sized('Range', ['a', 'b', 'c'])], [scale('a', 1), scale('b', 0), scale('c', -1e-12)]),
  Tile: () => madeBy([sized('Tile', ['x', 's'])], [longTensor('s', 1, 2n ** 27n)]),
  'Resize by sizes': () => madeBy([sized('Resize', ['x', '', '', 's'])], [longTensor('s', long, long)]),
  'Resize by scales': () => madeBy([sized('Resize', ['x', '', 's'])], [scale('s', 1, 1e9)]),
  'Resize of opset 10': () => madeBy([sized('Resize', ['x', 's'])], [scale('s', 1, 1e9)]),
  'Upsample by an attribute': () => madeBy([sized('Upsample', ['x'], [attribute.floats('scales', [1, 1e9])])]),
  'Pad by an input': () => madeBy([sized('Pad', ['x', 's'])], [longTensor('s', 0, 0, 0, 2n ** 40n)]),
  'Pad by an attribute': () => madeBy([sized('Pad', ['x'], [attribute.ints('pads', [0, 2 ** 40, 0, 0])])]),
  OneHot: () => madeBy([sized('OneHot', ['x', 'd', 'v'])], [longTensor('d', 2n ** 28n), scale('v', 0, 1)]),
  RandomNormal: () => madeBy([sized('RandomNormal', [], [attribute.ints('shape', [long, long])])]),
  HannWindow: () => madeBy([sized('HannWindow', ['s'])], [longTensor('s', 2n ** 40n)]),
  'a forest of 2^40 targets': () =>
    model({
      graph: smallGraph({
        nodes: [
          node({
            op: 'TreeEnsembleRegressor',
            domain: 'ai.onnx.ml',
            in: ['x'],
            out: ['y'],
            attributes: [attribute.int('n_targets', 2 ** 40)],
          }),
        ],
      }),
      opsets: [opset('', 17), opset('ai.onnx.ml', 3)],
    }),
})

/** In a branch the If itself needs leave, so the rows carry it. */
const madeInBranches: HostileFile[] = refusedWith('model.resource-limit', {
  'ConstantOfShape in a branch by a name outside': () =>
    madeBy(
      [
        node({
          op: 'If',
          in: ['c'],
          out: ['y'],
          attributes: [attribute.graph('then_branch', graph({ nodes: [sized('ConstantOfShape', ['s'])] }))],
        }),
      ],
      [longTensor('s', huge)],
    ),
}).map((row) => ({ ...row, allow: ['If'] }))

/** Everything that is refused for what it asks for. */
export const greedyFiles: readonly HostileFile[] = [...nested, ...countless, ...tensors, ...made, ...madeInBranches]
