import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openDetectors, type DetectorOptions } from '../../../../agent/detect/detectors.ts'
import { DistributionWindows, type CountedSubject } from '../../../../agent/runtime/distribution-windows.ts'
import type { UnspooledRecord } from '../../../../agent/runtime/messages.ts'
import { readTrainingData } from '../../../../electron/core/registry/training-data.ts'
import { csvRows } from '../../../../shared/domain/csv.ts'
import { Problem } from '../../../../shared/domain/problem.ts'
import { tensorFromPlain } from '../../../../shared/inference/tensor.ts'
import { eventBody } from '../../../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { monitoredReferences, type MonitoredReferences } from '../../../../shared/stats/reference/monitored.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'
import { sampleManifest, samples } from '../../../harness/manifest.ts'
import { allRecords, testSpool } from '../../../harness/spool.ts'

const subject = { deployment: 'cellar', digest: 'd'.repeat(64), model: 'wine', version: '1.0.0' }
const sampleFile = (name: string): string => join(import.meta.dirname, '../../../../build/samples', name)
const opened = (more: Partial<DetectorOptions> = {}) =>
  openDetectors({ states: new Map(), between: () => 100_000, referencesOf: () => null, log: () => undefined, ...more })

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

/** A minute of traffic: each request fails with the probability, and takes about the time. */
function minute(
  at: number,
  requests: number,
  of: { random: () => number; errorRate?: number; ms?: number; digest?: string },
): UnspooledRecord {
  const sketch = LatencySketch.empty()
  let failed = 0
  for (let i = 0; i < requests; i += 1) {
    if (of.random() < (of.errorRate ?? 0.005)) failed += 1
    else sketch.add((of.ms ?? 10) * (0.8 + 0.4 * of.random()))
  }
  const span = { startedAt: at * 60_000, endedAt: (at + 1) * 60_000, coveredMs: 60_000 }
  const errors = failed === 0 ? {} : { 'inference.failed': failed }
  const counts = { requests, rows: requests - failed, errors, latencyMs: sketch.state() }
  return {
    kind: 'window',
    measuredAt: span.endedAt,
    body: { ...subject, ...(of.digest === undefined ? {} : { digest: of.digest }), ...span, ...counts },
  }
}

/** Names and minutes of the events of records, one record per call. */
function events(detectors: ReturnType<typeof openDetectors>, records: readonly UnspooledRecord[]): [string, number, unknown][] {
  return records.flatMap((record) => {
    const found = detectors.examine([record])
    found.commit()
    return found.events.map(({ body, measuredAt }): [string, number, unknown] => {
      const { name, detail } = eventBody.parse(body)
      return [name, measuredAt / 60_000, detail.feature ?? null]
    })
  })
}

describe('detectors of traffic', () => {
  test('a healthy device is quiet for 2,000 minutes; failures and slow answers are told once each', () => {
    const random = seeded(11)
    const detectors = opened()
    expect(
      events(
        detectors,
        Array.from({ length: 2000 }, (_, i) => minute(i, 60, { random })),
      ),
    ).toEqual([])
    expect(detectors.status()).toEqual({ cellar: { learning: [], raised: [] } })
    const failing = events(
      detectors,
      Array.from({ length: 120 }, (_, i) => minute(2000 + i, 60, { random, errorRate: 0.05 })),
    )
    expect(failing).toEqual([['detector.errors', expect.any(Number), null]])
    expect(failing[0]![1]).toBeLessThan(2030)
    expect(detectors.status().cellar!.raised).toMatchObject([{ detector: 'errors', feature: null, version: '1.0.0' }])
    const slow = events(
      detectors,
      Array.from({ length: 60 }, (_, i) => minute(2120 + i, 60, { random, ms: 25 })),
    )
    expect(slow.map(([name]) => name)).toEqual(['detector.latency'])
    expect(slow[0]![1]).toBeLessThan(2125)
  })

  test('another bundle has a baseline of its own; with 0 there are no detectors', () => {
    const random = seeded(5)
    const detectors = opened()
    events(
      detectors,
      Array.from({ length: 40 }, (_, i) => minute(i, 60, { random })),
    )
    const other = Array.from({ length: 100 }, (_, i) => minute(40 + i, 60, { random, errorRate: 0.1, digest: 'e'.repeat(64) }))
    expect(events(detectors, other)).toEqual([])
    const off = opened({ between: () => 0 })
    expect(events(off, [...other, ...Array.from({ length: 50 }, (_, i) => minute(140 + i, 60, { random, errorRate: 0.4 }))])).toEqual([])
    expect(off.status()).toEqual({})
  })

  test('a record that contradicts itself stops nobody', () => {
    const logged: string[] = []
    const detectors = opened({ log: (_, message) => void logged.push(message) })
    const broken = minute(0, 10, { random: seeded(1) })
    Object.assign(broken.body as object, { latencyMs: { ...LatencySketch.empty().state(), count: 7 } })
    expect(detectors.examine([broken]).events).toEqual([])
    expect(logged).toHaveLength(1)
  })
})

