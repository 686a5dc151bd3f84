import { describe, expect, test } from 'vitest'
import { LEVELS } from '../../../../../../electron/core/store/telemetry/levels.ts'
import type { Cut, Slice } from '../../../../../../electron/core/store/telemetry/slice.ts'
import { featureBaseline } from '../../../../../../shared/stats/reference-bins.ts'
import { valuesOf, type FeatureCounts } from '../../../../../../shared/stats/reference/feature-counts.ts'
import type { MonitoredReferences } from '../../../../../../shared/stats/reference/monitored.ts'
import { NumericCounter, type NumericReference } from '../../../../../../shared/stats/reference/numeric-counter.ts'
import { packFeature } from '../../../../../../shared/stats/reference/packed.ts'
import { sliceDesk } from '../../../../../harness/slice-desk.ts'

const [FIVE, HOUR, DAY] = LEVELS
const DIGEST = 'a'.repeat(64)
const reference = featureBaseline(
  'alcohol',
  Array.from({ length: 1000 }, (_, i) => i / 10),
) as NumericReference
const other = featureBaseline(
  'alcohol',
  Array.from({ length: 1000 }, (_, i) => i),
) as NumericReference
const references: MonitoredReferences = { features: [reference], outcome: null, confidence: null }

function counted(values: readonly number[], of = reference): FeatureCounts {
  const counter = new NumericCounter(of)
  for (const value of values) counter.add(value)
  return counter.counts()
}

const record = (startedAt: number, values: readonly number[], more: object = {}) => ({
  kind: 'distribution' as const,
  body: { startedAt, endedAt: startedAt + FIVE, rows: values.length, features: [packFeature('alcohol', counted(values))], ...more },
})

const all: Slice = { devices: null, digests: [DIGEST], from: 0, through: 3 * DAY }
const whole: Cut = { bucketMs: null, by: 'all' }

