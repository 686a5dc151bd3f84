import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openBallast } from '../../../../../electron/core/ingest/ballast.ts'
import type { Committed, FromWriter } from '../../../../../electron/core/ingest/messages.ts'
import { IngestWriter } from '../../../../../electron/core/ingest/writer.ts'
import type { WriteDb } from '../../../../../electron/core/store/open.ts'
import { openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import { telemetryBatch, telemetryRecord } from '../../../../harness/telemetry.ts'

const RECEIVED = 1_700_000_060_000
let directory: string
let file: string
let time: number

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-writer-'))
  file = join(directory, 'telemetry.db')
  time = 0
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function startWriter(open: () => WriteDb = () => openTelemetryWriter(file)) {
  const posted: FromWriter[] = []
  const writer = new IngestWriter({
    ...{ file, open, ballast: openBallast(join(directory, 'telemetry.ballast'), 4096) },
    clock: { now: () => RECEIVED, monotonic: () => time },
    post: (message) => posted.push(message),
  })
  onTestFinished(() => writer.take({ type: 'stop' }))
  return {
    posted,
    give: (device: string, payload: Uint8Array) =>
      writer.take({ type: 'batch', device, payload: new Uint8Array(payload), receivedAt: RECEIVED }),
    take: (message: Parameters<typeof writer.take>[0]) => writer.take(message),
    /** Gives one batch and returns what was committed for it. */
    async settle(device: string, payload: Uint8Array): Promise<Committed> {
      const before = posted.length
      this.give(device, payload)
      await vi.waitFor(() => expect(posted.length).toBeGreaterThan(before))
      const last = posted.at(-1)!
      if (last.type !== 'committed') throw new Error(JSON.stringify(last))
      const { type: _, ...committed } = last
      return committed
    },
  }
}

function rows(sql: string): unknown[] {
  const db = new Database(file, { readonly: true })
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}

const ack = (through: number, spool = 'spool-1', device = 'cam-1') => [{ device, spool, through }]
const settled = { batches: 1, records: 0, duplicates: 0, quarantined: 0, refused: [] }

describe('the stop', () => {
  it('commits what waits, and neither a scheduled commit nor a late batch opens the file again', async () => {
    let opened = 0
    const writer = startWriter(() => {
      opened += 1
      return openTelemetryWriter(file)
    })
    writer.give('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 3 }))
    writer.take({ type: 'stop' })
    writer.give('cam-1', telemetryBatch({ device: 'cam-1', from: 4, through: 6 }))
    const told = writer.posted.map((message) => message.type)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect({ told, later: writer.posted.length - told.length, opened, stored: rows('SELECT count(*) AS n FROM event') }).toEqual({
      told: ['committed', 'stopped'],
      later: 0,
      opened: 1,
      stored: [{ n: 3 }],
    })
  })
})

describe('what becomes of a batch', () => {
  it('is stored once, however often it comes, and answered each time', async () => {
    const writer = startWriter()
    const batch = telemetryBatch({ device: 'cam-1', from: 1, through: 3 })
    expect(await writer.settle('cam-1', batch)).toEqual({ ...settled, records: 3, acks: ack(3) })
    expect(await writer.settle('cam-1', batch)).toEqual({ ...settled, duplicates: 3, acks: ack(3) })
    expect(rows('SELECT count(*) AS n FROM event')).toEqual([{ n: 3 }])
    expect(rows('SELECT device, spool, through, first_received_at, last_received_at, clock_offset_ms FROM spool')).toEqual([
      { device: 'cam-1', spool: 'spool-1', through: 3, first_received_at: RECEIVED, last_received_at: RECEIVED, clock_offset_ms: 60_000 },
    ])
  })

  it('counts only what is new of a batch that overlaps', async () => {
    const writer = startWriter()
    await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 4 }))
    expect(await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 3, through: 6 }))).toEqual({
      ...settled,
      records: 2,
      duplicates: 2,
      acks: ack(6),
    })
  })

  it('is answered with the position of the store behind a gap, and stored when the gap is filled', async () => {
    const writer = startWriter()
    await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 10 }))
    expect(await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 21, through: 30 }))).toEqual({ ...settled, acks: ack(10) })
    expect(await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 11, through: 20 }))).toEqual({
      ...settled,
      records: 10,
      acks: ack(20),
    })
    expect(await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 21, through: 30 }))).toEqual({
      ...settled,
      records: 10,
      acks: ack(30),
    })
  })

  it('passes a gap that cannot be filled, and declares it', async () => {
    const writer = startWriter()
    const batch = telemetryBatch({ device: 'cam-1', from: 1001, through: 1002 })
    for (const pause of [1000, 4000, 10_000]) {
      expect(await writer.settle('cam-1', batch)).toEqual({ ...settled, acks: ack(0) })
      time += pause
    }
    expect(await writer.settle('cam-1', batch)).toEqual({ ...settled, records: 2, quarantined: 1, acks: ack(1002) })
    expect(rows('SELECT seq, reason FROM quarantine')).toEqual([
      { seq: 1, reason: 'records 1 to 1000 are neither on the device nor in this store' },
    ])
  })

  it('never passes a gap while the missing batch may have been lost on this side', async () => {
    const writer = startWriter()
    const batch = telemetryBatch({ device: 'cam-1', from: 11, through: 20 })
    for (let attempt = 0; attempt < 20; attempt += 1) {
      writer.take({ type: 'dropped', device: 'cam-1' })
      expect(await writer.settle('cam-1', batch)).toEqual({ ...settled, acks: ack(0) })
      time += 10_000
    }
  })

  it('takes nothing more under a number that is settled, of whatever kind', async () => {
    const writer = startWriter()
    await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 3 }))
    const records = [telemetryRecord({ seq: 2, kind: 'window' }), telemetryRecord({ seq: 3, kind: 'sample' }), telemetryRecord({ seq: 4 })]
    expect(await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 2, through: 4, records }))).toEqual({
      ...settled,
      records: 1,
      duplicates: 2,
      acks: ack(4),
    })
  })

  it('case 29: keeps spools and devices apart', async () => {
    const writer = startWriter()
    await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 2 }))
    expect(await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', spool: 'spool-2', from: 1, through: 2 }))).toEqual({
      ...settled,
      records: 2,
      acks: ack(2, 'spool-2'),
    })
    expect(await writer.settle('cam-2', telemetryBatch({ device: 'cam-2', from: 1, through: 2 }))).toEqual({
      ...settled,
      records: 2,
      acks: ack(2, 'spool-1', 'cam-2'),
    })
    expect(rows('SELECT count(*) AS n FROM event')).toEqual([{ n: 6 }])
  })

  it('advances over records that were dropped and declared', async () => {
    const writer = startWriter()
    const records = [telemetryRecord({ seq: 4, kind: 'drop', body: { from: 1, through: 3, records: 3 } }), telemetryRecord({ seq: 5 })]
    expect(await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 5, records }))).toEqual({
      ...settled,
      records: 2,
      acks: ack(5),
    })
    expect(rows('SELECT seq, from_seq, through_seq, records, reason FROM dropped')).toEqual([
      { seq: 4, from_seq: 1, through_seq: 3, records: 3, reason: 'spool-full' },
    ])
  })

  const refusals = [
    { name: 'no JSON', payload: Buffer.from('{"v":1,'), code: 'message.malformed' },
    { name: 'no UTF-8', payload: Buffer.from([0x7b, 0xff, 0x7d]), code: 'message.malformed' },
    { name: '10,000 levels deep', payload: Buffer.from('['.repeat(10_000)), code: 'message.malformed' },
    { name: 'a __proto__ key', payload: Buffer.from('{"v":1,"__proto__":{}}'), code: 'message.malformed' },
    { name: 'of wire version 2', payload: Buffer.from('{"v":2}'), code: 'message.unsupported-version' },
    { name: 'in the name of another device', payload: telemetryBatch({ device: 'cam-2', from: 1, through: 1 }), code: 'message.malformed' },
    {
      name: 'with from behind through',
      payload: telemetryBatch({ device: 'cam-1', from: 5, through: 4, records: [] }),
      code: 'message.malformed',
    },
    { name: 'with 501 records', payload: telemetryBatch({ device: 'cam-1', from: 1, through: 501 }), code: 'message.malformed' },
  ]
  it.each(refusals)('is refused and not answered if it is $name', async ({ payload, code }) => {
    const writer = startWriter()
    const committed = await writer.settle('cam-1', payload)
    expect({ ...committed, refused: committed.refused.map((one) => ({ device: one.device, code: one.code })) }).toEqual({
      ...settled,
      refused: [{ device: 'cam-1', code }],
      acks: [],
    })
    expect(rows('SELECT * FROM spool')).toEqual([])
  })
})

