import type { WriteDb } from '../../store/open.ts'
import { FLEET, LEVELS, type Level } from '../../store/telemetry/levels.ts'
import { prepareLabelRows } from '../../store/telemetry/label-rows.ts'
import { packQuality } from '../../store/telemetry/quality-body.ts'
import { QualitySum, qualityColumns, type StoredQuality } from '../../store/telemetry/quality-sum.ts'
import { retainedSince } from '../../store/telemetry/retained.ts'
import type { Fold } from './fold.ts'

const [, HOUR, DAY] = LEVELS
/** An hour of labels costs about what so many windows do. */
const SHARE = 50

interface Dirty {
  hour: number
  device: number
  subject: number
}

/**
 * Makes the sums of labels anew where labels changed: an hour of a device from its labels, a day from its hours, the fleet from its devices.
 * A label may be replaced by a later one, so its part cannot be added once and for all; sums that were subtracted from would drift. What
 * is `dirty` is read from the labels themselves until then.
 */
export function openQualityFold(db: WriteDb): Fold {
  const waiting = db.prepare<[], number>('SELECT count(*) FROM (SELECT 1 FROM dirty_quality LIMIT 1000)').pluck()
  // Devices of one hour together: the fleet's sum of it is made once for all of them.
  const next = db.prepare<[number], Dirty>('SELECT hour, device, subject FROM dirty_quality ORDER BY hour DESC LIMIT ?')
  const done = db.prepare('DELETE FROM dirty_quality WHERE hour = ? AND device = ? AND subject = ?')
  const left = db.prepare<[number, number], number>('SELECT 1 FROM dirty_quality WHERE hour = ? AND subject = ? LIMIT 1').pluck()
  const rows = openQualityRows(db)
  return {
    waiting: () => waiting.get() ?? 0,
    step(most) {
      const since = retainedSince(db).get(`quality ${HOUR}`) ?? Number.NEGATIVE_INFINITY
      const dirty = next.all(Math.max(1, Math.floor(most / SHARE)))
      const hours = new Map<string, { bucket: number; subject: number }>()
      const days = new Map<string, { bucket: number; device: number; subject: number }>()
      for (const { hour, device, subject } of dirty) {
        if (hour * HOUR < since) {
          // The other labels of this time are gone: a sum of what is left would replace theirs.
          rows.forget({ hour, device, subject })
          done.run(hour, device, subject)
          continue
        }
        rows.put({ level: HOUR, bucket: hour, device, subject }, rows.fromLabels({ hour, device, subject }))
        done.run(hour, device, subject)
        hours.set(`${hour} ${subject}`, { bucket: hour, subject })
        const day = Math.floor((hour * HOUR) / DAY)
        days.set(`${day} ${device} ${subject}`, { bucket: day, device, subject })
      }
      for (const key of days.values()) rows.put({ level: DAY, ...key }, rows.ofHours(key))
      for (const key of hours.values()) {
        // The fleet waits for the last of its devices: else an hour of ten thousand would be summed up a thousand times.
        if (left.get(key.bucket, key.subject) !== undefined) continue
        rows.put({ level: HOUR, device: FLEET, ...key }, rows.ofDevices(key))
        const day = { bucket: Math.floor((key.bucket * HOUR) / DAY), device: FLEET, subject: key.subject }
        rows.put({ level: DAY, ...day }, rows.ofHours(day))
      }
      return dirty.length
    },
  }
}

type SumKey = { level: Level; bucket: number; device: number; subject: number }

function openQualityRows(db: WriteDb) {
  const labels = prepareLabelRows(db)
  const columns = `SELECT ${qualityColumns} FROM rollup_quality`
  const hours = db.prepare<number[], StoredQuality>(
    `${columns} WHERE level = ${HOUR} AND bucket >= ? AND bucket < ? AND device = ? AND subject = ? ORDER BY bucket`,
  )
  const devices = db.prepare<number[], StoredQuality>(
    `${columns} WHERE level = ${HOUR} AND bucket = ? AND device > ${FLEET} AND subject = ? ORDER BY device`,
  )
  const forget = db.prepare(`DELETE FROM label WHERE device = (SELECT name FROM device WHERE id = ?)
    AND deployment = (SELECT deployment FROM subject WHERE id = ?) AND digest = (SELECT digest FROM subject WHERE id = ?)
    AND predicted_at >= ? AND predicted_at < ?`)
  const remove = db.prepare('DELETE FROM rollup_quality WHERE level = ? AND bucket = ? AND device = ? AND subject = ?')
  const put = db.prepare(`INSERT INTO rollup_quality (level, bucket, device, subject, first_at, last_at, body) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (level, bucket, device, subject) DO UPDATE SET first_at = excluded.first_at, last_at = excluded.last_at, body = excluded.body`)
  return {
    fromLabels({ hour, device, subject }: Dirty): QualitySum {
      const sum = new QualitySum()
      for (const label of labels({ device, subject, from: hour * HOUR, through: (hour + 1) * HOUR })) sum.addLabel(label)
      return sum
    },
    ofHours({ bucket, device, subject }: { bucket: number; device: number; subject: number }): QualitySum {
      const perDay = DAY / HOUR
      return sumOf(hours.iterate(bucket * perDay, (bucket + 1) * perDay, device, subject))
    },
    ofDevices: ({ bucket, subject }: { bucket: number; subject: number }): QualitySum => sumOf(devices.iterate(bucket, subject)),
    forget: ({ hour, device, subject }: Dirty): void => void forget.run(device, subject, subject, hour * HOUR, (hour + 1) * HOUR),
    put({ level, bucket, device, subject }: SumKey, { state, firstAt, lastAt }: QualitySum): void {
      if (state.rows === 0) remove.run(level, bucket, device, subject)
      else put.run(level, bucket, device, subject, firstAt, lastAt, packQuality(state))
    },
  }
}

function sumOf(rows: Iterable<StoredQuality>): QualitySum {
  const sum = new QualitySum()
  for (const row of rows) sum.add(row)
  return sum
}
