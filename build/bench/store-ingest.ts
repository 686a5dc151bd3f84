import { prepareApply } from '../../electron/core/ingest/apply-batch.ts'
import { openFolder } from '../../electron/core/ingest/fold/folder.ts'
import { openGapWatch } from '../../electron/core/ingest/gap-watch.ts'
import { readBatch } from '../../electron/core/ingest/read-batch.ts'
import { openRollUp } from '../../electron/core/ingest/roll-up.ts'
import type { WriteDb } from '../../electron/core/store/open.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { DIGEST, latenciesOf, MINUTE_MS } from './store-fill.ts'

const DEVICES = 1000
/** Windows of one device in one batch, as after a short time without connection. */
const PER_BATCH = 5
const BATCHES_PER_COMMIT = 100
/** Any whole day. */
const FROM = 1_800_000_000_000 - (1_800_000_000_000 % 86_400_000)

/** Windows per second into an empty store, each commit synced to the disk. */
export interface StoreIngest {
  windows: number
  /** Only the insert of rows that are there already, without sums of any kind. */
  bareInsertPerSecond: number
  /** As the writer does it: parse, check, store, sums per minute. */
  writerPerSecond: number
  /** The same with the sums of slices. */
  withSumsPerSecond: number
}

/** Stores the same windows in three ways. @param fileOf a new file by name */
export function benchStoreIngest(fileOf: (name: string) => string, rounds = 8): StoreIngest {
  const windows = DEVICES * PER_BATCH * rounds
  const payloads = batches(rounds)
  const timed = (name: string, work: (db: WriteDb) => void): number => {
    const db = openTelemetryWriter(fileOf(name))
    try {
      const startedAt = performance.now()
      work(db)
      return (windows * 1000) / (performance.now() - startedAt)
    } finally {
      db.close()
    }
  }
  const writerPerSecond = timed('writer.db', (db) => store(db, payloads, false))
  const withSumsPerSecond = timed('sums.db', (db) => store(db, payloads, true))
  const rows = rowsOf(fileOf('writer.db'))
  return { windows, bareInsertPerSecond: timed('bare.db', (db) => insertRows(db, rows)), writerPerSecond, withSumsPerSecond }
}

function batches(rounds: number): { device: string; payload: Buffer }[] {
  const made: { device: string; payload: Buffer }[] = []
  const sketches = Array.from({ length: 60 }, (_, pattern) => {
    const sketch = LatencySketch.empty()
    for (const value of latenciesOf(pattern)) sketch.add(value)
    return sketch.state()
  })
  for (let round = 0; round < rounds; round += 1) {
    for (let id = 0; id < DEVICES; id += 1) {
      const device = `dev-${id}`
      const records = Array.from({ length: PER_BATCH }, (_, i) => {
        const minute = round * PER_BATCH + i
        const startedAt = FROM + minute * MINUTE_MS
        const subject = { deployment: 'main', digest: DIGEST, model: 'digits', version: '1.0.0' }
        const counts = { startedAt, endedAt: startedAt + MINUTE_MS, coveredMs: MINUTE_MS, requests: 60, rows: 60, errors: {}, cpuMs: 12.5 }
        const body = { ...subject, ...counts, latencyMs: sketches[(id * 7 + minute) % 60]! }
        return { seq: minute + 1, kind: 'window', boot: 'boot-1', measuredAt: startedAt, monotonicMs: 0, body }
      })
      const head = { v: 1, sentAt: FROM, device, spool: 'spool-1', from: records[0]!.seq, through: records.at(-1)!.seq }
      made.push({ device, payload: Buffer.from(JSON.stringify({ ...head, records })) })
    }
  }
  return made
}

function store(db: WriteDb, payloads: readonly { device: string; payload: Buffer }[], withSums: boolean): void {
  const rollUp = openRollUp(db)
  const apply = prepareApply(db, openGapWatch(), rollUp)
  const folder = openFolder(db, () => performance.now())
  for (let at = 0; at < payloads.length; at += BATCHES_PER_COMMIT) {
    db.transaction(() => {
      rollUp.clear()
      for (const { device, payload } of payloads.slice(at, at + BATCHES_PER_COMMIT))
        db.transaction(() => apply(readBatch(device, payload, FROM + 3_600_000), 0))()
      rollUp.write()
    }).immediate()
    // As often as the writer would with this load: every two seconds or so.
    if (withSums && at % (20 * BATCHES_PER_COMMIT) === 0) while (folder.step());
  }
  if (withSums) while (folder.step());
}

function rowsOf(file: string): unknown[][] {
  const db = openTelemetryWriter(file)
  try {
    return db.prepare<[], unknown[]>('SELECT * FROM window ORDER BY id').raw().all()
  } finally {
    db.close()
  }
}

function insertRows(db: WriteDb, rows: readonly unknown[][]): void {
  db.pragma('foreign_keys = OFF')
  const insert = db.prepare(`INSERT INTO window VALUES (${rows[0]!.map(() => '?').join(', ')})`)
  for (let at = 0; at < rows.length; at += 500)
    db.transaction(() => rows.slice(at, at + 500).forEach((row) => insert.run(...row))).immediate()
}
