import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mannWhitney, mannWhitneyFromBins } from '../../../../shared/stats/canary/mann-whitney.ts'
import { ksDistance, ksFromBins } from '../../../../shared/stats/drift/kolmogorov-smirnov.ts'
import { wasserstein, wassersteinFromBins } from '../../../../shared/stats/drift/wasserstein.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { averagePrecision, groupByScore, rocAuc } from '../../../../shared/stats/quality/ranking.ts'
import { addScore, emptyScoreBins, scoreGroups } from '../../../../shared/stats/quality/score-bins.ts'
import { binOf, quantileEdges } from '../../../../shared/stats/reference-bins.ts'
import { DistinctCount } from '../../../../shared/stats/sketch/hyper-log-log.ts'
import { MisraGries } from '../../../../shared/stats/sketch/misra-gries.ts'
import { SpaceSaving } from '../../../../shared/stats/sketch/space-saving.ts'
import { ValueSketch } from '../../../../shared/stats/sketch/value-sketch.ts'

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true })
const samples = fc.array(fc.oneof(finite, fc.integer({ min: -5, max: 5 })), { minLength: 1, maxLength: 80 })
const SLACK = 1e-9

function binned(edges: readonly number[], values: readonly number[]): number[] {
  const counts = Array.from({ length: edges.length + 1 }, () => 0)
  for (const value of values) counts[binOf(edges, value)]! += 1
  return counts
}

describe('bins', () => {
  test('the Kolmogorov-Smirnov distance of the values is within the bounds of their bins', () => {
    fc.assert(
      fc.property(samples, samples, fc.constantFrom(3, 10, 50), (x, y, bins) => {
        const edges = quantileEdges(Float64Array.from(x).sort(), bins)
        const [r, c] = [binned(edges, x), binned(edges, y)]
        const { lower, upper } = ksFromBins(r, c)!
        const truth = ksDistance(x, y)!
        expect(truth).toBeGreaterThanOrEqual(lower - SLACK)
        expect(truth).toBeLessThanOrEqual(upper + SLACK)
        const widest = Math.max(...r.map((count) => count / x.length), ...c.map((count) => count / y.length))
        expect(upper - lower).toBeLessThanOrEqual(widest + SLACK)
      }),
    )
  })

  test('the Wasserstein distance of the values is within the error of their bins', () => {
    fc.assert(
      fc.property(samples, samples, fc.constantFrom(3, 10, 50), (x, y, bins) => {
        const edges = quantileEdges(Float64Array.from(x).sort(), bins)
        const all = [...x, ...y]
        const bounds = [Math.min(...all), ...edges, Math.max(...all)]
        const { distance, error } = wassersteinFromBins(bounds, binned(edges, x), binned(edges, y))!
        expect(Math.abs(wasserstein(x, y)! - distance)).toBeLessThanOrEqual(error + 1e-6)
      }),
    )
  })

  test('the area and the average precision of the scores are within the bounds of their bins', () => {
    const rows = fc.array(
      fc.record({
        score: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.25, 0.5, 1)),
        positive: fc.constantFrom(0, 1),
      }),
      {
        minLength: 2,
        maxLength: 120,
      },
    )
    fc.assert(
      fc.property(rows, fc.constantFrom(1, 4, 10, 200), (list, bins) => {
        const state = emptyScoreBins(bins)
        for (const { score, positive } of list) expect(addScore(state, score, positive === 1)).toBe(true)
        for (const measure of [rocAuc, averagePrecision]) {
          const [exact, rough] = [measure(groupByScore(list)), measure(scoreGroups(state))]
          if (exact === null || rough === null) expect(exact).toBe(rough)
          else {
            expect(exact.value).toBeGreaterThanOrEqual(rough.lower - SLACK)
            expect(exact.value).toBeLessThanOrEqual(rough.upper + SLACK)
            expect(rough.lower).toBeLessThanOrEqual(rough.value + SLACK)
            expect(rough.value).toBeLessThanOrEqual(rough.upper + SLACK)
          }
        }
      }),
    )
  })

  test('the effect of a rank test is within its error', () => {
    fc.assert(
      fc.property(samples, samples, (x, y) => {
        const edges = quantileEdges(Float64Array.from(x).sort(), 8)
        const [exact, rough] = [mannWhitney(x, y)!, mannWhitneyFromBins(binned(edges, x), binned(edges, y))!]
        expect(Math.abs(exact.effect - rough.effect)).toBeLessThanOrEqual(rough.effectError + SLACK)
      }),
    )
  })
})