describe('records', () => {
  it('of every kind get their columns', async () => {
    const writer = startWriter()
    const kinds = ['window', 'labels', 'sample', 'event', 'resources', 'drop'] as const
    const records = kinds.map((kind, i) => telemetryRecord({ seq: i + 1, kind }))
    expect(await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 6, records }))).toEqual({
      ...settled,
      records: 6,
      acks: ack(6),
    })
    expect(
      rows(`SELECT seq, device.name AS device, deployment, started_at, requests, rows, errors, errors_by_cause
        FROM window JOIN device ON device.id = device JOIN subject ON subject.id = subject`),
    ).toEqual([
      {
        seq: 1,
        device: 'cam-1',
        deployment: 'digits',
        started_at: 1000,
        requests: 12,
        rows: 10,
        errors: 3,
        errors_by_cause: '{"inference.bad-input":2,"inference.failed":1}',
      },
    ])
    expect(rows('SELECT seq, items FROM labels')).toEqual([{ seq: 2, items: 1 }])
    expect(rows('SELECT seq, prediction FROM sample')).toEqual([{ seq: 3, prediction: 'p1' }])
    expect(rows('SELECT seq, at, name, detail FROM event')).toEqual([
      { seq: 4, at: 1_700_000_000_004, name: 'model.activated', detail: '{"slot":"a"}' },
    ])
    expect(rows("SELECT seq, at, json_extract(body, '$.spoolRecords') AS spooled FROM resources")).toEqual([
      { seq: 5, at: 1_700_000_000_005, spooled: 6 },
    ])
    expect(rows('SELECT seq, records FROM dropped')).toEqual([{ seq: 6, records: 2 }])
  })

  it('that are bad go to quarantine with their reason, and the others are stored', async () => {
    const writer = startWriter()
    const records = [
      telemetryRecord({ seq: 1 }),
      { seq: 2, kind: 'of-tomorrow', body: {} },
      telemetryRecord({ seq: 3, kind: 'resources', body: { cpuShare: -1 } }),
      telemetryRecord({ seq: 4, kind: 'drop', body: { from: 3, through: 2 } }),
      telemetryRecord({ seq: 9 }),
      telemetryRecord({ seq: 5, body: { message: 'x'.repeat(2001) } }),
      telemetryRecord({ seq: 6 }),
    ]
    const batch = telemetryBatch({ device: 'cam-1', from: 1, through: 6, records })
    expect(await writer.settle('cam-1', batch)).toEqual({ ...settled, records: 2, quarantined: 5, acks: ack(6) })
    expect(await writer.settle('cam-1', batch)).toEqual({ ...settled, duplicates: 7, acks: ack(6) })
    expect(rows('SELECT seq FROM event ORDER BY seq')).toEqual([{ seq: 1 }, { seq: 6 }])
    const kept = rows('SELECT seq, reason, length(body) <= 4096 AS isShort FROM quarantine ORDER BY seq')
    expect(kept).toEqual([2, 3, 4, 5, 9].map((seq) => ({ seq, reason: expect.any(String), isShort: 1 })))
  })

  it('of text that SQLite could stumble over are stored', async () => {
    const writer = startWriter()
    const records = ['\0', '\ud800', "'); DROP TABLE event; --", '\u202e'].map((message, i) =>
      telemetryRecord({ seq: i + 1, body: { message } }),
    )
    expect(await writer.settle('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 4, records }))).toEqual({
      ...settled,
      records: 4,
      acks: ack(4),
    })
  })
})

