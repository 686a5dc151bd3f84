import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { exponentialAccuracy, exponentialBase, exponentialIndex } from '../../../../shared/stats/sketch/exponential-histogram.ts'
import { distinctEstimate, mergeRegisters } from '../../../../shared/stats/sketch/hyper-log-log.ts'
import { MisraGries } from '../../../../shared/stats/sketch/misra-gries.ts'
import { addMoment, emptyMoments, mergeMoments, summariseMoments, type Moments } from '../../../../shared/stats/sketch/moments.ts'
import { ValueSketch } from '../../../../shared/stats/sketch/value-sketch.ts'
import { wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import { fencesOfValues } from '../../../../shared/stats/quality/tukey-fences.ts'
import { interpolatedQuantile } from '../../../../shared/stats/drift/sorted.ts'
import { featureBaseline } from '../../../../shared/stats/reference-bins.ts'
import { NumericCounter, type NumericReference } from '../../../../shared/stats/reference/numeric-counter.ts'
import type { Json } from './oracle.ts'
import type { OracleFunction } from './oracle-functions.ts'

type Numbers = number[]

function momentsOf(values: readonly number[]): Moments {
  const moments = emptyMoments()
  for (const value of values) addMoment(moments, value)
  return moments
}

function summaryOf(moments: Moments): Record<string, unknown> {
  const { variance, skewness, excessKurtosis } = summariseMoments(moments)
  return { ...moments, var_ddof1: variance, skew: skewness, excess_kurtosis: excessKurtosis }
}

function summaryOfGries(names: readonly string[]): MisraGries {
  const summary = new MisraGries(3)
  for (const name of names) summary.add(name)
  return summary
}

const itemsOf = (summary: MisraGries): Record<string, number> => Object.fromEntries(summary.state().items)
const numbered = (value: Json): unknown => (value === 'NaN' ? Number.NaN : value === 'Infinity' ? Number.POSITIVE_INFINITY : value)

/** Sketches, moments and data quality. */
export const sketchFns: Record<string, OracleFunction> = {
  ddsketch_index: ({ input, params }) => {
    const accuracy = params['relative_accuracy'] as number
    const values = input['values'] as Numbers
    const sketchOf = (value: number): LatencySketch => {
      const sketch = LatencySketch.empty(accuracy)
      // Between a smaller and a larger value the representative itself shows.
      for (const one of [1e-9, value, 1e9]) sketch.add(one)
      return sketch
    }
    return {
      gamma: (1 + accuracy) / (1 - accuracy),
      index: values.map((value) => sketchOf(value).state().bins[1]![0]),
      representative: values.map((value) => sketchOf(value).quantile(0.5)),
    }
  },
  exponential_histogram_index: ({ input, params }) => {
    const scale = params['scale'] as number
    return {
      base: exponentialBase(scale),
      relative_accuracy: exponentialAccuracy(scale),
      index: (input['values'] as Numbers).map((value) => exponentialIndex(value, scale)),
    }
  },
  ddsketch_accept: ({ input }) => {
    const sketch = ValueSketch.empty()
    for (const value of input['values'] as Json[]) sketch.add(numbered(value) as number)
    const { positive } = sketch.state()
    return {
      count_finite: sketch.count,
      zero_count: positive.zero,
      negative_count: sketch.negativeCount,
      positive_count: positive.count - positive.zero,
      rejected: sketch.rejected,
    }
  },
  ddsketch_merge: ({ input, params, expected }) => {
    const of = (values: Numbers): LatencySketch => {
      const sketch = LatencySketch.empty(params['relative_accuracy'] as number)
      for (const value of values) sketch.add(value)
      return sketch
    }
    const sketch = of(input['a'] as Numbers)
    sketch.merge(of(input['b'] as Numbers))
    const { count, bins } = sketch.state()
    const [low, high] = expected['q1_within'] as [number, number]
    const largest = sketch.quantile(1)!
    return {
      count,
      bin_sum: bins.reduce((sum, [, weight]) => sum + weight, 0),
      bins: Object.fromEntries(bins),
      q1_within: largest >= low && largest <= high ? [low, high] : largest,
    }
  },
  moments_merge: ({ input }) => {
    const values = input['values'] as Numbers
    const parts = Array.from({ length: 7 }, (_, k) => momentsOf(values.filter((_value, i) => i % 7 === k)))
    return summaryOf(parts.reduce(mergeMoments))
  },
  moments: ({ input }) => summaryOf(momentsOf(input['values'] as Numbers)),
  misra_gries: ({ input }) => {
    const stream = input['stream'] as string[]
    const split = input['split'] as number
    const [a, b] = [summaryOfGries(stream.slice(0, split)), summaryOfGries(stream.slice(split))]
    const parts = { a: itemsOf(a), b: itemsOf(b) }
    a.merge(b)
    return { ...parts, merged: itemsOf(a), bound: a.bound }
  },
  hll_estimate: ({ input }) => {
    const registers = input['registers'] as Numbers
    return { ...distinctEstimate(registers), merged: Array.from(mergeRegisters(registers, input['registers_b'] as Numbers)) }
  },
  rates: ({ input, params }) => {
    const reference = input['reference'] as Numbers
    const sorted = reference.toSorted((x, y) => x - y)
    const fences = fencesOfValues(reference, params['iqr_factor'] as number)!
    const values = (input['values'] as Json[]).map(numbered)
    // The reference of the case is too small to be numeric for us, so its bins are made as of a large one.
    const large = Array.from({ length: 4 }, (_, k) => reference.map((value) => value + k * 1e-9)).flat()
    const made = featureBaseline('case', large) as NumericReference
    const counter = new NumericCounter({ ...made, min: sorted[0]!, max: sorted.at(-1)! })
    for (const value of values) counter.add(value)
    const { missing, below, above } = counter.counts()
    const interval = wilsonInterval(missing, values.length)!
    return {
      n: values.length,
      missing,
      missing_rate: missing / values.length,
      missing_wilson95: [interval.low, interval.high],
      q1: interpolatedQuantile(sorted, 0.25),
      q3: interpolatedQuantile(sorted, 0.75),
      fence_lo: fences.low,
      fence_hi: fences.high,
      outliers: values.filter((value) => typeof value === 'number' && (value < fences.low || value > fences.high)).length,
      range_violations: below + above,
    }
  },
}
