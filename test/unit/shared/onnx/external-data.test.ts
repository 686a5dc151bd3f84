import { expect, it } from 'vitest'
import { externalLocations, planJoin, siblingName, type JoinPlan } from '../../../../shared/onnx/external-data.ts'
import { readerOf } from '../../../../shared/onnx/wire.ts'
import { affineModel, elsewhere } from '../../../harness/onnx/external.ts'
import { attribute, elem, floats, graph, model, node, smallGraph, tensor, value } from '../../../harness/onnx/model.ts'
import { bytes, join } from '../../../harness/onnx/wire.ts'

const siblings = (files: Record<string, Uint8Array>) => ({
  sizeOf: (name: string): number => {
    const file = files[name]
    if (file === undefined) throw new Error(`no file ${name}`)
    return file.length
  },
  joined: (of: Uint8Array, { pieces }: JoinPlan): Uint8Array =>
    join(
      ...pieces.map((piece) => {
        if ('bytes' in piece) return piece.bytes
        const from = piece.location === null ? of : files[piece.location]!
        return from.subarray(piece.at, piece.at + piece.length)
      }),
    ),
})

it('makes, byte for byte, the file that the exporter would have written with the weights inside', () => {
  const data = join(floats(9, 9), floats(2, 3, 4), floats(5, 6, 7))
  const disk = siblings({ 'model.onnx_data': data })
  const given = affineModel({
    weights: { more: elsewhere({ location: 'model.onnx_data', offset: 8, length: 12 }) },
    // Without a length the values go on to the end of the file.
    biases: { more: elsewhere({ location: './model.onnx_data', offset: 20 }) },
  })
  const plan = planJoin(readerOf(given), disk.sizeOf)
  const wanted = affineModel({ weights: { raw: floats(2, 3, 4) }, biases: { raw: floats(5, 6, 7) } })
  expect(plan).toMatchObject({ locations: ['model.onnx_data'], sizeBytes: wanted.length })
  expect(disk.joined(given, plan!)).toEqual(wanted)
})

it('finds tensors in constants, subgraphs and local functions, and leaves the rest as it is', () => {
  const disk = siblings({ a: floats(1, 2), b: floats(3, 4), c: floats(5, 6) })
  const of = (parts: ReadonlyArray<{ raw: Uint8Array } | { more: Uint8Array }>): Uint8Array => {
    const [inConstant, inBranch, inFunction] = parts.map((one) => tensor({ name: 't', type: elem.FLOAT, dims: [2], ...one }))
    const branch = graph({ nodes: [], initializers: [inBranch!], outputs: [value('t', elem.FLOAT, [2])] })
    return model({
      graph: smallGraph({
        nodes: [
          node({ op: 'Constant', out: ['k'], attributes: [attribute.tensor('value', inConstant!)] }),
          node({ op: 'If', in: ['x'], out: ['y'], attributes: [attribute.graph('then_branch', branch)] }),
        ],
      }),
      more: bytes(25, bytes(7, node({ op: 'Constant', out: ['f'], attributes: [attribute.tensor('value', inFunction!)] }))),
    })
  }
  const given = of(['a', 'b', 'c'].map((location) => ({ more: elsewhere({ location }) })))
  const plan = planJoin(readerOf(given), disk.sizeOf)
  expect(disk.joined(given, plan!)).toEqual(of([{ raw: floats(1, 2) }, { raw: floats(3, 4) }, { raw: floats(5, 6) }]))
  expect(externalLocations(readerOf(given))).toEqual(['a', 'b', 'c'])
})

it('plans nothing where all weights are inside', () => {
  const given = affineModel({ weights: { raw: floats(1, 2, 3) } })
  expect(planJoin(readerOf(given), () => 0)).toBeNull()
  expect(externalLocations(readerOf(given))).toEqual([])
})

it.each([
  ['../secret', 'model.external-data-forbidden'],
  ['/etc/passwd', 'model.external-data-forbidden'],
  ['weights/part', 'model.external-data-forbidden'],
  ['..', 'model.external-data-forbidden'],
  ['.hidden', 'model.external-data-forbidden'],
  ['C:data', 'model.external-data-forbidden'],
  ['a\\b', 'model.external-data-forbidden'],
  ['a\u0000b', 'model.external-data-forbidden'],
  ['', 'model.external-data-forbidden'],
  ['x'.repeat(256), 'model.external-data-forbidden'],
])('refuses weights in %j', (location, code) => {
  expect(() => siblingName(location)).toThrow(expect.objectContaining({ code }))
  const given = affineModel({ weights: { more: elsewhere({ location }) } })
  expect(() => planJoin(readerOf(given), () => 12)).toThrow(expect.objectContaining({ code }))
})

it.each([
  ['beyond the end', { location: 'd', offset: 4, length: 12 }],
  ['an offset beyond the end', { location: 'd', offset: 13 }],
  ['a negative offset', { location: 'd', offset: -1, length: 4 }],
  ['a length that is no number', { location: 'd', length: '1e3' }],
])('refuses %s', (_, where) => {
  const given = affineModel({ weights: { more: elsewhere(where) } })
  expect(() => planJoin(readerOf(given), () => 12)).toThrow(expect.objectContaining({ code: 'model.invalid' }))
})

it('refuses a tensor that has values inside as well', () => {
  const given = affineModel({ weights: { more: join(bytes(9, floats(1, 2, 3)), elsewhere({ location: 'd' })) } })
  expect(() => planJoin(readerOf(given), () => 12)).toThrow(expect.objectContaining({ code: 'model.invalid' }))
})

it('refuses more than can be loaded before anything is copied, also where tensors ask for the same bytes', () => {
  const half = { more: elsewhere({ location: 'd', offset: 0, length: 2 ** 30 }) }
  const given = affineModel({ weights: half, biases: half })
  expect(() => planJoin(readerOf(given), () => 2 ** 30)).toThrow(expect.objectContaining({ code: 'model.resource-limit' }))
})

it('leaves data_location DEFAULT to the walker, which refuses external data in whatever form', () => {
  const given = affineModel({ weights: { more: elsewhere({ location: 'd', dataLocation: 0 }) } })
  expect(planJoin(readerOf(given), () => 12)).toBeNull()
})