describe('categories', () => {
  const streams = fc.array(
    fc.array(
      fc.nat(60).map((k) => `c${Math.floor(Math.sqrt(k * 40))}`),
      { maxLength: 150 },
    ),
    { minLength: 1, maxLength: 6 },
  )
  const truthOf = (all: readonly string[]): Map<string, number> => {
    const truth = new Map<string, number>()
    for (const name of all) truth.set(name, (truth.get(name) ?? 0) + 1)
    return truth
  }

  test('Space-Saving: count - error <= truth <= count, also after any merges; what is not kept is below the floor', () => {
    fc.assert(
      fc.property(streams, fc.constantFrom(1, 4, 16), fc.boolean(), (parts, capacity, fromRight) => {
        const sketches = parts.map((names) => {
          const sketch = new SpaceSaving(capacity)
          for (const name of names) sketch.add(name)
          for (const { error } of sketch.items()) expect(error).toBeLessThanOrEqual(names.length / capacity)
          return sketch
        })
        const merge = (a: SpaceSaving, b: SpaceSaving): SpaceSaving => (a.merge(b), a)
        const merged = fromRight ? sketches.reduceRight(merge) : sketches.reduce(merge)
        merged.add('later')
        const truth = truthOf([...parts.flat(), 'later'])
        const kept = new Map(merged.items().map((item) => [item.name, item]))
        for (const [name, count] of truth) {
          const item = kept.get(name)
          if (item === undefined) expect(count).toBeLessThanOrEqual(merged.floor)
          else expect(item.count - item.error <= count && count <= item.count).toBe(true)
        }
        expect(merged.items().length).toBeLessThanOrEqual(capacity)
      }),
    )
  })

  test('Misra-Gries: estimate <= truth <= estimate + n / (k + 1), also after any merges', () => {
    fc.assert(
      fc.property(streams, fc.constantFrom(1, 4, 16), fc.boolean(), (parts, capacity, fromRight) => {
        const summaries = parts.map((names) => {
          const summary = new MisraGries(capacity)
          for (const name of names) summary.add(name)
          return summary
        })
        const merge = (a: MisraGries, b: MisraGries): MisraGries => (a.merge(b), a)
        const merged = fromRight ? summaries.reduceRight(merge) : summaries.reduce(merge)
        for (const [name, count] of truthOf(parts.flat())) {
          expect(merged.estimate(name)).toBeLessThanOrEqual(count)
          expect(count).toBeLessThanOrEqual(merged.estimate(name) + merged.bound)
        }
        expect(merged.state().items.length).toBeLessThanOrEqual(capacity)
      }),
    )
  })

  test('Misra-Gries subtracts the (k + 1)-th largest, no more', () => {
    const of = (...items: [string, number][]): MisraGries => MisraGries.parse({ v: 1, capacity: 2, total: 20, items })
    const summary = of(['a', 5], ['b', 3])
    summary.merge(of(['c', 4], ['d', 1]))
    expect(summary.state()).toEqual({ v: 1, capacity: 2, total: 40, items: [['a', 2], ['c', 1]] }) // prettier-ignore
  })

  test.each([1, 10, 100, 1000, 10_000, 200_000])('%i distinct values are estimated within four standard errors', (distinct) => {
    const [count, half] = [new DistinctCount(), new DistinctCount()]
    for (let i = 0; i < distinct; i += 1) (i % 3 === 0 ? half : count).add(`device-${i}`)
    for (let i = 0; i < distinct; i += 7) count.add(`device-${i}`)
    count.merge(half)
    expect(Math.abs(count.estimate() / distinct - 1)).toBeLessThan((4 * 1.04) / Math.sqrt(1024))
  })
})

describe('quantile sketches', () => {
  const anySign = fc.array(
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      finite,
      fc.double({ min: 0.98, max: 1, noNaN: true }),
      fc.constantFrom(0, -0),
    ),
    {
      minLength: 1,
      maxLength: 80,
    },
  )

  test('a merged sketch of values of either sign is within its accuracy, everywhere', () => {
    fc.assert(
      fc.property(anySign, anySign, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, q) => {
        const of = (values: readonly number[]): ValueSketch => {
          const sketch = ValueSketch.empty()
          for (const value of values) expect(sketch.add(value)).toBe(true)
          return sketch
        }
        const sketch = of(a)
        sketch.merge(of(b))
        // A collapse needs more than 1024 bins of one sign.
        const sorted = [...a, ...b].sort((x, y) => x - y)
        const truth = sorted[Math.floor(q * (sorted.length - 1))]!
        // A denormal has fewer digits than the accuracy.
        expect(Math.abs(sketch.quantile(q)! - truth)).toBeLessThanOrEqual(0.01 * Math.abs(truth) * (1 + 1e-6) + Number.MIN_VALUE * 4)
      }),
      { numRuns: 300 },
    )
    expect([ValueSketch.empty().quantile(0.5), ValueSketch.empty().quantile(Number.NaN)]).toEqual([null, null])
  })

  test('values above a limit, up to the bin that it is in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { maxLength: 80 }),
        fc.double({ min: 0, max: 1e4, noNaN: true }),
        (values, limit) => {
          const sketch = LatencySketch.empty()
          for (const value of values) sketch.add(value)
          const above = sketch.countAbove(limit)
          expect(above).toBeLessThanOrEqual(values.filter((value) => value > limit).length)
          expect(above).toBeGreaterThanOrEqual(values.filter((value) => value > limit * 1.0203).length)
        },
      ),
    )
    const sketch = LatencySketch.empty()
    for (const value of [0, 1, 2]) sketch.add(value)
    expect([
      sketch.countAbove(-1),
      sketch.countAbove(0),
      sketch.countAbove(Number.NaN),
      sketch.atRank(3),
      sketch.atRank(-1),
      sketch.atRank(0),
    ]).toEqual([3, 2, 0, null, null, 0])
  })
})
