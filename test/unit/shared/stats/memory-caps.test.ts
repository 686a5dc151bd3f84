import { describe, expect, test } from 'vitest'
import { LatencySketch, MAX_SKETCH_BINS } from '../../../../shared/stats/latency-sketch.ts'
import { Adwin } from '../../../../shared/stats/sequential/adwin.ts'
import { CategoryCounter } from '../../../../shared/stats/reference/category-counter.ts'
import { MOST_BINS, valuesOf } from '../../../../shared/stats/reference/feature-counts.ts'
import { NumericCounter } from '../../../../shared/stats/reference/numeric-counter.ts'
import { DistinctCount } from '../../../../shared/stats/sketch/hyper-log-log.ts'
import { MisraGries } from '../../../../shared/stats/sketch/misra-gries.ts'
import { addMoment, emptyMoments, summariseMoments } from '../../../../shared/stats/sketch/moments.ts'
import { SpaceSaving } from '../../../../shared/stats/sketch/space-saving.ts'
import { ValueSketch } from '../../../../shared/stats/sketch/value-sketch.ts'
import { seeded } from './oracle.ts'
import { categoryReference, numericReference } from './states.ts'

const VALUES = 10_000_000
const CATEGORIES = 1_000_000
const bytesOf = (state: unknown): number => JSON.stringify(state).length

/** Log-uniform from 1e-300 to 1e300 with either sign, denormals, zeros, neighbours of 1. A table: making them must not cost more than counting them. */
function wideValues(): Float64Array {
  const random = seeded(99)
  return Float64Array.from({ length: 1 << 16 }, (_, i) => {
    if (i % 64 === 0) return i % 128 === 0 ? 0 : -0
    if (i % 64 === 1) return Number.MIN_VALUE * Math.ceil(random() * 1e6)
    if (i % 64 === 2) return 0.98 + random() * 0.02
    return (random() < 0.3 ? -1 : 1) * 10 ** (random() * 600 - 300)
  })
}

describe(`${VALUES.toLocaleString('en')} values over 600 orders of magnitude`, () => {
  const wide = wideValues()
  const feed = (add: (value: number) => unknown): void => {
    for (let i = 0; i < VALUES; i += 1) add(wide[i & 0xffff]!)
  }

  test('a sketch stays under its bins, on both sides', () => {
    const sketch = ValueSketch.empty()
    feed((value) => sketch.add(value))
    const { positive, negative } = sketch.state()
    expect([sketch.count, sketch.rejected]).toEqual([VALUES, 0])
    for (const side of [positive, negative]) expect(side.bins.length).toBeLessThanOrEqual(MAX_SKETCH_BINS)
    expect(bytesOf(sketch.state())).toBeLessThan(40_000)
    expect([0, 0.01, 0.5, 0.99, 1].every((q) => Number.isFinite(sketch.quantile(q)))).toBe(true)
  })

  test('counters stay as large as their reference', () => {
    const [counter, categories] = [new NumericCounter(numericReference), new CategoryCounter(categoryReference)]
    feed((value) => {
      counter.addNumber(value)
      categories.addNumber(value)
    })
    for (const counts of [counter.counts(), categories.counts()]) {
      expect(valuesOf(counts)).toBe(VALUES)
      expect(counts.bins.length).toBeLessThanOrEqual(MOST_BINS)
      expect(bytesOf(counts)).toBeLessThan(2000)
    }
  })

  test('moments, ADWIN and latency sketch stay small and say nothing that is no number', () => {
    const [moments, window, latency] = [emptyMoments(), new Adwin(), LatencySketch.empty()]
    for (let i = 0; i < VALUES / 10; i += 1) {
      addMoment(moments, wide[i & 0xffff]!)
      latency.add(wide[i & 0xffff]!)
      window.add(Math.sign(wide[i & 0xffff]!))
    }
    expect(Object.values(summariseMoments(moments)).every((value) => value === null || Number.isFinite(value))).toBe(true)
    expect(latency.state().bins.length).toBeLessThanOrEqual(MAX_SKETCH_BINS)
    expect(bytesOf(window.state())).toBeLessThan(8000)
  })
})

test(`${CATEGORIES.toLocaleString('en')} categories leave every sketch at its size`, () => {
  const [frequent, summary, distinct] = [new SpaceSaving(), new MisraGries(64), new DistinctCount()]
  const counter = new CategoryCounter(categoryReference)
  for (let i = 0; i < CATEGORIES; i += 1) {
    const name = i % 10 === 0 ? 'often' : `category ${i}`
    frequent.add(name)
    summary.add(name)
    distinct.add(name)
    counter.add(name)
  }
  expect([frequent.items().length, summary.state().items.length, distinct.state().registers.length]).toEqual([64, expect.any(Number), 1024])
  expect(summary.state().items.length).toBeLessThanOrEqual(64)
  expect(counter.counts().bins).toEqual([0, 0, 0, 0, CATEGORIES])
  expect(frequent.items()[0]!.name).toBe('often')
  expect(summary.estimate('often')).toBeGreaterThan(0)
  expect(Math.abs(distinct.estimate() / (CATEGORIES * 0.9) - 1)).toBeLessThan(0.13)
  expect(bytesOf(frequent.state())).toBeLessThan(4000)
})
