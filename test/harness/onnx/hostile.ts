import type { ProblemCode } from '../../../shared/domain/problems.ts'
import {
  attribute,
  elem,
  floats,
  localFunction,
  longTensor,
  longs,
  model,
  node,
  opset,
  shape,
  smallGraph,
  tensor,
  tensorType,
  typedValue,
  value,
} from './model.ts'
import { bytes, int, join, tag, text, varint } from './wire.ts'

/** A file that must be refused with this code. */
export interface HostileFile {
  name: string
  code: ProblemCode
  build: () => Uint8Array
  /** Operators that the row needs leave for. */
  allow?: readonly string[]
}

/** Rows of one code. */
export const refusedWith = (code: ProblemCode, builders: Record<string, () => Uint8Array>): HostileFile[] =>
  Object.entries(builders).map(([name, build]) => ({ name, code, build }))

/** A model with a small graph, changed by `parts`. */
const changed = (parts: Parameters<typeof smallGraph>[0]): Uint8Array => model({ graph: smallGraph(parts) })
const ascii = (content: string): Uint8Array => new TextEncoder().encode(content)
const notText = Uint8Array.of(0xc3, 0x28)
const weight = (parts: Partial<Parameters<typeof tensor>[0]>): Uint8Array => tensor({ name: 'w', type: elem.FLOAT, dims: [1], ...parts })
const sound = (): Uint8Array => model({ graph: smallGraph() })
const floatType = tensorType(elem.FLOAT, [1])
const relu = node({ op: 'Relu', in: ['x'], out: ['y'] })

const notModels = refusedWith('model.invalid', {
  'nothing at all': () => new Uint8Array(0),
  'one zero byte': () => new Uint8Array(1),
  'a megabyte of zeros': () => new Uint8Array(1_000_000),
  'plain text': () => ascii('This is a readme.\n'.repeat(50)),
  JSON: () => ascii('{"model": [1, 2, 3]}'),
  HTML: () => ascii('<!doctype html><html><body>404</body></html>'),
  'HTML without doctype': () => ascii('<html><body>Sign in</body></html>'),
  'a zip archive': () => ascii('PK\x03\x04\x14\x00\x00\x00\x08\x00'),
  'an HDF5 file': () => Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a),
  'a pickle': () => ascii('\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00'),
  'a sound model that is also of the ORT format': () => join(int(1, 8), text(2, 'ORTM'), bytes(7, smallGraph()), bytes(8, opset('', 17))),
})

const brokenWire = refusedWith('model.invalid', {
  'IR version as text': () => join(text(1, '8'), sound().subarray(2)),
  'graph as a number': () => join(int(1, 8), int(7, 1)),
  'graph as a fixed32': () => join(int(1, 8), tag(7, 5), new Uint8Array(4)),
  'node as a number': () => changed({ more: int(1, 1) }),
  'name of an input as a number': () => changed({ inputs: [join(int(1, 5), bytes(2, floatType))] }),
  'dims as fixed64': () => changed({ initializers: [weight({ more: join(tag(1, 1), new Uint8Array(8)) })] }),
  'attribute numbers as fixed64': () =>
    changed({ nodes: [node({ op: 'Relu', attributes: [join(text(1, 'f'), tag(2, 1), new Uint8Array(8))] })] }),
  'a group': () => join(sound(), tag(99, 3), tag(99, 4)),
  'wire type 6': () => join(sound(), tag(99, 6)),
  'wire type 7': () => join(sound(), tag(99, 7)),
  'field number 0': () => join(sound(), Uint8Array.of(0, 0)),
  'field number above 2^29': () => join(sound(), varint(2n ** 32n), varint(0)),
  'a number of eleven bytes': () => join(sound(), tag(99, 0), new Uint8Array(10).fill(0x80), Uint8Array.of(0)),
  'a number of 70 bits': () => join(sound(), tag(99, 0), new Uint8Array(9).fill(0xff), Uint8Array.of(2)),
  'a field key of eleven bytes': () => join(sound(), new Uint8Array(10).fill(0x80), Uint8Array.of(1)),
  'a length of 2^63': () => join(int(1, 8), tag(7, 2), varint(2n ** 63n)),
  'a length of 2^40': () => join(int(1, 8), tag(7, 2), varint(2n ** 40n)),
  'a length one past the end': () => join(int(1, 8), tag(7, 2), varint(smallGraph().length + 1), smallGraph()),
  'a node longer than its graph': () => join(int(1, 8), bytes(7, tag(1, 2), varint(20), new Uint8Array(4)), new Uint8Array(40)),
  'a cut fixed64': () => join(sound(), tag(99, 1), new Uint8Array(7)),
  'a cut fixed32': () => join(sound(), tag(99, 5), new Uint8Array(3)),
  'packed floats of broken length': () => changed({ initializers: [weight({ more: bytes(4, new Uint8Array(5)) })] }),
  'two graphs': () => model({ graph: smallGraph(), more: bytes(7, smallGraph()) }),
  'two IR versions': () => join(int(1, 8), sound()),
})

