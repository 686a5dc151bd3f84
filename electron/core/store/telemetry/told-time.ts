import type { ReadDb } from '../open.ts'
import { DAY_MS } from './ledger-days.ts'

/** Which devices, and when; the end is exclusive. */
export interface DevicePeriod {
  devices: readonly string[]
  from: number
  through: number
}

/** An entry of a ledger may begin this long before it ends. */
const LONGEST_ENTRY_MS = 86_400_000

/**
 * How long the agents of devices ran within a period, ms: whole days (UTC) from their sums, the ends from the entries of ledgers, which follow each other
 * without a gap while an agent runs.
 */
export function toldTime(db: ReadDb, { devices, from, through }: DevicePeriod): Map<string, number> {
  const [firstDay, lastDay] = [Math.ceil(from / DAY_MS), Math.floor(through / DAY_MS)]
  if (firstDay >= lastDay) return entryTime(db, { devices, from, through })
  const told = dayTime(db, { devices, from: firstDay, through: lastDay })
  for (const end of [
    { from, through: firstDay * DAY_MS },
    { from: lastDay * DAY_MS, through },
  ])
    if (end.from < end.through)
      for (const [device, ms] of entryTime(db, { devices, ...end })) told.set(device, (told.get(device) ?? 0) + ms)
  return told
}

/** Clocks that were set back may tell of a day twice: no day is longer than it is. */
function dayTime(db: ReadDb, { devices, from, through }: DevicePeriod): Map<string, number> {
  const rows = db
    .prepare<{ devices: string; from: number; through: number }, { device: string; ms: number }>(
      `SELECT told.device AS device, sum(min(told.ms, ${DAY_MS})) AS ms FROM json_each(@devices) AS d CROSS JOIN told_day AS told
      ON told.device = d.value AND told.day >= @from AND told.day < @through GROUP BY told.device`,
    )
    .all({ devices: JSON.stringify(devices), from, through })
  return new Map(rows.map(({ device, ms }) => [device, ms]))
}

function entryTime(db: ReadDb, { devices, from, through }: DevicePeriod): Map<string, number> {
  const rows = db
    .prepare<{ devices: string; from: number; through: number; last: number }, { device: string; ms: number }>(
      `SELECT device, CAST(min(total(min(ended_at, @through) - max(started_at, @from)), @through - @from) AS INTEGER) AS ms FROM ledger
      WHERE device IN (SELECT value FROM json_each(@devices)) AND ended_at > @from AND ended_at < @last AND started_at < @through
      GROUP BY device`,
    )
    .all({ devices: JSON.stringify(devices), from, through, last: through + LONGEST_ENTRY_MS })
  return new Map(rows.map(({ device, ms }) => [device, ms]))
}

/** Events of one kind of one device. */
export interface EventCount {
  device: string
  name: string
  severity: string
  events: number
}

/** How often devices told of what, in a period. */
export function eventCounts(db: ReadDb, { devices, from, through }: DevicePeriod): EventCount[] {
  return db
    .prepare<{ devices: string; from: number; through: number }, EventCount>(
      `SELECT device, name, severity, count(*) AS events FROM event
      WHERE device IN (SELECT value FROM json_each(@devices)) AND at >= @from AND at < @through
      GROUP BY device, name, severity ORDER BY device, name`,
    )
    .all({ devices: JSON.stringify(devices), from, through })
}
