import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { datatypes } from '../../../../shared/domain/bundle.ts'
import { halfFromNumber, numberFromHalf } from '../../../../shared/inference/half.ts'
import { batchRows, datatypeOfOrt, elementCount, ortTypes, plainData, tensorFromPlain } from '../../../../shared/inference/tensor.ts'

const bad = (message: string | RegExp) =>
  expect.objectContaining({ code: 'inference.bad-input', message: expect.stringMatching(message) as string })

describe('binary16', () => {
  test('all 65536 patterns survive the way to a number and back', () => {
    const lost: number[] = []
    for (let bits = 0; bits < 65_536; bits += 1) {
      const value = numberFromHalf(bits)
      const kept = Number.isNaN(value) ? Number.isNaN(numberFromHalf(halfFromNumber(value))) : halfFromNumber(value) === bits
      if (!kept) lost.push(bits)
    }
    expect(lost).toEqual([])
  })

  test('any number goes to the nearest pattern', () => {
    const finite = Array.from({ length: 0x7c00 }, (_, bits) => numberFromHalf(bits))
    fc.assert(
      fc.property(fc.double({ min: 0, max: 65_519, noNaN: true }), (value) => {
        const distance = Math.abs(numberFromHalf(halfFromNumber(value)) - value)
        const below = finite.findLastIndex((one) => one <= value)
        const nearest = Math.min(value - finite[below]!, Math.abs((finite[below + 1] ?? 65_536) - value))
        expect(distance).toBe(nearest)
      }),
    )
  })

  test.each([
    [65_504, 0x7bff],
    [65_519.99, 0x7bff],
    [65_520, 0x7c00],
    [-65_520, 0xfc00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [2 ** -25 * 1.0001, 1],
    [-0, 0x8000],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
  ])('%d', (value, bits) => {
    expect(halfFromNumber(value)).toBe(bits)
  })
})

describe('from plain values', () => {
  test('flat and nested rows are the same tensor', () => {
    const flat = tensorFromPlain('x', 'FP32', [2, 2], [1, 2.5, null, -4])
    expect(flat).toEqual({ name: 'x', datatype: 'FP32', shape: [2, 2], data: Float32Array.of(1, 2.5, Number.NaN, -4) })
    expect(tensorFromPlain('x', 'FP32', [2, 2], [[1, 2.5], [null, -4]])).toEqual(flat) // prettier-ignore
    expect(tensorFromPlain('s', 'FP64', [], [3])).toEqual({ name: 's', datatype: 'FP64', shape: [], data: Float64Array.of(3) })
    expect(tensorFromPlain('e', 'FP32', [0, 4], [])).toEqual({ name: 'e', datatype: 'FP32', shape: [0, 4], data: new Float32Array(0) })
  })

  test('every datatype comes back as it went in', () => {
    const values: Record<(typeof datatypes)[number], (number | string | boolean)[]> = {
      BOOL: [true, false],
      UINT8: [0, 255],
      UINT16: [0, 65_535],
      UINT32: [0, 4_294_967_295],
      UINT64: [0, '18446744073709551615'],
      INT8: [-128, 127],
      INT16: [-32_768, 32_767],
      INT32: [-2_147_483_648, 2_147_483_647],
      INT64: ['-9223372036854775808', 9_007_199_254_740_991],
      FP16: [0.5, -65_504],
      FP32: [0.100_000_001_490_116_12, -3.5],
      FP64: [0.1, 1e308],
      BYTES: ['', 'grün'],
    }
    for (const datatype of datatypes) {
      const tensor = tensorFromPlain('t', datatype, [2], values[datatype])
      expect([datatype, plainData(tensor)]).toEqual([datatype, values[datatype]])
      expect(tensorFromPlain('t', datatype, [2], JSON.parse(JSON.stringify(plainData(tensor))) as unknown[])).toEqual(tensor)
      expect(datatypeOfOrt(ortTypes[datatype])).toBe(datatype)
    }
  })

  test.each([
    ['too few', 'FP32', [3], [1, 2], /"x".*3 values; 2 came/],
    ['too many', 'FP32', [1], [1, 2], /1 values; 2 came/],
    ['a text', 'FP32', [2], [1, 'a'], /"x", value 1: "a" is not a number/],
    ['an object', 'FP32', [1], [{}], /value 0: an object/],
    ['undefined', 'FP64', [1], [undefined], /value 0: undefined/],
    ['true for a number', 'FP32', [1], [true], /value 0: true/],
    ['beyond FP32', 'FP32', [1], [1e39], /value 0: 1e\+39 is not a number of FP32/],
    ['beyond FP16', 'FP16', [1], [65_520], /FP16/],
    ['beyond UINT8', 'UINT8', [2], [255, 256], /value 1: 256 is not a whole number of UINT8/],
    ['negative UINT32', 'UINT32', [1], [-1], /UINT32/],
    ['a fraction', 'INT32', [1], [0.5], /INT32/],
    ['NaN for an integer', 'INT16', [1], [Number.NaN], /NaN/],
    ['infinity for an integer', 'INT64', [1], [Number.POSITIVE_INFINITY], /INT64/],
    ['null for an integer', 'INT8', [1], [null], /null/],
    ['beyond 2^53 as a number', 'INT64', [1], [2 ** 53], /INT64/],
    ['beyond INT64', 'INT64', [1], ['9223372036854775808'], /INT64/],
    ['negative UINT64', 'UINT64', [1], ['-1'], /UINT64/],
    ['a number for BYTES', 'BYTES', [1], [1], /not a text/],
    ['2 for BOOL', 'BOOL', [1], [2], /true or false/],
    ['a negative size', 'FP32', [-1], [], /no shape/],
    ['a fraction of a size', 'FP32', [1.5], [], /no shape/],
    ['sizes beyond counting', 'FP32', [2 ** 40, 2 ** 40], [], /no shape/],
    ['uneven rows', 'FP32', [2, 2], [[1, 2], [3]], /depth 2 has 1 entries/],
    ['rows and values mixed', 'FP32', [2, 1], [[1], 2], /unevenly/],
    ['nesting deeper than the shape', 'FP32', [1], [[[1]]], /depth 2/],
    ['flat where the outer size differs', 'FP32', [2, 1], [[1]], /depth 1 has 1 entries/],
  ] as const)('%s', (...[, datatype, shape, values, message]) => {
    expect(() => tensorFromPlain('x', datatype, shape, values)).toThrow(bad(message))
  })

  test('a list nested a hundred thousand times is refused, not followed', () => {
    let deep: unknown[] = [1]
    for (let i = 0; i < 100_000; i += 1) deep = [deep]
    expect(() => tensorFromPlain('x', 'FP32', [1], deep)).toThrow(bad(/depth 2/))
  })

  test('shapes', () => {
    expect([elementCount([]), elementCount([2, 3]), elementCount([0, 9]), batchRows([]), batchRows([7, 2])]).toEqual([1, 6, 0, 1, 7])
    expect(() => datatypeOfOrt('bfloat16')).toThrow(expect.objectContaining({ code: 'model.unsupported' }))
  })
})
