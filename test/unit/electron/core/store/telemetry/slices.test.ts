import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LEVELS } from '../../../../../../electron/core/store/telemetry/levels.ts'
import type { Cut, Slice } from '../../../../../../electron/core/store/telemetry/slice.ts'
import { LatencySketch } from '../../../../../../shared/stats/latency-sketch.ts'
import { addLabelled, confusionOf, emptyQuality, type QualityState } from '../../../../../../shared/stats/quality/quality-state.ts'
import { sliceDesk } from '../../../../../harness/slice-desk.ts'

const [FIVE, HOUR, DAY] = LEVELS
const DIGESTS = ['a'.repeat(64), 'b'.repeat(64)]
const DEVICES = ['cam-1', 'cam-2', 'cam-3']

/** Times in three days, very often next to the borders of buckets. */
const time = fc.oneof(
  fc.nat(3 * DAY),
  fc
    .tuple(fc.constantFrom(FIVE, HOUR, DAY), fc.nat(40), fc.constantFrom(-1, 0, 1))
    .map(([level, n, off]) => Math.max(0, (level * n + off) % (3 * DAY))),
)
const window = fc.record({
  device: fc.constantFrom(...DEVICES),
  digest: fc.constantFrom(...DIGESTS),
  startedAt: time,
  requests: fc.nat(50),
  errors: fc.dictionary(fc.constantFrom('a', 'constructor', 'c'), fc.integer({ min: 1, max: 5 })),
  cpuMs: fc.double({ min: 0, max: 100, noNaN: true }),
  values: fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 5 }),
})
type Window = typeof window extends fc.Arbitrary<infer T> ? T : never

const slice = fc.record({
  devices: fc.option(fc.subarray([...DEVICES, 'nobody'])),
  digests: fc.option(fc.subarray(DIGESTS), { nil: undefined }),
  from: time,
  length: fc.oneof(time, fc.constantFrom(FIVE, HOUR, DAY, 3 * DAY)),
})
const cut: fc.Arbitrary<Cut> = fc.record({
  bucketMs: fc.constantFrom(null, 1000, FIVE, 3 * FIVE, HOUR, 6 * HOUR, DAY),
  by: fc.constantFrom('all' as const, 'version' as const, 'device' as const),
})

function sketchOf(values: readonly number[]): LatencySketch {
  const sketch = LatencySketch.empty()
  for (const value of values) sketch.add(value)
  return sketch
}

const bodyOf = ({ digest, startedAt, requests, errors, cpuMs, values }: Window) => ({
  ...{ digest, startedAt, endedAt: startedAt + 1000, requests, rows: requests, errors, cpuMs, coveredMs: 1000 },
  latencyMs: sketchOf(values).state(),
})

function isWithin({ devices, digests, from, through }: Slice, one: { device: string; digest: string }, at: number): boolean {
  return at >= from && at < through && (devices === null || devices.includes(one.device)) && digests?.includes(one.digest) !== false
}

function keyOf({ bucketMs, by }: Cut, { from, digests }: Slice, one: { device: string; digest: string }, at: number): string {
  const bucket = bucketMs === null ? from : Math.floor(at / bucketMs) * bucketMs
  const digest = by === 'version' ? one.digest : digests?.length === 1 ? digests[0]! : null
  return JSON.stringify([bucket, by === 'device' ? one.device : null, digest])
}

/** The answer from the windows themselves. */
function plainly(windows: readonly Window[], of: Slice, how: Cut): Map<string, object> {
  const groups = Map.groupBy(
    windows.filter((one) => isWithin(of, one, one.startedAt)),
    (one) => keyOf(how, of, one, one.startedAt),
  )
  return new Map(
    [...groups].map(([key, group]) => {
      const { sum: _, ...latency } = sketchOf(group.flatMap(({ values }) => values)).state()
      const causes: Record<string, number> = {}
      for (const { errors } of group)
        for (const [cause, count] of Object.entries(errors)) causes[cause] = (Object.hasOwn(causes, cause) ? causes[cause]! : 0) + count
      const total = (read: (one: Window) => number): number => group.reduce((sum, one) => sum + read(one), 0)
      return [
        key,
        {
          ...{ windows: group.length, requests: total((one) => one.requests), causes, latency },
          cpuMs: total((one) => one.cpuMs).toFixed(6),
          firstAt: Math.min(...group.map(({ startedAt }) => startedAt)),
        },
      ]
    }),
  )
}

