import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openRollUp } from '../../../../../electron/core/ingest/roll-up.ts'
import { IngestWriter } from '../../../../../electron/core/ingest/writer.ts'
import type { WriteDb } from '../../../../../electron/core/store/open.ts'
import { openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import type { ProblemReport } from '../../../../../shared/domain/problem.ts'
import { LatencySketch } from '../../../../../shared/stats/latency-sketch.ts'
import { unpackSketch } from '../../../../../shared/stats/packed-sketch.ts'
import { spoolRecord, type SketchState, type WindowBody } from '../../../../../shared/protocol/telemetry.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'
import { telemetryBatch, telemetryRecord } from '../../../../harness/telemetry.ts'

/** A writer over a store, in memory unless another is given; `commit` waits until it has taken what was given to it. */
function writer(open: () => WriteDb = () => openTelemetryWriter(':memory:')) {
  let pending = 0
  let done: (() => void) | null = null
  let db: WriteDb | null = null
  const problems: (ProblemReport | null)[] = []
  const made = new IngestWriter({
    ...{ file: 'memory', open: () => (db = open()), clock: { now: () => 0, monotonic: () => 0 } },
    ballast: { isHeld: true, hold: () => true, release: () => false, isDiskFull: () => false },
    post(message) {
      if (message.type === 'problem') problems.push(message.problem)
      if (message.type !== 'committed') return
      pending -= message.batches
      if (pending === 0) done?.()
    },
  })
  onTestFinished(() => made.take({ type: 'stop' }))
  return {
    db: db!,
    problems,
    take(device: string, payload: Buffer): void {
      pending += 1
      made.take({ type: 'batch', device, payload: new Uint8Array(payload), receivedAt: 5000 })
    },
    commit: (): Promise<void> => (pending === 0 ? Promise.resolve() : new Promise((resolve) => (done = resolve))),
  }
}

function sketchOf(values: readonly number[]): SketchState {
  const sketch = LatencySketch.empty()
  for (const value of values) sketch.add(value)
  return sketch.state()
}

const labelItem = (id: string, change: object) => ({
  id,
  row: 0,
  predictedAt: 1500,
  predicted: '3',
  actual: '3',
  confidence: null,
  ...change,
})

/** The sums that the tables of single records have now. */
function summed(db: WriteDb): unknown {
  const traffic = db
    .prepare<[], { minute: number; digest: string; latency: Uint8Array }>(
      `SELECT started_at / 60000 AS minute, digest, latency FROM window JOIN subject ON subject.id = subject ORDER BY minute, digest`,
    )
    .all()
  const sketches = Map.groupBy(traffic, ({ minute, digest }) => `${minute} ${digest}`)
  const counts = db
    .prepare<[], Record<string, unknown>>(
      `SELECT started_at / 60000 AS minute, deployment, digest, count(*) AS windows, sum(requests) AS requests, sum(rows) AS rows,
      sum(errors) AS errors, sum(covered_ms) AS covered_ms FROM window JOIN subject ON subject.id = subject GROUP BY minute, deployment, digest ORDER BY minute, digest`,
    )
    .all()
  return {
    traffic: counts.map((row) => {
      const all = LatencySketch.empty()
      for (const { latency } of sketches.get(`${String(row['minute'])} ${String(row['digest'])}`)!) all.mergeState(unpackSketch(latency))
      return { ...row, count: all.count, p95: all.quantile(0.95) }
    }),
    quality: db
      .prepare(
        `SELECT predicted_at / 60000 AS minute, digest, count(*) AS labelled, count(correct) AS classified, coalesce(sum(correct), 0) AS correct
        FROM label GROUP BY minute, deployment, digest ORDER BY minute, digest`,
      )
      .all(),
  }
}

/** The sums that the writer kept. */
function kept(db: WriteDb): unknown {
  const traffic = db
    .prepare<[], Record<string, unknown> & { latency: string }>(
      `SELECT minute, deployment, digest, windows, requests, rows, errors, covered_ms, latency FROM minute_traffic ORDER BY minute, digest`,
    )
    .all()
  return {
    traffic: traffic.map(({ latency, ...row }) => {
      const all = LatencySketch.fromState(JSON.parse(latency) as SketchState)
      return { ...row, count: all.count, p95: all.quantile(0.95) }
    }),
    quality: db
      .prepare('SELECT minute, digest, labelled, classified, correct FROM minute_quality WHERE labelled > 0 ORDER BY minute, digest')
      .all(),
  }
}

const digest = fc.constantFrom('a'.repeat(64), 'b'.repeat(64))
const window = fc.record({
  kind: fc.constant('window' as const),
  body: fc.record({
    digest,
    startedAt: fc.integer({ min: 0, max: 200_000 }),
    requests: fc.nat(50),
    rows: fc.nat(50),
    errors: fc.dictionary(fc.constantFrom('a', 'constructor', 'c'), fc.nat(5)),
    latencyMs: fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 5 }).map(sketchOf),
  }),
})
const labels = fc.record({
  kind: fc.constant('labels' as const),
  body: fc.record({
    digest,
    items: fc.array(
      fc
        .record({
          id: fc.constantFrom('p1', 'p2', 'p3'),
          predictedAt: fc.integer({ min: 0, max: 200_000 }),
          actual: fc.constantFrom<string | number>('3', '4', 3),
        })
        // A number beside a number is a regression: it is labelled, and neither right nor wrong.
        .map(({ id, actual, predictedAt }) =>
          labelItem(id, { predictedAt, actual, ...(typeof actual === 'number' ? { predicted: 2 } : {}) }),
        ),
      { minLength: 1, maxLength: 4 },
    ),
  }),
})

