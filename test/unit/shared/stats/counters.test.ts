import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { effectiveSize, lagOneCorrelation, repeatCorrelation } from '../../../../shared/stats/drift/effective-size.ts'
import { fencesOfBins, fencesOfValues } from '../../../../shared/stats/quality/tukey-fences.ts'
import { CategoryCounter, type CategoryReference } from '../../../../shared/stats/reference/category-counter.ts'
import { parseFeatureCounts, mergeFeatureCounts, offeredTo, valuesOf } from '../../../../shared/stats/reference/feature-counts.ts'
import { coarseEdges, featureWindow, shareOffConstant, spreadOf, windowAgainst } from '../../../../shared/stats/reference/feature-window.ts'
import { addLagSums, LagCounter } from '../../../../shared/stats/reference/lag-sums.ts'
import { NumericCounter, type NumericReference } from '../../../../shared/stats/reference/numeric-counter.ts'
import { referenceKey } from '../../../../shared/stats/reference/reference-key.ts'
import { binOf, featureBaseline, quantileEdges } from '../../../../shared/stats/reference-bins.ts'
import { normals, oracleData, seeded } from './oracle.ts'
import { categoryReference } from './states.ts'

const numeric = (values: readonly number[]): NumericReference => featureBaseline('x', values) as NumericReference
const normal = normals(seeded(5))
const training = Array.from({ length: 1000 }, normal)
const awkward: unknown[] = [
  null,
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  '5',
  5n,
  true,
  {},
  [],
  Symbol('x'),
]

describe('numeric counter', () => {
  /** Shapes that lead the table of cells astray if it is wrong: tails, clusters, gaps, extremes, offsets. */
  const shapes = fc.constantFrom<(u: number) => number>(
    (u) => u,
    (u) => Math.exp(20 * u - 10),
    (u) => (u < 0.9 ? u * 1e-9 : 1e9 * u),
    (u) => 1e12 + u,
    (u) => (u - 0.5) * Number.MAX_VALUE * 1.9,
    (u) => Math.round(u * 40),
    (u) => (u - 0.5) * 1e-310,
  )
  const unit = fc.double({ min: 0, max: 1, noNaN: true })

  test('puts every value into the bin of the reference', () => {
    fc.assert(
      fc.property(shapes, fc.array(unit, { minLength: 30, maxLength: 400 }), fc.array(unit, { maxLength: 50 }), (shape, base, more) => {
        const reference = featureBaseline('x', base.map(shape))
        if (reference.kind !== 'numeric') return
        const counter = new NumericCounter(reference)
        const values = [...base.map(shape), ...more.map(shape), ...reference.edges, Number.MAX_VALUE, -Number.MAX_VALUE, 0, -0]
        const expected = Array.from({ length: reference.edges.length + 1 }, () => 0)
        for (const value of values) {
          expected[binOf(reference.edges, value)]! += 1
          counter.add(value)
        }
        const counts = counter.counts()
        expect(counts.bins).toEqual(expected)
        expect(counts).toMatchObject({
          below: values.filter((value) => value < reference.min).length,
          above: values.filter((value) => value > reference.max).length,
          min: -Number.MAX_VALUE,
          max: Number.MAX_VALUE,
        })
        expect(parseFeatureCounts(JSON.parse(JSON.stringify(counts)))).toEqual(counts)
        expect(Object.values(counts.lag).every(Number.isFinite)).toBe(true)
      }),
    )
  })

  test('training data counted again is the reference', () => {
    const reference = numeric(training)
    const counter = new NumericCounter(reference)
    for (const value of training) counter.add(value)
    expect(counter.counts()).toMatchObject({
      bins: reference.counts,
      min: reference.min,
      max: reference.max,
      below: 0,
      above: 0,
      missing: 0,
    })
    const spread = spreadOf(reference, counter.counts())!
    expect(spread.mean).toBeCloseTo(reference.mean, 9)
    expect(spread.deviation).toBeCloseTo(reference.standardDeviation * Math.sqrt(999 / 1000), 8)
  })

  test('missing, infinite and wrong values are counted apart and never binned', () => {
    const counter = new NumericCounter(numeric(training))
    for (const value of awkward) counter.add(value)
    const counts = counter.counts()
    expect(counts).toMatchObject({ missing: 3, infinite: 2, wrongType: 6, min: null, max: null })
    expect([valuesOf(counts), offeredTo(counts)]).toEqual([0, awkward.length])
    counter.add(-0)
    expect(Object.is(counter.counts().min, 0)).toBe(true)
    expect(spreadOf(numeric(training), new NumericCounter(numeric(training)).counts())).toBeNull()
  })

  test('columns, single values and a merged earlier part give the same', () => {
    const reference = numeric(training)
    const rows = Float64Array.from({ length: 600 }, () => normal() * 1.5)
    const [byColumn, byValue, resumed] = [new NumericCounter(reference), new NumericCounter(reference), new NumericCounter(reference)]
    byColumn.addColumn(rows, 1, 3)
    const column = [...rows].filter((_, i) => i % 3 === 1)
    for (const value of column) byValue.add(value)
    const early = new NumericCounter(reference)
    for (const value of column.slice(0, 50)) early.add(value)
    for (const value of column.slice(50)) resumed.add(value)
    resumed.merge(parseFeatureCounts(JSON.parse(JSON.stringify(early.counts()))) as ReturnType<NumericCounter['counts']>)
    expect(byColumn.counts()).toEqual(byValue.counts())
    const { lag, ...whole } = byValue.counts()
    const { lag: parts, ...rest } = resumed.counts()
    expect(rest).toEqual(whole)
    // The pair across the restart is the only thing that is lost.
    expect(parts.pairs).toBe(lag.pairs - 1)
    expect(parts.squares).toBeCloseTo(lag.squares, 6)
  })

  test('outliers are outside the fences of the reference, also where the sampler asks', () => {
    const reference = numeric(training)
    const fences = fencesOfBins(reference)!
    const exact = fencesOfValues(training)!
    // 1 % bins: the quartiles are those of the values within one rank in a hundred.
    expect(Math.abs(fences.low - exact.low)).toBeLessThan(0.2)
    expect(Math.abs(fences.high - exact.high)).toBeLessThan(0.2)
    const counter = new NumericCounter(reference)
    const values = [0, fences.low, fences.high, fences.low - 1e-6, fences.high + 1e-6, 50, -50]
    for (const value of values) counter.add(value)
    expect(counter.counts().outliers).toBe(4)
    expect(values.map((value) => counter.isOutlier(value))).toEqual([false, false, false, true, true, true, true])
    expect([fencesOfValues([]), fencesOfValues([3, 3, 3, 3]), fencesOfBins({ edges: [], counts: [0], max: 1 })]).toEqual([null, null, null])
  })

  test('a new window begins empty, and its first value is still the neighbour of the last', () => {
    const counter = new NumericCounter(numeric(training))
    counter.add(1)
    counter.restart()
    expect(counter.counts()).toEqual(new NumericCounter(numeric(training)).counts())
    counter.add(2)
    expect(counter.counts().lag.pairs).toBe(1)
    counter.interrupt()
    counter.add(2)
    expect(counter.counts().lag).toMatchObject({ pairs: 1, count: 2 })
  })

  test('another reference is told by its key', () => {
    const reference = numeric(training)
    const keys = [reference, { ...reference, edges: reference.edges.slice(1) }, { ...reference, mean: 1 }, categoryReference].map(
      referenceKey,
    )
    expect(new Set(keys).size).toBe(4)
    expect(keys.every((key) => /^[0-9a-f]{16}$/.test(key))).toBe(true)
    expect(referenceKey({ ...reference, name: 'y' })).toBe(keys[0])
  })
})

