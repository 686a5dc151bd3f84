import type { WriteDb } from '../../store/open.ts'
import { packBody, unpackBody } from '../../store/telemetry/distribution-body.ts'
import { bucketOf, FLEET, LEVELS, type Level } from '../../store/telemetry/levels.ts'
import { DistributionSum } from '../../../../shared/stats/reference/distribution-sum.ts'
import { openCursor } from './cursor.ts'
import { FoldGroups } from './fold-groups.ts'
import type { Fold } from './fold.ts'

interface StoredDistribution {
  id: number
  device: number
  subject: number
  startedAt: number
  body: Uint8Array
}

/** A record costs some ten times what a window does. */
const SHARE = 10

/**
 * Adds distributions to the sums of their device (hours and days: five minutes of it are the record itself) and of the fleet.
 */
export function openDistributionFold(db: WriteDb): Fold {
  const cursor = openCursor(db, 'distribution')
  const next = db.prepare<[number, number], StoredDistribution>(
    'SELECT id, device, subject, started_at AS startedAt, body FROM distribution WHERE id > ? ORDER BY id LIMIT ?',
  )
  const put = prepareSums(db)
  return {
    waiting: () => cursor.waiting(),
    step(most) {
      const groups = new FoldGroups(LEVELS, () => new DistributionSum())
      let last = cursor.at()
      let count = 0
      for (const { id, device, subject, startedAt, body } of next.iterate(last, Math.max(1, Math.floor(most / SHARE)))) {
        const read = unpackBody(body)
        if (read !== null) groups.of({ device, subject, bucket: bucketOf(LEVELS[0], startedAt) }).add(read)
        last = id
        count += 1
      }
      if (count === 0) return 0
      for (const { level, bucket, device, subject, sum } of groups.all()) {
        if (device === FLEET || level !== LEVELS[0]) put({ level, bucket, device, subject }, sum)
      }
      cursor.advance(last)
      return count
    },
  }
}

function prepareSums(db: WriteDb): (key: { level: Level; bucket: number; device: number; subject: number }, sum: DistributionSum) => void {
  const find = db.prepare<[number, number, number, number], { id: number; body: Uint8Array }>(
    'SELECT id, body FROM rollup_distribution WHERE level = ? AND bucket = ? AND device = ? AND subject = ?',
  )
  const insert = db.prepare('INSERT INTO rollup_distribution (level, bucket, device, subject, rows, body) VALUES (?, ?, ?, ?, ?, ?)')
  const update = db.prepare('UPDATE rollup_distribution SET rows = ?, body = ? WHERE id = ?')
  return ({ level, bucket, device, subject }, sum) => {
    const before = find.get(level, bucket, device, subject)
    const read = before === undefined ? null : unpackBody(before.body)
    if (read !== null) sum.add(read)
    const packed = sum.packed()
    if (before === undefined) insert.run(level, bucket, device, subject, packed.rows, packBody(packed))
    else update.run(packed.rows, packBody(packed), before.id)
  }
}