describe('traffic of any slice', () => {
  test('is that of its windows, whatever sums hold, at every level', () => {
    const script = fc.array(fc.tuple(fc.array(window, { minLength: 1, maxLength: 6 }), fc.nat(2)), { maxLength: 6 })
    fc.assert(
      fc.property(script, fc.array(fc.tuple(slice, cut), { minLength: 6, maxLength: 6 }), (batches, questions) => {
        const desk = sliceDesk()
        for (const [windows, steps] of batches) {
          for (const one of windows) desk.take(one.device, [{ kind: 'window', body: bodyOf(one) }])
          desk.fold(steps === 2 ? undefined : steps)
        }
        const windows = batches.flatMap(([some]) => some)
        for (const [{ length, ...part }, how] of questions) {
          const of = { ...part, through: part.from + length }
          const found = desk.slices.traffic(of, how).map(({ key, state }) => {
            const { sum: _, ...latency } = state.latency.state()
            const { windows: count, requests, causes, cpuMs, firstAt } = state
            return [
              JSON.stringify([key.bucket, key.device, key.digest]),
              { windows: count, requests, causes, latency, cpuMs: cpuMs.toFixed(6), firstAt },
            ] as const
          })
          expect(new Map(found)).toEqual(plainly(windows, of, how))
        }
      }),
      { numRuns: 30 },
    )
  })

  test('is exact where a period begins and ends within buckets, folded or not', () => {
    const desk = sliceDesk()
    const at = (startedAt: number) => ({ kind: 'window' as const, body: { startedAt, endedAt: startedAt, requests: 1 } })
    desk.take('cam-1', [0, FIVE - 1, FIVE, HOUR - 1, HOUR, DAY - 1, DAY, DAY + HOUR, 2 * DAY].map(at))
    const ask = (from: number, through: number): number | undefined =>
      desk.slices.traffic({ devices: null, from, through }, { bucketMs: null, by: 'all' })[0]?.state.requests
    const answers = (): unknown[] => [
      ask(0, 2 * DAY + 1),
      ask(1, 2 * DAY),
      ask(FIVE, DAY + 1),
      ask(HOUR + 1, DAY - 1),
      ask(DAY, DAY + HOUR + 1),
    ]
    const before = answers()
    desk.fold()
    expect([before, answers()]).toEqual([
      [9, 7, 5, undefined, 2],
      [9, 7, 5, undefined, 2],
    ])
    expect(
      desk.db.prepare('SELECT level, count(*) FROM rollup_traffic WHERE device = 0 GROUP BY level ORDER BY level').raw().all(),
    ).toEqual([
      [FIVE, 8],
      [HOUR, 6],
      [DAY, 3],
    ])
  })

  test('of ten thousand devices asks by the index, and a list of most of them is read in a row', () => {
    const desk = sliceDesk()
    const devices = Array.from({ length: 40 }, (_, i) => `dev-${i}`)
    for (const [i, device] of devices.entries())
      desk.take(device, [{ kind: 'window', body: { startedAt: HOUR + i, endedAt: HOUR + i, requests: i } }])
    desk.fold()
    const ask = (list: string[]) => desk.slices.traffic({ devices: list, from: 0, through: DAY }, { bucketMs: null, by: 'all' })[0]!.state
    expect([ask(devices.slice(0, 3)).requests, ask(devices.slice(1)).requests, ask(devices).windows]).toEqual([3, 780, 40])
    const plan = desk.db
      .prepare<unknown[], { detail: string }>(
        `EXPLAIN QUERY PLAN WITH RECURSIVE buckets (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM buckets WHERE n + 1 < 9)
        SELECT r.* FROM buckets CROSS JOIN json_each('[1]') AS d CROSS JOIN rollup_traffic AS r ON r.level = 1 AND r.bucket = buckets.n AND r.device = d.value`,
      )
      .all()
      .map(({ detail }) => detail)
      .join('\n')
    expect(plan).toContain('USING INDEX rollup_traffic_by_subject (level=? AND bucket=? AND device=?)')
  })

  test('names subjects and devices of a period', () => {
    const desk = sliceDesk()
    const [a, b] = DIGESTS as [string, string]
    const body = (digest: string, requests: number, startedAt: number = HOUR) => ({
      kind: 'window' as const,
      body: { digest, requests, startedAt, endedAt: startedAt },
    })
    desk.take('cam-1', [body(a, 5), body(b, 50)])
    desk.take('cam-2', [body(a, 1, 3 * HOUR)])
    for (const _ of [0, 1]) {
      expect(desk.slices.subjects({ devices: null, from: 0, through: DAY }).map(({ digest, version }) => [digest, version])).toEqual([
        [b, '1.0.0'],
        [a, '1.0.0'],
      ])
      expect(desk.slices.devicesOf({ devices: null, digests: [a], from: 0, through: DAY })).toEqual(['cam-1', 'cam-2'])
      expect(desk.slices.devicesOf({ devices: null, digests: [a], from: 0, through: HOUR + 1 })).toEqual(['cam-1'])
      desk.fold()
    }
  })
})

