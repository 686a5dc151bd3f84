import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sketchState } from '../../../../shared/protocol/telemetry.ts'
import { LatencySketch, MAX_SKETCH_BINS } from '../../../../shared/stats/latency-sketch.ts'
import { oracle, oracleData } from './oracle.ts'

const of = (values: Iterable<number>): LatencySketch => {
  const sketch = LatencySketch.empty()
  for (const value of values) sketch.add(value)
  return sketch
}
const merged = (...sketches: LatencySketch[]): LatencySketch => {
  const sum = LatencySketch.empty()
  for (const one of sketches) sum.merge(one)
  return sum
}
/** Without the sum: floating addition is not associative. */
const exact = (sketch: LatencySketch) => ({ ...sketch.state(), sum: 0 })

/** Deterministic numbers in [0, 1). */
function* random(seed: number): Generator<number> {
  let word = seed
  for (;;) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0
    yield word / 2 ** 32
  }
}

describe('oracle', () => {
  test('indices of values', () => {
    const { input, expected } = oracle<{ values: number[] }, { index: number[]; representative: number[] }>('ddsketch_index')
    for (const [i, value] of input.values.entries()) {
      expect(of([value]).state().bins).toEqual([[expected.index[i], 1]])
      // Between a smaller and a larger value the representative itself shows.
      const sketch = of([1e-9, value, 1e9])
      expect(Math.abs(sketch.quantile(0.5)! / expected.representative[i]! - 1)).toBeLessThan(1e-9)
    }
  })

  test('zeros, negatives, NaN and infinities', () => {
    const { input } = oracle<{ values: (number | string)[] }, unknown>('ddsketch_edge_values')
    const sketch = LatencySketch.empty()
    // A latency is never negative, so the negative value of the case is refused too.
    expect(input.values.map((value) => sketch.add(Number(value)))).toEqual([true, true, false, true, false, false])
    expect(sketch.state()).toMatchObject({ count: 3, zero: 2, min: 0, max: 5 })
    expect(Object.is(sketch.state().min, -0)).toBe(false)
  })

  test('the merge that another library gets wrong', () => {
    const { input, expected } = oracle<
      { a: number[]; b: number[] },
      { bins: Record<string, number>; count: number; q1_within: [number, number] }
    >('ddsketch_merge_regression')
    const sketch = merged(of(input.a), of(input.b))
    expect(sketch.count).toBe(expected.count)
    expect(sketch.state().bins).toEqual(
      Object.entries(expected.bins)
        .map(([index, count]) => [Number(index), count])
        .sort(([a], [b]) => a! - b!),
    )
    expect(sketch.quantile(1)).toBeGreaterThanOrEqual(expected.q1_within[0])
    expect(sketch.quantile(1)).toBeLessThanOrEqual(expected.q1_within[1])
  })

  test('every quantile of real latencies is within one percent of the value of that rank', () => {
    const sorted = oracleData.latency_ms.toSorted((a, b) => a - b)
    const sketch = of(oracleData.latency_ms)
    for (const q of [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1]) {
      const truth = sorted[Math.floor(q * (sorted.length - 1))]!
      expect(Math.abs(sketch.quantile(q)! - truth)).toBeLessThanOrEqual(0.01 * truth * (1 + 1e-9))
    }
  })
})

describe('laws', () => {
  const values = fc.array(
    fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.double({ min: 0.9, max: 1, noNaN: true }), fc.constant(0)),
    { maxLength: 60 },
  )

  test('merging is commutative, associative, has an identity and equals the whole', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const whole = exact(of([...a, ...b, ...c]))
        expect(exact(merged(of(a), of(b), of(c)))).toEqual(whole)
        expect(exact(merged(of(c), merged(of(b), of(a))))).toEqual(whole)
        expect(exact(merged(LatencySketch.empty(), of([...a, ...b, ...c])))).toEqual(whole)
      }),
    )
  })

  test('merging a sketch with itself doubles it', () => {
    const sketch = of([0, 1, 2.5, 1e-7])
    const before = sketch.state()
    sketch.merge(sketch)
    expect(sketch.state()).toEqual({
      ...before,
      count: 8,
      zero: 2,
      sum: before.sum * 2,
      bins: before.bins.map(([index, count]) => [index, count * 2]),
    })
  })

  test('a state is read back as the same sketch and fits the wire', () => {
    fc.assert(
      fc.property(values, (a) => {
        const state = of(a).state()
        expect(sketchState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state)
        expect(LatencySketch.fromState(state).state()).toEqual(state)
      }),
    )
  })

  test('what is no number is not added, whatever type it has', () => {
    const sketch = LatencySketch.empty()
    const wrong: unknown[] = [null, undefined, '5', 5n, true, [], Number.NaN, Number.POSITIVE_INFINITY, -1]
    expect(wrong.map((value) => sketch.add(value as number))).toEqual(wrong.map(() => false))
    expect(sketch.state()).toEqual(LatencySketch.empty().state())
  })

  test('weights count as that many values', () => {
    const weighted = LatencySketch.empty()
    expect([weighted.add(3, 4), weighted.add(3, 0), weighted.add(3, -1), weighted.add(3, 1.5), weighted.add(3, Number.NaN)]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
    expect(weighted.state()).toEqual(of([3, 3, 3, 3]).state())
  })
})

