import { describe, expect, test } from 'vitest'
import { freshState, readState, textOfState } from '../../../../agent/detect/detector-state.ts'
import { watchDistribution } from '../../../../agent/detect/distribution-detectors.ts'
import type { FeatureBaseline } from '../../../../shared/stats/reference-bins.ts'
import { featureBaseline, textBaseline } from '../../../../shared/stats/reference-bins.ts'
import { CategoryCounter } from '../../../../shared/stats/reference/category-counter.ts'
import { emptyDistribution, type Distribution } from '../../../../shared/stats/reference/distribution.ts'
import type { FeatureCounts } from '../../../../shared/stats/reference/feature-counts.ts'
import type { MonitoredReferences } from '../../../../shared/stats/reference/monitored.ts'
import { NumericCounter } from '../../../../shared/stats/reference/numeric-counter.ts'

/** mulberry32, seeded. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(random() || 0.5)) * Math.cos(2 * Math.PI * random())

type Window = (number: number) => Partial<Distribution>

/** Where windows raised which detectors; the state is kept and read again after each. */
function raised(references: Partial<MonitoredReferences>, windows: number, window: Window): string[] {
  let state = freshState()
  const all = { features: [], outcome: null, confidence: null, ...references }
  return Array.from({ length: windows }, (_, i) => i).flatMap((i) => {
    const watched = { counted: { ...emptyDistribution(), ...window(i) }, endedAt: i }
    const alarms = watchDistribution(state, watched, { references: all, between: 100_000 })
    state = readState(textOfState(state))!
    return alarms.map(({ detector, feature }) => `${detector} ${String(feature)}`)
  })
}

const counts = (feature: FeatureBaseline, values: readonly unknown[]): FeatureCounts => {
  const counter = feature.kind === 'numeric' ? new NumericCounter(feature) : new CategoryCounter(feature)
  for (const value of values) counter.add(value)
  return counter.counts()
}
const of = (feature: FeatureBaseline, values: readonly unknown[]): Partial<Distribution> => ({
  rows: values.length,
  features: new Map([[feature.name, counts(feature, values)]]),
})

describe('values', () => {
  test('of a slow sensor that wanders out of its range by nature raise nothing, though neighbours go together', () => {
    const random = seeded(4)
    const rows = Float64Array.from({ length: 1000 }, () => normal(random))
    const sensor = featureBaseline('temperature', rows)
    let value = 0
    // AR(1) of the same spread: it stays outside for long when it is there.
    const step = (): number => (value = 0.99 * value + Math.sqrt(1 - 0.99 ** 2) * normal(random))
    expect(raised({ features: [sensor] }, 1500, () => of(sensor, Array.from({ length: 60 }, step)))).toEqual([])
  })

  test('that training never had are told, once', () => {
    const colour = textBaseline(
      'colour',
      new Map([
        ['red', 600],
        ['green', 400],
      ]),
      { missing: 0, other: 0 },
    )
    const random = seeded(9)
    const drawn = (strange: number) => Array.from({ length: 50 }, () => (random() < strange ? 'violet' : random() < 0.6 ? 'red' : 'green'))
    expect(raised({ features: [colour] }, 400, () => of(colour, drawn(0.002)))).toEqual([])
    expect(raised({ features: [colour] }, 200, (i) => of(colour, drawn(i < 100 ? 0 : 0.1)))).toEqual(['unseen colour'])
  })

  test('of which a fair share was missing in training may go on missing', () => {
    const half = featureBaseline(
      'humidity',
      Float64Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? Number.NaN : i)),
    )
    const random = seeded(2)
    const drawn = (missing: number) => Array.from({ length: 50 }, () => (random() < missing ? null : Math.floor(random() * 1000)))
    expect(raised({ features: [half] }, 600, () => of(half, drawn(0.1)))).toEqual([])
    expect(raised({ features: [half] }, 200, (i) => of(half, drawn(i < 100 ? 0.1 : 0.4)))).toEqual(['missing humidity'])
  })
})

describe('confidence', () => {
  const random = seeded(21)
  const sure = featureBaseline(
    'confidence',
    Float64Array.from({ length: 1000 }, () => 1 - random() ** 2 / 2),
  )
  const drawn = (isUnsure: boolean): Partial<Distribution> => {
    const values = Array.from({ length: 50 }, () => (isUnsure && random() < 0.3 ? 0.5 + 0.1 * random() : 1 - random() ** 2 / 2))
    return { rows: 50, confidence: counts(sure, values) }
  }

  test('is learned from the device, and its fall is told once', () => {
    expect(raised({ confidence: sure }, 600, () => drawn(false))).toEqual([])
    expect(raised({ confidence: sure }, 300, (i) => drawn(i >= 100))).toEqual(['confidence null'])
  })

  test('has a low end also where the reference has bins and no rows', () => {
    const edges = Array.from({ length: 19 }, (_, i) => (i + 1) / 20)
    const spread = { min: 0, max: 1, mean: 0.5, standardDeviation: 0.29 }
    const bare: FeatureBaseline = {
      ...{ kind: 'numeric', name: 'confidence', edges, counts: edges.map(() => 0).concat(0), missing: 0, infinite: 0 },
      ...spread,
    }
    const window = (isUnsure: boolean): Partial<Distribution> => ({
      rows: 50,
      confidence: counts(
        bare,
        Array.from({ length: 50 }, () => (isUnsure && random() < 0.3 ? 0.55 : 0.8 + 0.2 * random())),
      ),
    })
    expect(raised({ confidence: bare }, 300, (i) => window(i >= 150))).toEqual(['confidence null'])
  })
})