describe('sums per minute', () => {
  test('are those of the records, whatever comes twice, late, corrected, damaged or is refused', async () => {
    const batch = fc.record({
      device: fc.constantFrom('cam-1', 'cam-2'),
      spool: fc.constantFrom('spool-1', 'spool-2'),
      records: fc.array(fc.oneof(window, labels), { minLength: 1, maxLength: 5 }),
      fate: fc.constantFrom('sent', 'sent', 'sent twice', 'a number twice', 'damaged', 'refused', 'behind a gap'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { maxLength: 8 }), async (batches) => {
        const { db, take, commit } = writer()
        const next = new Map<string, number>()
        for (const { device, spool, records, fate } of batches) {
          const of = `${device} ${spool}`
          const from = (next.get(of) ?? 1) + (fate === 'behind a gap' ? 5 : 0)
          const through = from + records.length - 1
          const made: unknown[] = records.map((record, i) => telemetryRecord({ seq: from + i, ...record }))
          if (fate === 'a number twice') made.push(made[0])
          if (fate === 'damaged') made[0] = { seq: from, kind: 'window', body: null }
          const payload = telemetryBatch({ device: fate === 'refused' ? 'other' : device, spool, from, through, records: made })
          take(device, payload)
          if (fate === 'sent twice') take(device, payload)
          if (fate !== 'refused' && fate !== 'behind a gap') next.set(of, through + 1)
          if (records.length % 2 === 0) await commit()
        }
        await commit()
        expect(kept(db)).toEqual(summed(db))
      }),
      { numRuns: 60 },
    )
  })

  test('of a transaction that failed do not count twice when it is tried again', async () => {
    const file = join(temporaryDirectory(), 'telemetry.db')
    let opened = 0
    const { take, commit, problems } = writer(() => {
      const db = openTelemetryWriter(file)
      opened += 1
      // The sums cannot be written at first; the records of the same transaction were.
      if (opened === 1) db.exec(`CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.minute_traffic BEGIN SELECT RAISE(ABORT, 'not now'); END`)
      return db
    })
    take('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 1, records: [telemetryRecord({ seq: 1, kind: 'window' })] }))
    await commit()
    const db = openTelemetryWriter(file)
    expect([problems.map((problem) => problem?.message.includes('not now')), opened]).toEqual([[true, undefined], 2])
    expect(kept(db)).toEqual(summed(db))
    expect(db.prepare('SELECT windows, requests FROM minute_traffic').raw().all()).toEqual([[1, 12]])
    db.close()
  })

  test('take a label out of the minute where the replaced one counted', async () => {
    const { db, take, commit } = writer()
    const send = (seq: number, items: object[]): void =>
      take(
        'cam-1',
        telemetryBatch({ device: 'cam-1', from: seq, through: seq, records: [telemetryRecord({ seq, kind: 'labels', body: { items } })] }),
      )
    send(1, [labelItem('p1', { predictedAt: 30_000 }), labelItem('p2', { predictedAt: 30_000, actual: '4' })])
    await commit()
    send(2, [labelItem('p1', { predictedAt: 90_000, actual: '7' })])
    await commit()
    expect(db.prepare('SELECT minute, labelled, classified, correct FROM minute_quality ORDER BY minute').raw().all()).toEqual([
      [0, 1, 1, 0],
      [1, 1, 1, 0],
    ])
  })

  test('count nothing of a batch that was not kept', () => {
    const db = openTelemetryWriter(':memory:')
    onTestFinished(() => void db.close())
    const rollUp = openRollUp(db)
    const body = spoolRecord.parse(telemetryRecord({ seq: 1, kind: 'window' })).body as WindowBody
    rollUp.window(body)
    rollUp.beginBatch()
    rollUp.window(body)
    rollUp.keepBatch()
    rollUp.write()
    expect(db.prepare('SELECT windows FROM minute_traffic').raw().all()).toEqual([[1]])
  })

  test('hold at most 51 causes, however many a device makes up', async () => {
    const { db, take, commit } = writer()
    const errors = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`cause-${i}`, 1]))
    take(
      'cam-1',
      telemetryBatch({ device: 'cam-1', from: 1, through: 1, records: [telemetryRecord({ seq: 1, kind: 'window', body: { errors } })] }),
    )
    await commit()
    const causes = JSON.parse(db.prepare('SELECT errors_by_cause FROM minute_traffic').pluck().get() as string) as Record<string, number>
    expect([Object.keys(causes).length, causes['other'], Object.values(causes).reduce((a, b) => a + b, 0)]).toEqual([51, 250, 300])
  })
})