describe('category counter', () => {
  test('named, other and unseen', () => {
    const open: CategoryReference = { ...categoryReference, other: 7 }
    const [closed, withOther] = [new CategoryCounter(categoryReference), new CategoryCounter(open)]
    for (const counter of [closed, withOther]) {
      for (const value of [2, '2', 0, -0, 1, 9, '__proto__', 'constructor', 2.0000001, true]) counter.add(value)
      counter.addColumn([5, 2, 5, 0], 1, 2)
    }
    expect(closed.counts().bins).toEqual([3, 3, 1, 0, 5])
    expect(withOther.counts().bins).toEqual([3, 3, 1, 5, 0])
  })

  test('missing, infinite and wrong values', () => {
    const counter = new CategoryCounter(categoryReference)
    for (const value of awkward) counter.add(value)
    // A text and a boolean may be categories; a bigint, an object and a symbol are not.
    expect(counter.counts()).toMatchObject({ missing: 3, infinite: 2, wrongType: 4, bins: [0, 0, 0, 0, 2] })
  })

  test('a constant reference says how many values differ from it', () => {
    const constant = featureBaseline(
      'c',
      Array.from({ length: 20 }, () => 4),
    )
    const counter = new CategoryCounter(constant as CategoryReference)
    for (const value of [4, 4, 4, 4, 4, 5, 6, 7, 8, 9]) counter.add(value)
    expect(shareOffConstant(constant, counter.counts())).toBe(0.5)
    expect(shareOffConstant(constant, new CategoryCounter(constant as CategoryReference).counts())).toBeNull()
    expect(shareOffConstant(categoryReference, new CategoryCounter(categoryReference).counts())).toBeNull()
  })
})

