import type { WriteDb } from '../../store/open.ts'
import { bucketOf, LEVELS, type Level } from '../../store/telemetry/levels.ts'
import { rollUpColumns, TrafficSum, windowColumns, type StoredTraffic } from '../../store/telemetry/traffic-sum.ts'
import { openCursor } from './cursor.ts'
import { FoldGroups } from './fold-groups.ts'
import type { Fold } from './fold.ts'

/** Adds windows to the sums of their device and of the fleet, per 5 minutes, hour and day of the time at which they count. */
export function openTrafficFold(db: WriteDb): Fold {
  const cursor = openCursor(db, 'window')
  const next = db.prepare<[number, number], StoredTraffic & { id: number; device: number; subject: number }>(
    `SELECT id, device, subject, ${windowColumns} FROM window WHERE id > ? ORDER BY id LIMIT ?`,
  )
  const put = prepareSums(db)
  return {
    waiting: () => cursor.waiting(),
    step(most) {
      const from = cursor.at()
      const groups = new FoldGroups(LEVELS, () => new TrafficSum())
      let last = from
      let count = 0
      for (const { id, device, subject, ...row } of next.iterate(from, most)) {
        groups.of({ device, subject, bucket: bucketOf(LEVELS[0], row.firstAt) }).add(row)
        last = id
        count += 1
      }
      if (count === 0) return 0
      for (const { level, bucket, device, subject, sum } of groups.all()) put({ level, bucket, device, subject }, sum)
      cursor.advance(last)
      return count
    },
  }
}

interface SumKey {
  level: Level
  bucket: number
  device: number
  subject: number
}

function prepareSums(db: WriteDb): (key: SumKey, sum: TrafficSum) => void {
  const find = db.prepare<[number, number, number, number], StoredTraffic & { id: number }>(
    `SELECT id, ${rollUpColumns} FROM rollup_traffic WHERE level = ? AND bucket = ? AND device = ? AND subject = ?`,
  )
  const insert = db.prepare(`INSERT INTO rollup_traffic (level, bucket, device, subject, windows, first_at, last_at, covered_ms, requests,
      rows, errors, not_finite, cache_hits, cpu_ms, errors_by_cause, validation, latency)
    VALUES (@level, @bucket, @device, @subject, @windows, @firstAt, @lastAt, @coveredMs, @requests,
      @rows, @errors, @notFinite, @cacheHits, @cpuMs, @causes, @validation, @latency)`)
  const update = db.prepare(`UPDATE rollup_traffic SET windows = @windows, first_at = @firstAt, last_at = @lastAt, covered_ms = @coveredMs,
    requests = @requests, rows = @rows, errors = @errors, not_finite = @notFinite, cache_hits = @cacheHits, cpu_ms = @cpuMs,
    errors_by_cause = @causes, validation = @validation, latency = @latency WHERE id = @id`)
  return (key, sum) => {
    const before = find.get(key.level, key.bucket, key.device, key.subject)
    if (before === undefined) {
      insert.run({ ...key, ...sum.stored() })
      return
    }
    sum.add(before)
    update.run({ id: before.id, ...sum.stored() })
  }
}