const brokenModel = refusedWith('model.invalid', {
  'no graph': () => model({}),
  'no IR version': () => sound().subarray(2),
  'no operator set': () => model({ graph: smallGraph(), opsets: [] }),
  'one operator set in two versions': () => model({ graph: smallGraph(), opsets: [opset('', 17), opset('ai.onnx', 18)] }),
  'an operator set that is not imported': () => changed({ nodes: [node({ op: 'Scaler', domain: 'ai.onnx.ml', in: ['x'], out: ['y'] })] }),
  'no outputs': () => changed({ outputs: [] }),
  'two inputs of one name': () => changed({ inputs: [value('x', elem.FLOAT, [4]), value('x', elem.FLOAT, [4])] }),
  'two outputs of one name': () => changed({ outputs: [value('y', elem.FLOAT, [4]), value('y', elem.FLOAT, [4])] }),
  'an input without a name': () => changed({ inputs: [bytes(2, floatType)] }),
  'an input of an empty name': () => changed({ inputs: [value('', elem.FLOAT, [4])] }),
  'an output without a name': () => changed({ outputs: [bytes(2, floatType)] }),
  'an input without a type': () => changed({ inputs: [text(1, 'x')] }),
  'an output without a type': () => changed({ outputs: [text(1, 'y')] }),
  'an input without an element type': () => changed({ inputs: [typedValue('x', bytes(1, bytes(2, shape([1]))))] }),
  'an input name that is not UTF-8': () => changed({ inputs: [join(bytes(1, notText), bytes(2, floatType))] }),
  'an output name that is not UTF-8': () => changed({ outputs: [join(bytes(1, notText), bytes(2, floatType))] }),
  'an input name with a zero character': () => changed({ inputs: [value('x\0y', elem.FLOAT, [4])] }),
  'an operator name that is not UTF-8': () => changed({ nodes: [bytes(4, notText)] }),
  'a metadata value that is not UTF-8': () => model({ graph: smallGraph(), more: bytes(14, text(1, 'k'), bytes(2, notText)) }),
  'a node without an operator': () => changed({ nodes: [join(text(1, 'x'), text(2, 'y'))] }),
  'an attribute twice': () =>
    changed({ nodes: [node({ op: 'Relu', in: ['x'], out: ['y'], attributes: [attribute.int('a', 1), attribute.int('a', 2)] })] }),
  'a type of two kinds': () => changed({ inputs: [typedValue('x', join(floatType, bytes(4, bytes(1, floatType))))] }),
  'a dimension with name and value': () =>
    changed({ inputs: [typedValue('x', bytes(1, int(1, 1), bytes(2, bytes(1, int(1, 4), text(2, 'N')))))] }),
  'an initializer without a name': () => changed({ initializers: [tensor({ type: elem.FLOAT, dims: [1], raw: floats(1) })] }),
  'two initializers of one name': () => changed({ initializers: [weight({ raw: floats(1) }), weight({ raw: floats(2) })] }),
  'an initializer without an element type': () => changed({ initializers: [weight({ type: 0, raw: floats(1) })] }),
  'an initializer with its values twice': () => changed({ initializers: [weight({ raw: floats(1), more: bytes(4, floats(1)) })] }),
  'float values in the field of integers': () => changed({ initializers: [weight({ more: bytes(5, varint(1)) })] }),
  'texts in raw_data': () => changed({ initializers: [weight({ type: elem.STRING, raw: ascii('a') })] }),
  'a sparse initializer without values': () => changed({ sparse: [join(bytes(2, longTensor('i', 0)), int(3, 4))] }),
  'a local function without a name': () => model({ graph: smallGraph(), functions: [join(bytes(7, relu), text(10, 'local'))] }),
  'a local function twice': () =>
    model({ graph: smallGraph(), functions: [localFunction({ name: 'F', nodes: [relu] }), localFunction({ name: 'F', nodes: [relu] })] }),
})

