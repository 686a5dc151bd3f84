import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { baseline } from '../../../../shared/domain/bundle.ts'
import { binOf, coarsenCounts, featureBaseline, quantileEdges } from '../../../../shared/stats/reference-bins.ts'
import { oracle, oracleData } from './oracle.ts'

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
const countsOf = (edges: readonly number[], values: readonly number[]): number[] => {
  const counts = Array.from({ length: edges.length + 1 }, () => 0)
  for (const value of values) counts[binOf(edges, value)]! += 1
  return counts
}

describe('oracle', () => {
  test('edges and counts', () => {
    const { input, expected } = oracle<
      { reference: number[]; current: number[] },
      { edges: number[]; ref_counts: number[]; cur_counts: number[] }
    >('binning_quantile_edges')
    const edges = quantileEdges(ascending(input.reference), 10)
    expect(edges).toEqual(expected.edges)
    expect(countsOf(edges, input.reference)).toEqual(expected.ref_counts)
    expect(countsOf(edges, input.current)).toEqual(expected.cur_counts)
  })

  test('100 bins add up to 10', () => {
    type Input = { edges_100: number[]; edges_10?: number[]; ref_counts_100?: number[]; cur_counts_100?: number[] }
    const { input, expected } = oracle<Input, { ref_counts_10: number[]; cur_counts_10: number[] }>('binning_coarsen_100_to_10')
    const source = oracle<{ reference: number[]; current: number[] }, unknown>('binning_quantile_edges').input
    const fine = quantileEdges(ascending(source.reference), 100)
    expect(fine).toEqual(input.edges_100)
    const coarse = quantileEdges(ascending(source.reference), 10)
    expect(coarse.every((edge) => fine.includes(edge))).toBe(true)
    expect(coarsenCounts({ edges: fine, counts: countsOf(fine, source.reference) }, coarse)).toEqual(expected.ref_counts_10)
    expect(coarsenCounts({ edges: fine, counts: countsOf(fine, source.current) }, coarse)).toEqual(expected.cur_counts_10)
  })

  test('a constant reference has one bin', () => {
    const { input, expected } = oracle<{ reference: number[] }, { edges: number[] }>('binning_constant')
    expect(quantileEdges(input.reference, 10)).toEqual(expected.edges)
  })

  test.each([
    ['iris_even_odd', oracleData.iris.X, (i: number) => i % 2 === 0],
    ['iris_first_second_half', oracleData.iris.X, (i: number, n: number) => i < Math.floor(n / 2)],
    ['wine_even_odd', oracleData.wine.X, (i: number) => i % 2 === 0],
  ] as const)('%s', (id, rows, inReference) => {
    const { expected } = oracle<unknown, { features: { bins: number; ref_counts: number[]; cur_counts: number[] }[] }>(id)
    for (const [feature, want] of expected.features.entries()) {
      const reference = rows.filter((_, i) => inReference(i, rows.length)).map((row) => row[feature]!)
      const current = rows.filter((_, i) => !inReference(i, rows.length)).map((row) => row[feature]!)
      const edges = quantileEdges(ascending(reference), 10)
      expect(want).toMatchObject({ bins: edges.length + 1, ref_counts: countsOf(edges, reference), cur_counts: countsOf(edges, current) })
    }
  })
})

describe('baseline of a feature', () => {
  test('missing and infinite values fall into no bin', () => {
    const values = [...Array.from({ length: 30 }, (_, i) => i), Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    expect(featureBaseline('x', values)).toEqual({
      kind: 'numeric',
      name: 'x',
      edges: Array.from({ length: 29 }, (_, i) => i),
      counts: Array.from({ length: 30 }, () => 1),
      missing: 1,
      infinite: 2,
      min: 0,
      max: 29,
      mean: 14.5,
      standardDeviation: Math.sqrt(77.5),
    })
  })

  test('few distinct values are categories, most frequent first; -0 is 0', () => {
    expect(featureBaseline('c', [2, 0, 2, -0, 1, 2, Number.NaN])).toEqual({ kind: 'categorical', name: 'c', categories: [['2', 3], ['0', 2], ['1', 1]], other: 0, missing: 1 }) // prettier-ignore
    expect(
      featureBaseline(
        'c',
        Array.from({ length: 20 }, (_, i) => i),
      ).kind,
    ).toBe('categorical')
    expect(
      featureBaseline(
        'c',
        Array.from({ length: 21 }, (_, i) => i),
      ).kind,
    ).toBe('numeric')
  })

  test('nothing but missing or infinite values', () => {
    expect(featureBaseline('m', [Number.NaN, Number.NaN])).toEqual({ kind: 'categorical', name: 'm', categories: [], other: 0, missing: 2 })
    expect(featureBaseline('i', [Number.POSITIVE_INFINITY])).toEqual({
      kind: 'categorical',
      name: 'i',
      categories: [],
      other: 1,
      missing: 0,
    })
  })

  test('every value is counted once and the schema takes the result', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 400 }), (values) => {
        const made = featureBaseline('any', values)
        const counted =
          made.kind === 'numeric'
            ? [...made.counts, made.missing, made.infinite]
            : [...made.categories.map(([, count]) => count), made.other, made.missing]
        expect(counted.reduce((sum, count) => sum + count, 0)).toBe(values.length)
        if (made.kind === 'numeric') expect(made.edges).toEqual(ascending([...new Set(made.edges)]))
        expect(baseline.safeParse({ v: 1, rows: values.length, features: [made] }).error).toBeUndefined()
      }),
    )
  })
})
