import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../../../shared/domain/problem.ts'
import { walkOnnx } from '../../../../shared/onnx/walk.ts'
import { readerOf, type ByteReader } from '../../../../shared/onnx/wire.ts'
import { hostileFiles } from '../../../harness/onnx/hostile.ts'
import { attribute, elem, floats, graph, localFunction, longTensor, model, node, smallGraph, tensor } from '../../../harness/onnx/model.ts'
import { bytes, int, join, text, varint } from '../../../harness/onnx/wire.ts'

const codes = new Set(['model.invalid', 'model.unsupported', 'model.external-data-forbidden', 'model.resource-limit'])

/** Walks a file and fails on anything but a summary or a problem of a model, and on more reads than the file has bytes. */
function survives(file: Uint8Array): void {
  let reads = 0
  const reader: ByteReader = {
    size: file.length,
    read: (offset, length) => {
      reads += 1
      expect(offset >= 0 && length >= 0 && offset + length <= file.length).toBe(true)
      return file.subarray(offset, offset + length)
    },
  }
  try {
    walkOnnx(reader, { allow: ['If', 'Loop'] })
  } catch (error) {
    if (!(error instanceof Problem) || !codes.has(error.code)) throw error
  }
  expect(reads).toBeLessThanOrEqual(file.length / 16 + 16)
}

const branch = graph({ nodes: [node({ op: 'ConstantOfShape', in: ['s'], out: ['y'] })], initializers: [longTensor('t', 3, 4)] })
/** One of every kind of message, so that mutations reach each of them. */
const rich = model({
  graph: smallGraph({
    nodes: [
      node({ op: 'If', in: ['x'], out: ['y'], attributes: [attribute.graph('then_branch', branch), attribute.graphs('g', [branch])] }),
      node({ op: 'Constant', out: ['s'], attributes: [attribute.tensor('value', longTensor('', 2, 2)), attribute.floats('f', [1, 2])] }),
      node({ op: 'Resize', in: ['x', '', 'b'], out: ['r'], attributes: [attribute.ints('axes', [0, 1]), attribute.packedInts('p', [1])] }),
      node({ op: 'F', domain: 'local', in: ['x'], out: ['z'] }),
    ],
    initializers: [tensor({ name: 'b', type: elem.FLOAT, dims: [2], raw: floats(1, 2) })],
    sparse: [join(bytes(1, tensor({ name: 'w', type: 1, dims: [1], raw: floats(1) })), bytes(2, longTensor('i', 0)), int(3, 4))],
  }),
  functions: [localFunction({ name: 'F', nodes: [node({ op: 'Relu', in: ['x'], out: ['y'] })] })],
  metadata: [['task', 'other']],
})
const sample = (path: string): Uint8Array => readFileSync(new URL(`../../../../build/samples/${path}.onnx`, import.meta.url))
const seeds = [
  rich,
  sample('wine/wine-1.0.0'),
  sample('digits/digits-1.0.0'),
  ...hostileFiles.slice(0, 200).map(({ build }) => build()),
].filter((file) => file.length > 0 && file.length < 10_000)

const change = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant('drop' as const), at: fc.nat(), byte: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('add' as const), at: fc.nat(), byte: fc.nat({ max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), byte: fc.constant(0) }),
)

function mutate(file: Uint8Array, { kind, at, byte }: { kind: 'flip' | 'drop' | 'add' | 'cut'; at: number; byte: number }): Uint8Array {
  const place = file.length === 0 ? 0 : at % file.length
  const before = file.subarray(0, place)
  switch (kind) {
    case 'flip':
      return join(before, Uint8Array.of((file[place] ?? 0) ^ byte), file.subarray(place + 1))
    case 'drop':
      return join(before, file.subarray(place + byte))
    case 'add':
      return join(before, Uint8Array.of(byte), file.subarray(place))
    case 'cut':
      return before
  }
}

/** Well-formed wire format of any shape: it gets deeper than random bytes do. */
const wire = fc.letrec<{ message: Uint8Array; field: Uint8Array }>((tie) => ({
  message: fc.array(tie('field'), { maxLength: 6 }).map((parts) => join(...parts)),
  field: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.tuple(fc.integer({ min: 1, max: 26 }), fc.bigInt({ min: -3n, max: 2n ** 63n - 1n })).map(([field, number]) => int(field, number)),
    fc.tuple(fc.integer({ min: 1, max: 26 }), fc.string({ maxLength: 6 })).map(([field, content]) => text(field, content)),
    fc
      .tuple(fc.integer({ min: 1, max: 26 }), fc.array(fc.nat({ max: 300 }), { maxLength: 4 }))
      .map(([field, list]) => bytes(field, ...list.map(varint))),
    fc.tuple(fc.integer({ min: 1, max: 26 }), tie('message')).map(([field, inner]) => bytes(field, inner)),
  ),
}))

describe('any bytes end in a summary or a named problem', () => {
  it('random bytes', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 400 }), survives)
    expect(fc.check(property, { numRuns: 5_000 })).toMatchObject({ failed: false })
  })

  it('random fields', () => {
    const property = fc.property(wire.message, (message) => survives(join(int(1, 8), bytes(7, message), message)))
    expect(fc.check(property, { numRuns: 5_000 })).toMatchObject({ failed: false })
  })

  it('changed models', () => {
    const property = fc.property(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 6 }), (seed, changes) => {
      survives(changes.reduce(mutate, seed))
    })
    expect(fc.check(property, { numRuns: 10_000 })).toMatchObject({ failed: false })
  })

  it('every byte of a model with one of each message, set to eleven values', () => {
    expect(() => walkOnnx(readerOf(rich), { allow: ['If'] })).not.toThrow()
    for (let at = 0; at < rich.length; at += 1) {
      for (const byte of [0, 1, 16, 32, 64, 127, 128, 160, 192, 240, 255]) {
        const file = rich.slice()
        file[at] = byte
        survives(file)
      }
    }
  })
})