describe('detectors of values', () => {
  test('the stable stream of wine is quiet; of the drifted one what is beyond doubt is told, each once', async () => {
    const { counted, references } = await wine()
    const run = (file: string, rounds: number) => events(opened({ referencesOf: () => references }), stream(counted, file, rounds))
    const stable = run('wine/stream-stable.csv', 20)
    const drifted = run('wine/stream-drifted.csv', 3)
    expect(stable).toEqual([])
    // A quarter of alcohol lies outside the range of training. Of proline it is 4 %, which 110 rows of training do not exclude.
    expect(drifted.map(([name, , feature]) => `${name} ${String(feature)}`).toSorted()).toEqual([
      'detector.missing ash',
      'detector.out-of-range alcohol',
    ])
  })
})

describe('what detectors remember', () => {
  test('lies in the spool with the records: a restart counts nothing twice, and what the spool refused did not count', () => {
    const file = join(temporaryDirectory(), 'spool.db')
    const random = seeded(2)
    const steady = Array.from({ length: 30 }, (_, i) => minute(i, 60, { random }))
    const failing = Array.from({ length: 12 }, (_, i) => minute(30 + i, 60, { random, errorRate: 0.15 }))
    let spool = testSpool(file)
    let detectors = opened()
    const told: string[] = []
    const append = (records: readonly UnspooledRecord[], isRefused = false): void => {
      const found = detectors.examine(records)
      if (isRefused) throw new Problem('store.disk-full', 'full')
      spool.append([...records, ...found.events.map((event) => ({ kind: 'event' as const, ...event }))], found.states)
      found.commit()
      told.push(...found.events.map(({ body }) => body.name))
    }
    const restart = (): void => {
      spool.close()
      spool = testSpool(file)
      detectors = opened({ states: spool.detectors() })
    }
    for (const record of steady) append([record])
    restart()
    expect(detectors.status().cellar!.learning).toEqual([])
    for (const record of failing) {
      for (let i = 0; i < 20; i += 1) expect(() => append([record], true)).toThrow()
    }
    expect(told).toEqual([])
    for (const record of failing) {
      append([record])
      restart()
    }
    expect(told).toEqual(['detector.errors'])
    expect(allRecords(spool).filter(({ kind }) => kind === 'event')).toHaveLength(1)
    expect(detectors.status().cellar!.raised).toMatchObject([{ detector: 'errors' }])
    spool.close()
  })

  test('a damaged memory begins anew, and bundles beyond 32 are forgotten', () => {
    const detectors = opened({
      states: new Map([
        ['cellar\n1.0.0\nx', '{"v":1}'],
        ['other\n1.0.0\ny', 'no json'],
      ]),
    })
    expect(detectors.status()).toEqual({})
    const forgotten: string[] = []
    for (let i = 0; i < 40; i += 1) {
      const found = detectors.examine([minute(i, 10, { random: seeded(i), digest: String(i).padStart(64, '0') })])
      found.commit()
      for (const [key, state] of found.states) if (state === null) forgotten.push(key)
    }
    expect(forgotten).toHaveLength(8)
  })
})

async function wine(): Promise<{ counted: CountedSubject; references: MonitoredReferences }> {
  const tabular = { name: 'sensors', datatype: 'FP32' as const, width: 13, columns: null }
  const signal = new AbortController().signal
  const data = await readTrainingData({ path: sampleFile('wine/train.csv'), tabular, target: 'cultivar', signal })
  const manifest = sampleManifest(samples.wine100, { schema: { input: 'sensors', features: data.features, target: 'cultivar' } })
  return { counted: { subject, manifest, baseline: data.baseline }, references: monitoredReferences(manifest, data.baseline) }
}

/** Rows of a stream through the counters of the device, 30 to a window of five minutes. */
function stream(counted: CountedSubject, file: string, rounds: number): UnspooledRecord[] {
  const rows = csvRows(readFileSync(sampleFile(file), 'utf8'), 'stream')
    .slice(1)
    .map((row) => row.slice(0, 13).map((cell) => (cell === '' ? null : Number(cell))))
  const clock = { wall: Date.UTC(2026, 0, 1), now: (): number => clock.wall, monotonic: (): number => clock.wall }
  const windows = new DistributionWindows(clock, { seconds: 300, masks: {} })
  const records: UnspooledRecord[] = []
  for (let i = 0; i < rounds * rows.length; i += 1) {
    const tensor = tensorFromPlain('sensors', 'FP32', [1, 13], rows[i % rows.length]!)
    windows.count(
      counted,
      [tensor],
      { outputs: [], outcomes: null, rows: 1, isFinite: true, findings: new Map() },
      { now: clock.wall, isAsked: false },
    )
    if (i % 30 !== 29) continue
    clock.wall += 300_000
    records.push(...windows.takeClosed())
  }
  return records
}
