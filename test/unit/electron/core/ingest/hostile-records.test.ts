import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readBatch } from '../../../../../electron/core/ingest/read-batch.ts'
import { openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import { openTelemetryQueries } from '../../../../../electron/core/store/telemetry/queries.ts'
import { sketchState } from '../../../../../shared/protocol/telemetry.ts'
import { packSketch } from '../../../../../shared/stats/packed-sketch.ts'
import { temporaryDirectory, T0 } from '../../../../harness/fleet.ts'

interface GoldenRecord {
  seq: number
  kind: string
  body: Record<string, unknown>
}
const golden = JSON.parse(readFileSync('test/fixtures/protocol/v1/telemetry.json', 'utf8')) as { records: GoldenRecord[] }
const window = golden.records.find((record) => record.kind === 'window')!
const drop = golden.records.find((record) => record.kind === 'drop')!
const latency = window.body['latencyMs'] as Record<string, unknown>

/** What one record of a batch is read as: `taken`, or the reason why it is kept aside. */
function judged(record: GoldenRecord): string {
  const batch = readBatch('cam-12', Buffer.from(JSON.stringify({ ...golden, records: [record] })), T0)
  const [one] = batch.records
  return one !== undefined && 'reason' in one ? one.reason : 'taken'
}

describe('a record that would make a query fail is kept aside', () => {
  test('the golden ones are taken', () => {
    expect([judged(window), judged(drop)]).toEqual(['taken', 'taken'])
  })

  test.each([
    { name: 'a sketch of another accuracy', record: { ...window, body: { ...window.body, latencyMs: { ...latency, accuracy: 0.02 } } } },
    { name: 'a sketch whose bins do not add up', record: { ...window, body: { ...window.body, latencyMs: { ...latency, count: 7 } } } },
    { name: 'a count near the end of exact integers', record: { ...window, body: { ...window.body, requests: Number.MAX_SAFE_INTEGER } } },
    { name: 'an error count near it', record: { ...window, body: { ...window.body, errors: { x: Number.MAX_SAFE_INTEGER } } } },
    {
      name: 'a drop of everything',
      record: { ...drop, body: { ...drop.body, from: 1, through: Number.MAX_SAFE_INTEGER, records: Number.MAX_SAFE_INTEGER } },
    },
  ])('$name', ({ record }) => {
    expect(judged(record)).not.toBe('taken')
  })
})

test('causes with the names of prototype members are counted, and a row that was stored damaged does not hide the others', () => {
  const file = join(temporaryDirectory(), 'telemetry.db')
  const db = openTelemetryWriter(file)
  db.prepare("INSERT INTO spool (id, device, spool, first_received_at, last_received_at) VALUES (1, 'cam-12', 's', 0, 0)").run()
  db.exec(`INSERT INTO device (id, name) VALUES (1, 'cam-12'); INSERT INTO subject VALUES (1, 'd', 'x', 'm', '1')`)
  const add = db.prepare(`INSERT INTO window (spool, seq, device, subject, boot, started_at, ended_at, covered_ms, requests, rows, errors,
    not_finite, cache_hits, cpu_ms, received_at, errors_by_cause, validation, latency)
    VALUES (1, ?, 1, 1, 1, 0, 1000, 1000, 5, 3, 2, 0, 0, 0, 0, ?, '{}', ?)`)
  const sketch = packSketch(sketchState.parse(latency))
  add.run(1, '{"constructor":1,"__proto__x":1}', sketch)
  add.run(2, '{"constructor":2}', sketch.slice(0, -1))
  const dropped = db.prepare("INSERT INTO dropped VALUES (1, ?, 'cam-12', 1, 2, 9007199254740991, 'spool-full', 0, 0)")
  for (let seq = 10; seq < 1300; seq += 1) dropped.run(seq)
  db.close()
  const queries = openTelemetryQueries(file)
  onTestFinished(() => queries.close())
  const [row] = queries.summary({ devices: null, from: 0, through: T0, by: 'device' })
  expect([row?.requests, row?.errorsByCause, row?.latencyMs !== null]).toEqual([10, { constructor: 3, __proto__x: 1 }, true])
  expect(queries.ledger(null)[0]?.declaredDropped).toBe(Number.MAX_SAFE_INTEGER)
})
