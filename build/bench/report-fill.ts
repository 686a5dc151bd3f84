import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { packSketch } from '../../shared/stats/packed-sketch.ts'
import { SketchSum } from '../../shared/stats/sketch-sum.ts'
import type { FleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import type { WriteDb } from '../../electron/core/store/open.ts'
import { FLEET } from '../../electron/core/store/telemetry/levels.ts'
import { deviceName, DIGEST, latenciesOf } from './store-fill.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const PATTERNS = 20
const REQUESTS = 1440
const ENTRIES_PER_DAY = 288

/** A fleet whose devices told of each day, as the sums that are kept of it. */
export interface ReportFilling {
  devices: number
  days: number
  /** Begin of the first day. */
  from: number
  /** Hours of single devices, and entries of ledgers, of the first and the last day: what a period that ends within a day reads. */
  withEnds: boolean
}

/** Enrols the devices of the bench. */
export function fillFleet(store: FleetStore, { devices, from }: ReportFilling): void {
  store.transact(() => {
    for (let id = 1; id <= devices; id += 1)
      store.devices.enrol({ device: deviceName(id), secretHash: 'a'.repeat(64), labels: { site: `site-${id % 40}` }, enrolledAt: from })
  })
}

/** Fills a new telemetry store as ingest and its sums would have left it. */
export function fillReportSums(db: WriteDb, filling: ReportFilling): void {
  const { devices, days, from, withEnds } = filling
  db.pragma('synchronous = OFF')
  db.prepare('INSERT INTO subject VALUES (1, ?, ?, ?, ?)').run('main', DIGEST, 'digits', '1.0.0')
  const device = db.prepare('INSERT INTO device VALUES (?, ?)')
  const spool = db.prepare('INSERT INTO spool (id, device, spool, through, first_received_at, last_received_at) VALUES (?, ?, ?, ?, 0, 0)')
  db.transaction(() => {
    for (let id = 1; id <= devices; id += 1) {
      device.run(id, deviceName(id))
      spool.run(id, deviceName(id), 'spool-1', days * ENTRIES_PER_DAY)
    }
  })()
  for (let day = 0; day < days; day += 1) {
    const isEnd = withEnds && (day === 0 || day === days - 1)
    db.transaction(() => fillDay(db, filling, { at: from + day * DAY_MS, isEnd }))()
  }
}

function fillDay(db: WriteDb, { devices }: ReportFilling, { at, isEnd }: { at: number; isEnd: boolean }): void {
  const traffic =
    db.prepare(`INSERT INTO rollup_traffic (level, bucket, device, subject, windows, first_at, last_at, covered_ms, requests, rows, errors,
    not_finite, cache_hits, cpu_ms, errors_by_cause, validation, latency) VALUES (?, ?, ?, 1, 60, ?, ?, ?, ?, ?, 1, 0, 0, 12.5, '{"inference.failed":1}', '{}', ?)`)
  const day =
    db.prepare(`INSERT INTO ledger_day (day, device, last_at, bytes_in, bytes_out, inferences, cpu_seconds, stored_bytes) VALUES (?, ?, ?,
    '{"order":1500,"inference":20000,"model":12000000}', '{"telemetry":900000,"report":4000,"block":900}', 1440, 430.5, 40000000)`)
  const told = db.prepare('INSERT INTO told_day VALUES (?, ?, ?)')
  const event = db.prepare(`INSERT INTO event (spool, seq, device, at, name, severity, code, message, detail, received_at)
    VALUES (?, ?, ?, ?, 'model.reverted', 'error', NULL, 'It was taken back.', '{}', ?)`)
  const sketches = daySketches()
  const put = (level: number, begin: number, id: number): void =>
    void traffic.run(level, begin / level, id, begin + 1, begin + level - 1, level, REQUESTS, REQUESTS, sketches[id % PATTERNS]!)
  const number = at / DAY_MS
  for (let id = 1; id <= devices; id += 1) {
    put(DAY_MS, at, id)
    day.run(number, deviceName(id), at + DAY_MS - 1)
    told.run(deviceName(id), number, DAY_MS)
    // One in a hundred devices reports something each day.
    if ((id + number) % 100 === 0) event.run(id, 1e9 + number, deviceName(id), at + HOUR_MS, at + HOUR_MS)
    if (isEnd) for (let hour = 0; hour < 24; hour += 1) put(HOUR_MS, at + hour * HOUR_MS, id)
  }
  put(DAY_MS, at, FLEET)
  for (let hour = 0; hour < 24; hour += 1) put(HOUR_MS, at + hour * HOUR_MS, FLEET)
  if (isEnd) fillEntries(db, devices, at)
}

function fillEntries(db: WriteDb, devices: number, at: number): void {
  const entry =
    db.prepare(`INSERT INTO ledger (spool, seq, device, started_at, ended_at, bytes_in, bytes_out, inferences, cpu_seconds, stored_bytes,
    received_at) VALUES (?, ?, ?, ?, ?, '{"order":1500,"inference":20000}', '{"telemetry":900000,"report":4000}', 400, 1.5, 40000000, ?)`)
  const lengthMs = DAY_MS / ENTRIES_PER_DAY
  for (let i = 0; i < ENTRIES_PER_DAY; i += 1) {
    const end = at + (i + 1) * lengthMs
    for (let id = 1; id <= devices; id += 1) entry.run(id, at / lengthMs + i, deviceName(id), end - lengthMs, end, end)
  }
}

let made: Uint8Array[] | null = null

/** Latencies of a day of some patterns, as a store keeps them. */
function daySketches(): Uint8Array[] {
  made ??= Array.from({ length: PATTERNS }, (_, first) => {
    const sum = new SketchSum()
    for (let i = 0; i < 24; i += 1) {
      const sketch = LatencySketch.empty()
      for (const value of latenciesOf(first + i)) sketch.add(value)
      sum.addPacked(packSketch(sketch.state()))
    }
    return sum.pack()
  })
  return made
}