describe('labels', () => {
  const item = (part: Record<string, unknown>) => ({
    id: 'p1',
    row: 0,
    predictedAt: 1500,
    predicted: '3',
    actual: '3',
    confidence: 0.9,
    ...part,
  })
  const labels = (seq: number, ...items: unknown[]) => telemetryRecord({ seq, kind: 'labels', body: { items } })

  it('are replaced by a later record and not by an earlier one', async () => {
    const writer = startWriter()
    const batch = (spool: string, from: number, record: unknown) =>
      telemetryBatch({ device: 'cam-1', spool, from, through: from, records: [record] })
    const truth = () => rows('SELECT prediction, row, actual, correct FROM label')
    await writer.settle('cam-1', batch('spool-1', 1, labels(1, item({ actual: '1' }))))
    expect(truth()).toEqual([{ prediction: 'p1', row: 0, actual: '1', correct: 0 }])
    await writer.settle('cam-1', batch('spool-1', 2, labels(2, item({ actual: '2' }), item({ actual: '3' }))))
    expect(truth()).toEqual([{ prediction: 'p1', row: 0, actual: '3', correct: 1 }])
    await writer.settle('cam-1', batch('spool-2', 1, labels(1, item({ actual: '4' }))))
    expect(truth()).toEqual([{ prediction: 'p1', row: 0, actual: '4', correct: 0 }])
    await writer.settle('cam-1', batch('spool-1', 3, labels(3, item({ actual: '5' }))))
    expect(truth()).toEqual([{ prediction: 'p1', row: 0, actual: '4', correct: 0 }])
  })

  const cases = [
    { predicted: 'cat', actual: 'cat', correct: 1, absolute_error: null },
    { predicted: 'cat', actual: 'dog', correct: 0, absolute_error: null },
    { predicted: '3', actual: 3, correct: 1, absolute_error: null },
    { predicted: 2.5, actual: 4, correct: null, absolute_error: 1.5 },
    { predicted: 1e308, actual: -1e308, correct: null, absolute_error: null },
  ]
  it.each(cases)('compare $predicted with $actual', async ({ predicted, actual, correct, absolute_error }) => {
    const writer = startWriter()
    await writer.settle(
      'cam-1',
      telemetryBatch({ device: 'cam-1', from: 1, through: 1, records: [labels(1, item({ predicted, actual }))] }),
    )
    expect(rows('SELECT predicted, actual, correct, absolute_error FROM label')).toEqual([
      { predicted: String(predicted), actual: String(actual), correct, absolute_error },
    ])
  })
})

