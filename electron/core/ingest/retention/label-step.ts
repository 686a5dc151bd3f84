import type { WriteDb } from '../../store/open.ts'
import { LEVELS } from '../../store/telemetry/levels.ts'
import { STEP_ROWS, type RemoveStep } from './remove-steps.ts'

const [, HOUR, DAY] = LEVELS

/**
 * Labels with their sums per hour, in whole days: the sum of the day, made of its hours, stays for ever. A label that comes for such a day
 * later is not counted any more, because nothing tells what it replaces.
 */
export function labelStep(db: WriteDb): RemoveStep {
  const oldest = db.prepare<[number], { id: number; bucket: number; device: string | null; deployment: string; digest: string }>(
    `SELECT rollup_quality.id, bucket, device.name AS device, deployment, digest FROM rollup_quality
      JOIN subject ON subject.id = rollup_quality.subject LEFT JOIN device ON device.id = rollup_quality.device
    WHERE level = ${HOUR} AND bucket < ? LIMIT ${STEP_ROWS / 10}`,
  )
  const labels = db.prepare(
    'DELETE FROM label WHERE device = ? AND deployment = ? AND digest = ? AND predicted_at >= ? AND predicted_at < ?',
  )
  const sum = db.prepare('DELETE FROM rollup_quality WHERE id = ?')
  return (before, raise) => {
    const since = Math.floor(before / DAY) * DAY
    const rows = oldest.all(since / HOUR)
    if (rows.length > 0) raise(`quality ${HOUR}`, since)
    for (const { id, bucket, device, deployment, digest } of rows) {
      if (device !== null) labels.run(device, deployment, digest, bucket * HOUR, (bucket + 1) * HOUR)
      sum.run(id)
    }
    return rows.length > 0
  }
}