describe('bins to score on', () => {
  test('10 out of the stored 100 are those that the values give', () => {
    const columns = [oracleData.wine.X, oracleData.breast_cancer.X, oracleData.digits.X].flatMap((rows) =>
      rows[0]!.map((_, feature) => rows.map((row) => row[feature]!)),
    )
    const numericColumns = columns.filter((values) => featureBaseline('x', values).kind === 'numeric')
    const chosen = numericColumns.map((values) => coarseEdges(numeric(values)))
    expect(chosen).toEqual(
      numericColumns.map((values) =>
        quantileEdges(
          values.toSorted((a, b) => a - b),
          10,
        ),
      ),
    )
    expect(chosen.length).toBeGreaterThan(40)
  })

  test('a window carries both sides, and the counts of another reference are refused', () => {
    const reference = numeric(training)
    const [a, b] = [new NumericCounter(reference), new NumericCounter(reference)]
    for (let i = 0; i < 500; i += 1) {
      a.add(normal())
      b.add(normal() + 1)
    }
    const window = featureWindow(reference, a.counts())
    expect(window.current.length).toBe(10)
    expect(window.reference).toEqual(Array.from({ length: 10 }, () => 100))
    expect(window.effective).toBeGreaterThan(400)
    expect(windowAgainst(reference, a.counts(), b.counts())).toMatchObject({ reference: window.current })
    expect(() => featureWindow({ ...reference, edges: reference.edges.slice(1) }, a.counts())).toThrow('another reference')
    expect(() => featureWindow(categoryReference, a.counts())).toThrow('another reference')
    const merged = mergeFeatureCounts(a.counts(), b.counts())
    expect(featureWindow(reference, merged).current.reduce((sum, count) => sum + count, 0)).toBe(1000)
  })
})

describe('effective size', () => {
  const lagOf = (values: readonly number[], parts = 1) => {
    const size = Math.ceil(values.length / parts)
    const counters = Array.from({ length: parts }, (_, k) => {
      const counter = new LagCounter(0, 1)
      for (const value of values.slice(k * size, (k + 1) * size)) counter.add(value)
      return counter.sums()
    })
    return counters.reduce((sum, part) => (addLagSums(sum, part), sum))
  }

  test.each([0, 0.5, 0.9, 0.99])('lag-1 autocorrelation of an AR(1) process with phi %s, whole and in parts', (phi) => {
    const next = normals(seeded(11))
    let x = 0
    const stream = Array.from({ length: 40_000 }, () => (x = phi * x + Math.sqrt(1 - phi * phi) * next()))
    const whole = lagOneCorrelation(lagOf(stream))!
    expect(Math.abs(whole - phi)).toBeLessThan(0.02)
    expect(lagOneCorrelation(lagOf(stream, 8))!).toBeCloseTo(whole, 3)
  })

  test('the autocorrelation of a few values, by hand', () => {
    // Mean 4, distances -3, -2, 0, 5: pairs 6, 0, 0 and squares 9, 4, 0, 25.
    expect(lagOneCorrelation(lagOf([1, 2, 4, 9]))!).toBeCloseTo(6 / 3 / (38 / 4), 9)
    expect(lagOneCorrelation(lagOf([9, 1, 9, 1, 9, 1]))).toBe(-1)
  })

  test('the pair across two windows belongs to the second, a gap has none', () => {
    const counter = new LagCounter(0, 1)
    for (const value of [1, 2]) counter.add(value)
    expect(counter.sums()).toEqual({ count: 2, sum: 3, squares: 5, pairs: 1, heads: 2, tails: 1, products: 2 })
    counter.restart()
    for (const value of [3, 4]) counter.add(value)
    expect(counter.sums()).toEqual({ count: 2, sum: 7, squares: 25, pairs: 2, heads: 7, tails: 5, products: 18 })
    counter.interrupt()
    for (const value of [5, 6]) counter.add(value)
    expect(counter.sums()).toEqual({ count: 4, sum: 18, squares: 86, pairs: 3, heads: 13, tails: 10, products: 48 })
    counter.interrupt()
    counter.restart()
    expect(counter.sums()).toEqual(new LagCounter(0, 1).sums())
  })

  test('what it is worth', () => {
    expect([effectiveSize(500, 0.9), effectiveSize(500, 0), effectiveSize(500, -0.5), effectiveSize(500, null)].map(Math.round)).toEqual([
      26, 500, 500, 500,
    ])
    expect([effectiveSize(0, 0.5), effectiveSize(10, 1), effectiveSize(1, 0.5)]).toEqual([0, 1, 1])
  })

  test('undefined without a pair or without variance', () => {
    expect([lagOf([]), lagOf([1]), lagOf([3, 3, 3, 3])].map(lagOneCorrelation)).toEqual([null, null, null])
    expect([repeatCorrelation({ pairs: 0, same: 0 }, [1, 0]), repeatCorrelation({ pairs: 5, same: 5 }, [6, 0])]).toEqual([null, null])
  })

  test('categories that stay for a while', () => {
    const random = seeded(3)
    const counter = new CategoryCounter(categoryReference)
    let now = 2
    for (let i = 0; i < 20_000; i += 1) {
      if (random() > 0.8) now = Math.floor(random() * 3)
      counter.add(now)
    }
    const { bins, pairs, same } = counter.counts()
    expect(repeatCorrelation({ pairs, same }, bins)!).toBeCloseTo(0.8, 1)
  })
})
