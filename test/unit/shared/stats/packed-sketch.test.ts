import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { packSketch, unpackSketch } from '../../../../shared/stats/packed-sketch.ts'
import { SketchSum } from '../../../../shared/stats/sketch-sum.ts'

const latency = fc.oneof(
  fc.double({ min: 0, max: 1e4, noNaN: true }),
  fc.constantFrom(0, 1, 5e-324, 1e-300, 1.7e308, 0.02, 12.5),
  fc.integer({ min: -300, max: 300 }).map((power) => 2 ** power),
)

function sketchOf(values: readonly number[]): LatencySketch {
  const sketch = LatencySketch.empty()
  for (const value of values) sketch.add(value)
  return sketch
}

describe('a packed sketch', () => {
  test('is the state again, and equal states have equal bytes', () => {
    fc.assert(
      fc.property(fc.array(latency, { maxLength: 60 }), fc.constantFrom(0.01, 0.02), (values, accuracy) => {
        const sketch = LatencySketch.empty(accuracy)
        for (const value of values) sketch.add(value, value === 1 ? 1e12 : 1)
        const packed = packSketch(sketch.state())
        expect(unpackSketch(packed)).toEqual(sketch.state())
        expect(packSketch(unpackSketch(packed))).toEqual(packed)
      }),
    )
  })

  test('of a collapsed sketch too', () => {
    const sketch = sketchOf(Array.from({ length: 1200 }, (_, i) => 1.03 ** i))
    expect([sketch.state().collapsed, unpackSketch(packSketch(sketch.state()))]).toEqual([true, sketch.state()])
  })

  test('of a minute with 600 requests takes less than a quarter of its JSON', () => {
    const sketch = sketchOf(Array.from({ length: 600 }, (_, i) => 4 + Math.sin(i) + (i % 97 === 0 ? 30 : 0)))
    const packed = packSketch(sketch.state()).length
    expect(packed).toBeLessThan(JSON.stringify(sketch.state()).length / 4)
    expect(packed).toBeLessThan(200)
  })

  test('that is cut off, goes on, or is of another version is refused', () => {
    const packed = packSketch(sketchOf([0, 1, 2, 3, 500]).state())
    for (let length = 0; length < packed.length; length += 1)
      expect(() => unpackSketch(packed.slice(0, length))).toThrow('Statistics state')
    expect(() => unpackSketch(new Uint8Array([...packed, 0]))).toThrow('goes on')
    expect(() => unpackSketch(new Uint8Array([2, ...packed.slice(1)]))).toThrow('version')
    expect(() => unpackSketch(new Uint8Array([1, 9]))).toThrow('version')
    // The same number in more bytes than it needs.
    expect(() => unpackSketch(new Uint8Array([...packed.slice(0, -1), 129, 0]))).toThrow('otherwise')
  })

  test('of hostile bytes is refused or has a state, and never anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          unpackSketch(new Uint8Array([1, 0, ...bytes]))
        } catch (error) {
          expect(String(error)).toContain('Statistics state')
        }
        expect(new SketchSum().addPacked(bytes)).toBeTypeOf('boolean')
      }),
      { numRuns: 500 },
    )
  })
})

describe('the sum of packed sketches', () => {
  test('is the sketch of all values, whatever the order and the grouping', () => {
    const part = fc.array(latency, { maxLength: 30 })
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.nat(7), (parts, cut) => {
        const merged = LatencySketch.empty()
        for (const values of parts) merged.mergeState(sketchOf(values).state())
        const [left, right] = [new SketchSum(), new SketchSum()]
        for (const [i, values] of parts.toReversed().entries()) (i < cut ? left : right).addPacked(packSketch(sketchOf(values).state()))
        left.add(right)
        const { sum, ...state } = left.state()
        const { sum: whole, ...expected } = merged.state()
        expect(state).toEqual(expected)
        expect(Math.abs(sum - whole)).toBeLessThanOrEqual(whole * 1e-9)
      }),
      { numRuns: 300 },
    )
  })

  test('collapses the lowest bins as a sketch does', () => {
    const parts = [0, 400, 800, 1200].map((from) => Array.from({ length: 600 }, (_, i) => 1.021 ** (from + i)))
    const merged = LatencySketch.empty()
    const sum = new SketchSum()
    for (const values of parts) {
      merged.merge(sketchOf(values))
      sum.addPacked(packSketch(sketchOf(values).state()))
    }
    const { sum: _, ...state } = sum.state()
    const { sum: __, ...expected } = merged.state()
    expect([state.bins.length, state]).toEqual([1024, expected])
  })

  test('takes neither another accuracy nor damaged bytes, nor counts beyond exact integers', () => {
    const sum = new SketchSum()
    const packed = packSketch(sketchOf([1, 2]).state())
    expect(sum.addPacked(packed)).toBe(true)
    const other = LatencySketch.empty(0.02)
    other.add(3)
    const huge = LatencySketch.empty()
    huge.add(1, Number.MAX_SAFE_INTEGER)
    expect([packSketch(other.state()), packed.slice(0, -1), packSketch(huge.state())].map((bytes) => sum.addPacked(bytes))).toEqual([
      false,
      false,
      false,
    ])
    expect(sum.state()).toEqual(sketchOf([1, 2]).state())
    expect(sum.sketch().quantile(1)).toBe(sketchOf([1, 2]).quantile(1))
  })
})
