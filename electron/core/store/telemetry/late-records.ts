import type { ReadDb } from '../open.ts'
import type { DevicePeriod } from './told-time.ts'

/** Records of a period that arrived after a time, of one device. */
export interface LateRecords {
  device: string
  records: number
}

/** An entry of a ledger may begin this long before it ends. */
const LONGEST_ENTRY_MS = 86_400_000

/** What is still kept as records says when it came; sums do not, so what is older than the records of its kind is not found. */
const questions = [
  `SELECT device.name AS device, count(*) AS records FROM window JOIN device ON device.id = window.device
    WHERE started_at >= @from AND started_at < @through AND received_at > @after
      AND device.name IN (SELECT value FROM json_each(@devices)) GROUP BY device.name`,
  `SELECT device, count(*) AS records FROM ledger
    WHERE device IN (SELECT value FROM json_each(@devices)) AND ended_at > @from AND ended_at < @last AND started_at < @through
      AND received_at > @after GROUP BY device`,
  `SELECT device, count(*) AS records FROM event
    WHERE device IN (SELECT value FROM json_each(@devices)) AND at >= @from AND at < @through AND received_at > @after GROUP BY device`,
  `SELECT label.device AS device, count(*) AS records FROM label JOIN labels ON labels.spool = label.spool AND labels.seq = label.seq
    WHERE label.device IN (SELECT value FROM json_each(@devices)) AND predicted_at >= @from AND predicted_at < @through
      AND labels.received_at > @after GROUP BY label.device`,
]

/** Records of a period that arrived after a time, by device. */
export function lateRecords(db: ReadDb, { devices, from, through, after }: DevicePeriod & { after: number }): LateRecords[] {
  const named = { devices: JSON.stringify(devices), from, through, after, last: through + LONGEST_ENTRY_MS }
  const counts = new Map<string, number>()
  for (const question of questions)
    for (const { device, records } of db.prepare<[typeof named], LateRecords>(question).all(named))
      counts.set(device, (counts.get(device) ?? 0) + records)
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([device, records]) => ({ device, records }))
}
