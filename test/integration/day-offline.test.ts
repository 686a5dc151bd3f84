import Database from 'better-sqlite3'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { UnspooledRecord } from '../../agent/runtime/messages.ts'
import { Windows } from '../../agent/runtime/window.ts'
import { openLedger } from '../../agent/telemetry/ledger.ts'
import { startSender, type Sender } from '../../agent/telemetry/sender.ts'
import type { Spool } from '../../agent/telemetry/spool.ts'
import { startIngest } from '../../electron/core/ingest/ingest.ts'
import type { TelemetryMessage } from '../../shared/protocol/telemetry.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { until } from '../harness/local-api.ts'
import { eventRecord, handClock, sampleRecord, testSpool } from '../harness/spool.ts'

const MINUTES = 24 * 60
const PER_SECOND = 10
const SPOOL_BYTES = 16 * 1024 * 1024
const HOUR_MS = 3_600_000
/** What the wall clock does at some hours: time services, a lost battery, a person with a mouse. */
const jumps: Record<number, number> = { 3: -2 * HOUR_MS, 8: 5 * HOUR_MS, 12: -Date.UTC(2026, 0, 1), 15: Date.UTC(2026, 0, 1) - 3 * HOUR_MS }
const subject = { deployment: 'digits', digest: 'd'.repeat(64), model: 'digits', version: '1.0.0' }
const noLog = (): void => undefined

const madeKinds = ['window', 'sample', 'event', 'resources', 'ledger'] as const
type Made = Record<(typeof madeKinds)[number] | 'inferences', number>

/** A day of an agent without a broker: 10 inferences a second, samples, resources, ledger, and a restart at noon. */
function liveThroughTheDay(directory: string): { spool: Spool; made: Made; clock: ReturnType<typeof handClock> } {
  const clock = handClock()
  const open = (bootText: string): Spool => testSpool(join(directory, 'spool.db'), { clock, maxBytes: SPOOL_BYTES, bootText })
  let spool = open('boot-1')
  const made: Made = { window: 0, sample: 0, event: 0, resources: 0, ledger: 0, inferences: 0 }
  let pending: UnspooledRecord[] = []
  const append = (records: UnspooledRecord[]): void => {
    for (const { kind } of records) made[kind as (typeof madeKinds)[number]] += 1
    pending.push(...records)
  }
  const book = () =>
    openLedger({ fleet: 'lab', directory, clock, append, usage: () => ({ rssBytes: 1, cpuMicros: 0 }), ownCpuMicros: () => 0 })
  let ledger = book()
  let windows = new Windows(clock, 60)
  windows.cover(true)
  for (let minute = 0; minute < MINUTES; minute += 1) {
    if (minute % 60 === 0) {
      clock.wall += jumps[minute / 60] ?? 0
      append([eventRecord(`hour ${minute / 60}`, clock.wall)])
    }
    for (let i = 0; i < 60 * PER_SECOND; i += 1) {
      clock.pass(1000 / PER_SECOND)
      windows.count(subject, { ok: true, rows: 1, latencyMs: 1 + (i % 50) / 10 })
      made.inferences += 1
    }
    append([...Array.from({ length: 10 }, (_, i) => sampleRecord(`${minute}-${i}`, 1900)), resources(clock.wall)])
    ledger.writeIfDue()
    const closed = minute === MINUTES - 1 || minute === MINUTES / 2 ? windows.takeAll() : windows.takeClosed()
    append(closed)
    // One commit a minute: a day of them takes seconds here.
    spool.append(pending)
    windows.stored(closed)
    ledger.spooled(pending)
    pending = []
    if (minute % 30 === 0) spool.tidy()
    if (minute !== MINUTES / 2) continue
    spool.close()
    clock.ran = 0
    spool = open('boot-2')
    windows = new Windows(clock, 60)
    windows.cover(true)
    ledger = book()
  }
  return { spool, made, clock }
}

function resources(measuredAt: number): UnspooledRecord {
  const sizes = { agentRssBytes: 1, memoryFreeBytes: 2, memoryTotalBytes: 3, diskFreeBytes: 4, diskTotalBytes: 5 }
  return { kind: 'resources', measuredAt, body: { cpuShare: 0.1, ...sizes, temperatureCelsius: null, spoolRecords: 6 } }
}