describe('distributions of any slice', () => {
  test('are those of all rows, from records and from sums of every level', () => {
    const desk = sliceDesk()
    // Every value of a device at its own time, so that any slice is known.
    const rows: { device: string; at: number; value: number }[] = []
    for (let i = 0; i < 60; i += 1) {
      const row = { device: `cam-${i % 3}`, at: (i * 7_919_000) % (3 * DAY), value: (i * 37) % 100 }
      rows.push(row)
      desk.take(row.device, [record(row.at, [row.value])])
      if (i % 7 === 0) desk.fold(i % 2)
    }
    const check = (): void => {
      for (const [devices, from, through, bucketMs, by] of [
        [null, 0, 3 * DAY, null, 'all'],
        [null, FIVE + 5, 2 * DAY + HOUR + 1, null, 'all'],
        [['cam-1'], 10, 2 * DAY - 10, null, 'device'],
        [['cam-0', 'cam-2'], 0, 3 * DAY, HOUR, 'all'],
        [null, 0, 3 * DAY, DAY, 'device'],
        [null, HOUR, DAY, FIVE, 'version'],
      ] as const) {
        const slice = { devices, digests: [DIGEST], from, through }
        const groups = Map.groupBy(
          rows.filter((row) => row.at >= from && row.at < through && (devices as readonly string[] | null)?.includes(row.device) !== false),
          (row) => `${bucketMs === null ? from : Math.floor(row.at / bucketMs) * bucketMs} ${by === 'device' ? row.device : ''}`,
        )
        const found = desk.slices.distributions(slice, { bucketMs, by }, references).map(({ key, state }) => {
          const { bins, min, max, lag } = state.features.get('alcohol') as Extract<FeatureCounts, { kind: 'numeric' }>
          return [`${key.bucket} ${key.device ?? ''}`, { rows: state.rows, bins, min, max, count: lag.count }] as const
        })
        const expected = [...groups].map(([name, group]) => {
          const values = group.map(({ value }) => value)
          const { bins } = counted(values)
          return [name, { rows: group.length, bins, min: Math.min(...values), max: Math.max(...values), count: group.length }] as const
        })
        expect(new Map(found)).toEqual(new Map(expected))
      }
    }
    check()
    desk.fold()
    check()
    expect(desk.db.prepare('SELECT DISTINCT level, device > 0 FROM rollup_distribution ORDER BY 1, 2').raw().all()).toEqual([
      [FIVE, 0],
      [HOUR, 0],
      [HOUR, 1],
      [DAY, 0],
      [DAY, 1],
    ])
  })

  test('of a made-up reference stay apart and never push out the true ones', () => {
    const desk = sliceDesk()
    const made = (of: NumericReference) => ({ features: [packFeature('alcohol', counted([1, 2], of))] })
    desk.take('liar', [record(0, [1, 2], made(other)), record(0, [1, 2], { features: [packFeature('unheard-of', counted([1, 2]))] })])
    desk.take('cam-1', [record(0, [1, 2])])
    const ask = () =>
      desk.slices
        .distributions(all, whole, references)
        .map(({ state }) => [...state.features].map(([name, counts]) => [name, valuesOf(counts)]))
    expect(ask()).toEqual([[['alcohol', 2]]])
    desk.fold()
    desk.take('cam-2', [record(10, [3])])
    desk.fold()
    expect(ask()).toEqual([[['alcohol', 3]]])
  })

  test('estimates add, and outcomes count against their reference', () => {
    const desk = sliceDesk()
    const outcome = { ...references, outcome: reference, confidence: reference }
    const estimate = { rows: 2, tp: 1, fp: 0.5, fn: 0.25, tn: 0.25, variance: 0.2 }
    const counts = packFeature('outcome', counted([1, 2]))
    for (const at of [0, HOUR]) desk.take('cam-1', [record(at, [1, 2], { estimate, outcome: counts, confidence: counts })])
    desk.fold()
    const [found] = desk.slices.distributions(all, whole, outcome)
    expect([found!.state.estimate, valuesOf(found!.state.outcome!), valuesOf(found!.state.confidence!)]).toEqual([
      { rows: 4, tp: 2, fp: 1, fn: 0.5, tn: 0.5, variance: 0.4 },
      4,
      4,
    ])
  })

  test('are of one bundle', () => {
    const desk = sliceDesk()
    expect(() => desk.slices.distributions({ ...all, digests: [DIGEST, 'b'.repeat(64)] }, whole, references)).toThrow('one bundle')
    expect(desk.slices.distributions(all, whole, references)).toEqual([])
  })
})

describe('a distribution that cannot be true is kept aside', () => {
  const counts = packFeature('alcohol', counted([1, 2]))
  test.each<[string, object]>([
    ['more values than anybody has', { features: [{ ...counts, tallies: [1e13, 0, 0, 0, 0, 0] }] }],
    ['a feature twice', { features: [counts, counts] }],
    ['counts that are no text of counts', { features: [{ ...counts, bins: '!' }] }],
    ['counts that contradict themselves', { features: [{ ...counts, tallies: [0, 0, 0, 9, 0, 0] }] }],
    ['tallies of another kind', { features: [{ ...counts, tallies: [0] }] }],
    ['sums that are too large', { features: [{ ...counts, lag: [2, 1e300, 1, 0, 0, 0, 0] }] }],
    ['rows that nobody predicts', { rows: 1e13 }],
    ['an impossible estimate', { estimate: { rows: 1, tp: 1e300, fp: 0, fn: 0, tn: 0, variance: 0 } }],
  ])('%s', (_, body) => {
    const desk = sliceDesk()
    expect(desk.take('cam-1', [record(0, [1, 2], body)])).toMatchObject({ records: 0, quarantined: 1 })
    expect(desk.take('cam-1', [record(0, [1, 2])])).toMatchObject({ records: 1, quarantined: 0 })
  })
})