describe('the store', () => {
  it('is written with synchronous=FULL, also when the file is opened for the second time', () => {
    openTelemetryWriter(file).close()
    const db = openTelemetryWriter(file)
    expect(db.pragma('synchronous', { simple: true })).toBe(2)
    db.close()
  })

  it('commits many batches in one transaction and answers each spool once', async () => {
    const writer = startWriter()
    for (let from = 1; from <= 10; from += 1) writer.give('cam-1', telemetryBatch({ device: 'cam-1', from, through: from }))
    await vi.waitFor(() => expect(writer.posted).toHaveLength(1))
    expect(writer.posted).toEqual([{ type: 'committed', ...settled, batches: 10, records: 10, acks: ack(10) }])
  })

  it('that is away keeps every batch, says so, and goes on by itself', async () => {
    let fails = true
    const broken = () => {
      const db = openTelemetryWriter(file)
      db.function('may_write', () => {
        if (fails) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' })
        return 1
      })
      db.exec('CREATE TEMP TRIGGER guard BEFORE INSERT ON event BEGIN SELECT may_write(); END')
      return db
    }
    const writer = startWriter(broken)
    writer.give('cam-1', telemetryBatch({ device: 'cam-1', from: 1, through: 2 }))
    writer.give('cam-1', telemetryBatch({ device: 'cam-1', from: 3, through: 4 }))
    await vi.waitFor(() => expect(writer.posted).toHaveLength(1))
    expect(writer.posted[0]).toMatchObject({ type: 'problem', problem: { code: 'store.io-error' } })
    fails = false
    await vi.waitFor(() => expect(writer.posted).toHaveLength(3), { timeout: 5000 })
    expect(writer.posted.slice(1)).toEqual([
      { type: 'committed', ...settled, batches: 2, records: 4, acks: ack(4) },
      { type: 'problem', problem: null },
    ])
  })
})
