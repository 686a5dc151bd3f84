import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LatencySketch, MAX_SKETCH_BINS } from '../../../../shared/stats/latency-sketch.ts'

/** Wide enough to collapse: more bins than a sketch keeps. */
const values = fc.oneof(
  fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { maxLength: 40 }),
  fc.integer({ min: 0, max: 3 }).map((shift) => Array.from({ length: MAX_SKETCH_BINS + 200 }, (_, i) => 1.03 ** (i + shift * 100))),
)

function sketchOf(all: readonly number[]): LatencySketch {
  const sketch = LatencySketch.empty()
  for (const value of all) sketch.add(value)
  return sketch
}

test('a state that is merged gives what its sketch would', () => {
  fc.assert(
    fc.property(values, values, (first, second) => {
      const bySketch = sketchOf(first)
      bySketch.merge(sketchOf(second))
      const byState = sketchOf(first)
      byState.mergeState(sketchOf(second).state())
      expect(byState.state()).toEqual(bySketch.state())
    }),
    { numRuns: 60 },
  )
})

test('a state that contradicts itself, or of another accuracy, changes nothing', () => {
  const sketch = sketchOf([1, 2, 3])
  const before = sketch.state()
  expect(() => sketch.mergeState({ ...sketchOf([1]).state(), count: 7 })).toThrow('the bins hold 1 values and the count is 7')
  expect(() => sketch.mergeState(LatencySketch.empty(0.02).state())).toThrow('do not merge')
  expect(sketch.state()).toEqual(before)
})