/** Sequence of maps from int64 to float: what ZipMap of a classifier puts out. */
const zipMap = bytes(4, bytes(1, bytes(5, int(1, elem.INT64), bytes(2, tensorType(elem.FLOAT, [])))))
const branch = (parts: Parameters<typeof smallGraph>[0] = {}): Uint8Array => smallGraph({ inputs: [], ...parts })
const withOperator = (op: string, domain: string): Uint8Array =>
  model({
    graph: smallGraph({ nodes: [node({ op, domain, in: ['x'], out: ['y'] })] }),
    opsets: [opset('', 17), ...(domain === '' ? [] : [opset(domain, 1)])],
  })

const notServed: HostileFile[] = [
  ...refusedWith(
    'model.unsupported',
    Object.fromEntries([2, 14, 99, 0, -1].map((ir) => [`IR version ${ir}`, () => model({ ir, graph: smallGraph() })])),
  ),
  ...refusedWith(
    'model.unsupported',
    Object.fromEntries(
      [6, 27, 999, 0, -17, 2 ** 40].map((version) => [
        `opset ${version}`,
        () => model({ graph: smallGraph(), opsets: [opset('', version)] }),
      ]),
    ),
  ),
  ...refusedWith(
    'model.unsupported',
    Object.fromEntries(
      [0, 6].map((version) => [
        `ai.onnx.ml ${version}`,
        () => model({ graph: smallGraph(), opsets: [opset('', 17), opset('ai.onnx.ml', version)] }),
      ]),
    ),
  ),
  ...refusedWith(
    'model.unsupported',
    Object.fromEntries(
      ['If', 'Loop', 'Scan', 'SequenceMap', 'Backdoor', 'relu'].map((op) => [`operator ${op}`, () => withOperator(op, '')]),
    ),
  ),
  ...refusedWith(
    'model.unsupported',
    Object.fromEntries(
      ['com.microsoft', 'ai.onnx.preview.training', 'ai.onnx.ml.x', 'evil'].map((domain) => [
        `an operator of ${domain}`,
        () => withOperator('Gelu', domain),
      ]),
    ),
  ),
  ...refusedWith('model.unsupported', {
    'a custom operator in a branch': () =>
      changed({
        nodes: [
          node({
            op: 'If',
            in: ['x'],
            out: ['y'],
            attributes: [attribute.graph('then_branch', branch({ nodes: [node({ op: 'Evil', domain: 'evil', out: ['y'] })] }))],
          }),
        ],
      }),
    'a custom operator in a local function': () =>
      model({ graph: smallGraph(), functions: [localFunction({ name: 'F', nodes: [node({ op: 'Evil', domain: 'evil' })] })] }),
    'a local function that takes the place of Loop': () =>
      model({
        graph: smallGraph({ nodes: [node({ op: 'Loop', in: ['x'], out: ['y'] })] }),
        functions: [localFunction({ name: 'Loop', domain: '', nodes: [relu] })],
      }),
    'a local function of opset 99': () =>
      model({ graph: smallGraph(), functions: [localFunction({ name: 'F', nodes: [relu], opsets: [opset('', 99)] })] }),
    'output: sequence of maps': () => changed({ outputs: [typedValue('y', zipMap)] }),
    'input: sequence': () => changed({ inputs: [typedValue('x', bytes(4, bytes(1, floatType)))] }),
    'output: map': () => changed({ outputs: [typedValue('y', bytes(5, int(1, elem.INT64), bytes(2, floatType)))] }),
    'input: optional': () => changed({ inputs: [typedValue('x', bytes(9, bytes(1, floatType)))] }),
    'input: sparse tensor': () => changed({ inputs: [typedValue('x', bytes(8, int(1, 1), bytes(2, shape([4]))))] }),
    'output: opaque': () => changed({ outputs: [typedValue('y', bytes(7, text(1, 'evil')))] }),
    'input of BFLOAT16': () => changed({ inputs: [value('x', elem.BFLOAT16, [4])] }),
    'output of COMPLEX64': () => changed({ outputs: [value('y', elem.COMPLEX64, [4])] }),
    'input of element type 4711': () => changed({ inputs: [value('x', 4711, [4])] }),
    'input of open rank': () => changed({ inputs: [value('x', elem.FLOAT)] }),
    'input of nine dimensions': () => changed({ inputs: [value('x', elem.FLOAT, [1, 1, 1, 1, 1, 1, 1, 1, 1])] }),
    'an initializer of element type 77': () => changed({ initializers: [weight({ type: 77 })] }),
    'an initializer in segments': () => changed({ initializers: [weight({ raw: floats(1), more: bytes(3, int(1, 0), int(2, 4)) })] }),
    'training information': () => model({ graph: smallGraph(), more: bytes(20, bytes(1, smallGraph())) }),
  }),
]