test('cases 31, 32 and 35: 24 h offline with 10 inferences a second, a 16 MB spool and a clock that jumps: what was not declared dropped arrives, in order', async () => {
  const directory = temporaryDirectory()
  const { spool, made, clock } = liveThroughTheDay(directory)
  onTestFinished(() => spool.close())
  expect(spool.backlog.bytes).toBeLessThanOrEqual(SPOOL_BYTES)
  const file = join(directory, 'telemetry.db')
  const batches: (TelemetryMessage & { acked: number })[] = []
  let isCut = false
  let sender: Sender | null = null
  const ingest = await startIngest({
    ...{ file, clock: { now: () => Date.UTC(2026, 0, 2), monotonic: () => 0 }, log: noLog, onChange: noLog, ballastBytes: 64 * 1024 },
    publishAck(_device, spoolId, through) {
      sender!.acknowledged({ v: 1, sentAt: 0, spool: spoolId as TelemetryMessage['spool'], through })
      return Promise.resolve()
    },
    onFatal: (problem) => {
      throw problem
    },
  })
  sender = startSender({
    ...{ device: 'cam-1', spool, clock, log: noLog },
    send(json) {
      batches.push({ ...(JSON.parse(json) as TelemetryMessage), acked: spool.acked })
      // The connection ends once in the middle of it all; what was on the way then is lost.
      if (batches.length === 20) isCut = true
      if (!isCut) ingest.take('cam-1', Buffer.from(json))
      return Promise.resolve()
    },
  })
  sender.connected(true)
  await until(() => isCut, 'the cut')
  sender.connected(false)
  isCut = false
  sender.connected(true)
  await until(() => spool.backlog.records === 0, 'the spool to be empty')
  sender.stop()
  await ingest.stop()

  const stored = readStored(file)
  const issued = batches.at(-1)!.through
  const missing = Array.from({ length: issued }, (_, i) => i + 1).filter((seq) => !stored.seqs.has(seq))
  process.stdout.write(
    `a day offline: ${made.inferences} inferences, ${madeKinds.map((kind) => `${made[kind]} ${kind}`).join(', ')}; numbers issued ${issued}, ` +
      `declared dropped ${stored.declared} (${stored.reasons}), stored ${stored.seqs.size}, in ${batches.length} batches\n`,
  )
  // Each number is on the console, or is named by a drop record that is.
  expect(missing).toHaveLength(stored.declared)
  expect(missing.filter((seq) => !stored.ranges.some(({ from, through }) => seq >= from && seq <= through))).toEqual([])
  expect(stored.kinds).toMatchObject({ event: made.event, ledger: made.ledger })
  expect(stored.kinds['sample']).toBeGreaterThan(0)
  expect(stored.kinds['sample']).toBeLessThan(made.sample)
  // Windows merge where room is needed; not one inference is lost with them.
  expect(stored.requests).toBe(made.inferences)
  // In order: a batch leaves out nothing behind the one before it that is not acknowledged; numbers grow within.
  for (const [i, batch] of batches.entries()) {
    const seqs = batch.records.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    if (i > 0) expect(batch.from).toBeLessThanOrEqual(Math.max(batches[i - 1]!.through, batch.acked) + 1)
  }
  expect(stored.events).toEqual(Array.from({ length: 24 }, (_, hour) => `hour ${hour}`))
}, 90_000)

function readStored(file: string) {
  const db = new Database(file, { readonly: true })
  try {
    const kinds: Record<string, number> = {}
    const seqs = new Set<number>()
    for (const table of ['window', 'sample', 'event', 'resources', 'ledger', 'dropped']) {
      const rows = db.prepare<[], { seq: number }>(`SELECT seq FROM ${table}`).all()
      kinds[table] = rows.length
      for (const { seq } of rows) seqs.add(seq)
    }
    const drops = db.prepare<[], { from: number; through: number; records: number; reason: string }>(
      'SELECT from_seq AS "from", through_seq AS through, records, reason FROM dropped',
    )
    const ranges = drops.all()
    return {
      ...{ kinds, seqs, ranges },
      declared: ranges.reduce((sum, { records }) => sum + records, 0),
      reasons: [...new Set(ranges.map(({ reason }) => reason))].join(', '),
      requests: db.prepare<[], { sum: number }>('SELECT sum(requests) AS sum FROM window').get()!.sum,
      events: db
        .prepare<[], { message: string }>('SELECT message FROM event ORDER BY seq')
        .all()
        .map(({ message }) => message),
    }
  } finally {
    db.close()
  }
}
