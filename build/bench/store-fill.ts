import type { WriteDb } from '../../electron/core/store/open.ts'
import { FLEET, LEVELS, type Level } from '../../electron/core/store/telemetry/levels.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { packSketch } from '../../shared/stats/packed-sketch.ts'
import { SketchSum } from '../../shared/stats/sketch-sum.ts'

/** Windows are one minute long; their latencies repeat after so many minutes, so that sums can be made without reading windows back. */
const PATTERNS = 60
const REQUESTS = 60
export const MINUTE_MS = 60_000
export const DIGEST = 'a'.repeat(64)

/** What a store is filled with: every device has one window per minute. */
export interface Filling {
  devices: number
  minutes: number
  /** Begin of the first minute, a whole day. */
  from: number
}

/** Name of a device of the bench. */
export function deviceName(id: number): string {
  return `dev-${String(id).padStart(5, '0')}`
}

/** The latencies of one window of a pattern. */
export function latenciesOf(pattern: number): number[] {
  return Array.from({ length: REQUESTS }, (_, i) => (3 + (pattern % 7) / 4) * (0.8 + ((i * 37 + pattern) % 60) / 60) * (i === 7 ? 6 : 1))
}

function sketches(): Uint8Array[] {
  return Array.from({ length: PATTERNS }, (_, pattern) => {
    const sketch = LatencySketch.empty()
    for (const value of latenciesOf(pattern)) sketch.add(value)
    return packSketch(sketch.state())
  })
}

const patternOf = (device: number, minute: number): number => (device * 7 + minute) % PATTERNS

/** Fills a new store with windows, of which no sum knows; indexes are made at the end, which is some times faster for so many rows. */
export function fillWindows(db: WriteDb, { devices, minutes, from }: Filling, say: (text: string) => void): void {
  // Losing a bench to a power cut is no harm.
  db.pragma('synchronous = OFF')
  db.pragma('cache_size = -524288')
  const indexes = db
    .prepare<[], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'window' AND sql IS NOT NULL`,
    )
    .all()
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`)
  db.prepare('INSERT INTO subject VALUES (1, ?, ?, ?, ?)').run('main', DIGEST, 'digits', '1.0.0')
  db.exec(`INSERT INTO boot VALUES (1, 'boot-1')`)
  const device = db.prepare('INSERT INTO device VALUES (?, ?)')
  const spool = db.prepare('INSERT INTO spool (id, device, spool, through, first_received_at, last_received_at) VALUES (?, ?, ?, ?, 0, 0)')
  db.transaction(() => {
    for (let id = 1; id <= devices; id += 1) {
      device.run(id, deviceName(id))
      spool.run(id, deviceName(id), 'spool-1', minutes)
    }
  })()
  const latency = sketches()
  const insert =
    db.prepare(`INSERT INTO window (spool, seq, device, subject, boot, started_at, ended_at, covered_ms, requests, rows, errors,
    not_finite, cache_hits, cpu_ms, received_at, errors_by_cause, validation, latency)
    VALUES (?, ?, ?, 1, 1, ?, ?, ${MINUTE_MS}, ${REQUESTS}, ${REQUESTS}, 0, 0, 0, 12.5, ?, '{}', '{}', ?)`)
  for (let minute = 0; minute < minutes; minute += 1) {
    const at = from + minute * MINUTE_MS
    db.transaction(() => {
      // Devices do not close their windows at the same moment.
      for (let id = 1; id <= devices; id += 1)
        insert.run(
          id,
          minute + 1,
          id,
          at + (id % 60_000),
          at + (id % 60_000) + MINUTE_MS,
          at + 2 * MINUTE_MS,
          latency[patternOf(id, minute)]!,
        )
    })()
    if (minute % 1000 === 999) say(`  ${((minute + 1) * devices).toLocaleString('en')} windows`)
  }
  for (const { sql } of indexes) db.exec(sql)
}

/** Makes the sums of what `fillWindows` made, as the fold would. */
export function fillSums(db: WriteDb, { devices, minutes, from }: Filling): void {
  db.exec('DROP INDEX rollup_traffic_by_subject')
  const insert =
    db.prepare(`INSERT INTO rollup_traffic (level, bucket, device, subject, windows, first_at, last_at, covered_ms, requests, rows, errors,
    not_finite, cache_hits, cpu_ms, errors_by_cause, validation, latency) VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, '{}', '{}', ?)`)
  for (const level of LEVELS) fillLevel({ devices, minutes, from }, level, insert.run.bind(insert), (work) => db.transaction(work)())
  db.exec('CREATE UNIQUE INDEX rollup_traffic_by_subject ON rollup_traffic (level, bucket, device, subject)')
  db.exec(`UPDATE fold SET cursor = (SELECT max(id) FROM window) WHERE name = 'window'`)
}

function fillLevel(
  { devices, minutes, from }: Filling,
  level: Level,
  insert: (...values: unknown[]) => unknown,
  transact: (work: () => void) => void,
): void {
  const latency = sketches()
  const perBucket = level / MINUTE_MS
  const known = new Map<string, Uint8Array>()
  /** Sum of a run of patterns: there are few different ones. */
  const sumOf = (first: number, windows: number): Uint8Array => {
    const name = `${first} ${windows}`
    let packed = known.get(name)
    if (packed === undefined) {
      const sum = new SketchSum()
      for (let i = 0; i < windows; i += 1) sum.addPacked(latency[(first + i) % PATTERNS]!)
      known.set(name, (packed = sum.pack()))
    }
    return packed
  }
  for (let start = 0; start < minutes; start += perBucket) {
    const windows = Math.min(perBucket, minutes - start)
    const at = from + start * MINUTE_MS
    const end = at + (windows - 1) * MINUTE_MS
    transact(() => {
      const fleet = new SketchSum()
      const put = (device: number, count: number, latest: number, packed: Uint8Array): unknown =>
        insert(
          level,
          at / level,
          device,
          count,
          at + (device === FLEET ? 1 : device),
          latest,
          count * MINUTE_MS,
          count * REQUESTS,
          count * REQUESTS,
          count * 12.5,
          packed,
        )
      for (let id = 1; id <= devices; id += 1) {
        const packed = sumOf(patternOf(id, start), windows)
        fleet.addPacked(packed)
        put(id, windows, end + id + MINUTE_MS, packed)
      }
      put(FLEET, windows * devices, end + devices + MINUTE_MS, fleet.pack())
    })
  }
}