const location = (path: string): Uint8Array => bytes(13, text(1, 'location'), text(2, path))
const elsewhere = (path = 'secret.key'): Uint8Array => weight({ more: join(location(path), int(14, 1)) })
const holding = (attributes: Uint8Array): Uint8Array => node({ op: 'Constant', out: ['c'], attributes: [attributes] })

const outside = refusedWith('model.external-data-forbidden', {
  'an initializer next to the file': () => changed({ initializers: [elsewhere('weights.bin')] }),
  'an initializer above the folder': () => changed({ initializers: [elsewhere('../../etc/passwd')] }),
  'an initializer at an absolute path': () => changed({ initializers: [elsewhere('/etc/passwd')] }),
  'an initializer in the memory of the runtime': () => changed({ initializers: [elsewhere('*/_ORT_MEM_ADDR_/*')] }),
  'an entry without the location flag': () => changed({ initializers: [weight({ raw: floats(1), more: location('a') })] }),
  'an entry without content': () => changed({ initializers: [weight({ raw: floats(1), more: bytes(13) })] }),
  'the location flag without an entry': () => changed({ initializers: [weight({ raw: floats(1), more: int(14, 1) })] }),
  'a location flag that is cut to 1': () => changed({ initializers: [weight({ raw: floats(1), more: int(14, 2n ** 32n + 1n) })] }),
  'an unknown location flag': () => changed({ initializers: [weight({ raw: floats(1), more: int(14, 2) })] }),
  'values of a sparse initializer': () => changed({ sparse: [join(bytes(1, elsewhere()), bytes(2, longTensor('i', 0)), int(3, 4))] }),
  'indices of a sparse initializer': () =>
    changed({ sparse: [join(bytes(1, weight({ raw: floats(1) })), bytes(2, elsewhere()), int(3, 4))] }),
  'a Constant': () => changed({ nodes: [holding(attribute.tensor('value', elsewhere()))] }),
  'a list of tensors in an attribute': () =>
    changed({ nodes: [holding(attribute.tensors('values', [weight({ raw: floats(1) }), elsewhere()]))] }),
  'a sparse attribute': () =>
    changed({ nodes: [holding(attribute.sparse('sparse_value', join(bytes(1, elsewhere()), bytes(2, longTensor('i', 0)), int(3, 4))))] }),
  'a Constant in a branch': () =>
    changed({
      nodes: [
        node({
          op: 'If',
          attributes: [attribute.graph('then_branch', branch({ nodes: [holding(attribute.tensor('value', elsewhere()))] }))],
        }),
      ],
    }),
  'an initializer in a list of graphs': () =>
    changed({ nodes: [node({ op: 'If', attributes: [attribute.graphs('all', [branch(), branch({ initializers: [elsewhere()] })])] })] }),
  'a Constant in a local function': () =>
    model({ graph: smallGraph(), functions: [localFunction({ name: 'F', nodes: [holding(attribute.tensor('value', elsewhere()))] })] }),
  'the default attribute of a local function': () =>
    model({
      graph: smallGraph(),
      functions: [localFunction({ name: 'F', nodes: [relu], more: bytes(11, attribute.tensor('t', elsewhere())) })],
    }),
  'a secret as large as its shape asks': () =>
    changed({ initializers: [tensor({ name: 'w', type: elem.INT64, dims: [1], raw: longs(1), more: location('.') })] }),
})

/** Everything that is refused for what it is; `hostile-sizes.ts` has what is refused for what it asks for. */
export const hostileFiles: readonly HostileFile[] = [...notModels, ...brokenWire, ...brokenModel, ...notServed, ...outside]