const label = fc.record({
  device: fc.constantFrom(...DEVICES.slice(0, 2)),
  digest: fc.constantFrom(...DIGESTS),
  id: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5'),
  predictedAt: time,
  actual: fc.constantFrom('x', 'y', 'z'),
  confidence: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
})

/** What of quality is counted, with sums to ten digits: they are added in another order. */
function plainQuality(state: QualityState): object {
  const round = (value: number): string => value.toFixed(9)
  return {
    ...{ rows: state.rows, right: state.right, confusion: confusionOf(state, ['x', 'y', 'z']).matrix },
    ...{
      bins: state.calibration.rows,
      fine: state.fine.rows,
      sure: state.calibration.confidence.map(round),
      squared: round(state.confident.squared),
    },
  }
}

test('quality of any slice is that of its labels, replaced ones too, whatever sums hold', () => {
  const script = fc.array(fc.tuple(fc.array(label, { minLength: 1, maxLength: 5 }), fc.nat(2)), { maxLength: 6 })
  fc.assert(
    fc.property(script, fc.array(fc.tuple(slice, cut), { minLength: 6, maxLength: 6 }), (batches, questions) => {
      const desk = sliceDesk()
      const truth = new Map<string, typeof label extends fc.Arbitrary<infer T> ? T : never>()
      for (const [labels, steps] of batches) {
        for (const one of labels) {
          const { device, digest, id, ...item } = one
          desk.take(device, [{ kind: 'labels', body: { digest, items: [{ id, row: 0, predicted: 'x', ...item }] } }])
          truth.set(`${device} ${id}`, one)
        }
        desk.fold(steps === 2 ? undefined : steps)
      }
      for (const [{ length, ...part }, how] of questions) {
        const of = { ...part, through: part.from + length }
        const expected = new Map<string, QualityState>()
        for (const one of truth.values()) {
          if (!isWithin(of, one, one.predictedAt)) continue
          const key = keyOf(how, of, one, one.predictedAt)
          const state = expected.get(key) ?? emptyQuality()
          addLabelled(state, { predicted: 'x', actual: one.actual, confidence: one.confidence, weight: 1 })
          expected.set(key, state)
        }
        const found = desk.slices
          .quality(of, how)
          .map(({ key, state }) => [JSON.stringify([key.bucket, key.device, key.digest]), plainQuality(state)] as const)
        expect(new Map(found)).toEqual(new Map([...expected].map(([key, state]) => [key, plainQuality(state)])))
      }
    }),
    { numRuns: 30 },
  )
})

test('a device has a label for a row that it sent, and for no other', () => {
  const desk = sliceDesk()
  desk.take('cam-1', [{ kind: 'labels', body: {} }])
  expect([desk.slices.hasLabel('cam-1', 'p1', 0), desk.slices.hasLabel('cam-1', 'p1', 1), desk.slices.hasLabel('cam-2', 'p1', 0)]).toEqual([
    true,
    false,
    false,
  ])
})