describe('bounded memory', () => {
  const source = random(7)
  const wide = Array.from({ length: 30_000 }, () => 10 ** (source.next().value! * 600 - 300))

  test('values over 600 orders of magnitude keep the highest 1024 bins, whatever the order and the split', () => {
    const sketch = of(wide)
    const state = sketch.state()
    expect(state).toMatchObject({ count: wide.length, collapsed: true })
    expect(state.bins.length).toBe(MAX_SKETCH_BINS)
    expect(exact(of(wide.toReversed()))).toEqual(exact(sketch))
    const parts = Array.from({ length: 7 }, (_, k) => of(wide.filter((_value, i) => i % 7 === k)))
    expect(exact(merged(...parts))).toEqual(exact(sketch))
    expect(exact(merged(...parts.toReversed()))).toEqual(exact(sketch))
  })

  test('the tail stays right after a collapse', () => {
    const sorted = wide.toSorted((a, b) => a - b)
    const truth = sorted[Math.floor(0.99 * (sorted.length - 1))]!
    expect(Math.abs(of(wide).quantile(0.99)! / truth - 1)).toBeLessThanOrEqual(0.01 + 1e-9)
  })

  test('a value below a collapsed sketch falls into its lowest bin, and a collapsed one survives the wire', () => {
    const sketch = LatencySketch.fromState(of(wide).state())
    const lowest = sketch.state().bins[0]!
    sketch.add(1e-299)
    expect(sketch.state().bins[0]).toEqual([lowest[0], lowest[1] + 1])
  })

  test('extremes never turn into NaN or infinity', () => {
    const sketch = of([Number.MIN_VALUE, Number.MAX_VALUE, Number.MAX_VALUE])
    expect(sketch.state().sum).toBe(Number.MAX_VALUE)
    expect([0, 0.5, 1].map((q) => Number.isFinite(sketch.quantile(q)))).toEqual([true, true, true])
    expect(sketchState.safeParse(sketch.state()).success).toBe(true)
  })
})

describe('refusals', () => {
  test('other accuracies do not merge', () => {
    expect(() => LatencySketch.empty(0.01).merge(LatencySketch.empty(0.02))).toThrow(expect.objectContaining({ code: 'input.invalid' }))
  })

  test.each([0, 1, -0.5, Number.NaN, 1e-17])('accuracy %s', (accuracy) => {
    expect(() => LatencySketch.empty(accuracy)).toThrow(RangeError)
  })

  test('nothing was added', () => {
    expect([LatencySketch.empty().quantile(0.5), of([1]).quantile(Number.NaN), of([1]).quantile(1.01)]).toEqual([null, null, null])
  })

  const good = of([0, 1, 2]).state()
  test.each([
    ['a count that the bins do not have', { ...good, count: 4 }],
    ['bins out of order', { ...good, bins: good.bins.toReversed() }],
    ['a bin twice', { ...good, count: 4, bins: [...good.bins, good.bins.at(-1)!] }],
    ['an index that no double has', { ...good, bins: [good.bins[0]!, [2 ** 40, 1] as [number, number]] }],
    ['a minimum above the maximum', { ...good, zero: 0, count: 2, min: 3 }],
    ['no minimum', { ...good, min: null }],
    ['an empty one with a maximum', { ...LatencySketch.empty().state(), max: 1 }],
    ['a collapsed one without bins', { ...LatencySketch.empty().state(), collapsed: true }],
    ['an infinite sum', { ...good, sum: Number.POSITIVE_INFINITY }],
    ['zeros without a minimum of zero', { ...good, min: 1 }],
    ['a negative count in a bin', { ...good, bins: [[good.bins[0]![0], -1], [good.bins[1]![0], 3]] as [number, number][] }], // prettier-ignore
    ['a bin without values', { ...good, bins: [...good.bins, [500, 0] as [number, number]] }],
    ['negative zeros', { ...good, zero: -1, count: 1, min: 1 }],
    ['an index that is no number', { ...good, bins: [[Number.NaN, 1], good.bins[1]!] as [number, number][] }],
    ['an index between two', { ...good, bins: [[0.5, 1], good.bins[1]!] as [number, number][] }],
    ['halves of values', { ...good, bins: [[0, 0.5], [1, 1.5]] as [number, number][] }], // prettier-ignore
    ['more values than can be counted', { ...good, count: 2 ** 60, zero: 2 ** 60 - 2 }],
    ['a sum that is no number', { ...good, sum: Number.NaN }],
    ['an accuracy that no index can tell', { ...good, accuracy: 1e-300 }],
  ])('%s', (_, state) => {
    expect(() => LatencySketch.fromState(state)).toThrow(expect.objectContaining({ code: 'message.malformed' }))
  })
})
