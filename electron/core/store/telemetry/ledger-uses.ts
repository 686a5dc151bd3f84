import type { ReadDb } from '../open.ts'
import { dayOf, type StoredUse } from './ledger-days.ts'
import { addCounts, type Causes } from './minute-sums.ts'

/** What a device used on a day (UTC). */
export interface DayUse {
  day: number
  device: string
  lastAt: number
  bytesIn: Causes
  bytesOut: Causes
  inferences: number
  cpuSeconds: number
  storedBytes: number
}

/** Days from the one of `from` to the one before `through`. */
export interface Period {
  from: number
  through: number
}

type RawDayUse = StoredUse & { day: number }

/** Calls `visit` for each device and day of a period, in the order of days. */
function eachDayUse(db: ReadDb, { from, through }: Period, visit: (use: DayUse) => void): void {
  const rows = db.prepare<[number, number], RawDayUse>(
    `SELECT day, device, last_at AS lastAt, bytes_in AS bytesIn, bytes_out AS bytesOut, inferences, cpu_seconds AS cpuSeconds,
      stored_bytes AS storedBytes FROM ledger_day WHERE day >= ? AND day <= ? ORDER BY day, device`,
  )
  for (const row of rows.iterate(dayOf(from), dayOf(through - 1))) {
    visit({ ...row, bytesIn: JSON.parse(row.bytesIn) as Causes, bytesOut: JSON.parse(row.bytesOut) as Causes })
  }
}

/** Rows of a day that are read at once: some milliseconds. */
const SOME_USES = 500

/** Calls `visit` for some devices of a day, by id. @param of.after behind this device @returns the last of them; null: there are no more */
export function someDayUse(db: ReadDb, { day, after }: { day: number; after: string }, visit: (use: DayUse) => void): string | null {
  const rows = db
    .prepare<[number, string], RawDayUse>(
      `SELECT day, device, last_at AS lastAt, bytes_in AS bytesIn, bytes_out AS bytesOut, inferences, cpu_seconds AS cpuSeconds,
        stored_bytes AS storedBytes FROM ledger_day WHERE day = ? AND device > ? ORDER BY device LIMIT ${SOME_USES}`,
    )
    .all(day, after)
  for (const row of rows) visit({ ...row, bytesIn: JSON.parse(row.bytesIn) as Causes, bytesOut: JSON.parse(row.bytesOut) as Causes })
  return rows.length < SOME_USES ? null : rows.at(-1)!.device
}

/** The first day of a period on which a device told of its use; null: there is none. */
export function nextDay(db: ReadDb, { from, through }: Period): number | null {
  return db
    .prepare<[number, number], number | null>('SELECT min(day) FROM ledger_day WHERE day >= ? AND day <= ?')
    .pluck()
    .get(dayOf(from), dayOf(through - 1))!
}

/** Traffic and computing of one entry, or of the days of one device. */
export interface Flow {
  device: string
  bytes: number
  cpuSeconds: number
}

/** Flows, and the place in the order of arrival up to which they are read. */
export interface Flows {
  flows: Flow[]
  place: number
}

/** What each device used in a period, with the place of the newest entry that is in it. Call within one snapshot. */
export function flowsOfDays(db: ReadDb, period: Period): Flows {
  const flows = new Map<string, Flow>()
  eachDayUse(db, period, (use) => {
    const flow = flows.get(use.device) ?? { device: use.device, bytes: 0, cpuSeconds: 0 }
    flows.set(use.device, flow)
    flow.bytes = addCounts(flow.bytes, bytesOf(use.bytesIn, use.bytesOut))
    flow.cpuSeconds += use.cpuSeconds
  })
  return { flows: [...flows.values()], place: newestPlace(db) }
}

/** Entries that arrived behind a place and end within a period. Call within one snapshot. */
export function flowsAfter(db: ReadDb, { after, from, through }: Period & { after: number }): Flows {
  const rows = db
    .prepare<[number, number, number], { device: string; bytesIn: string; bytesOut: string; cpuSeconds: number }>(
      `SELECT device, bytes_in AS bytesIn, bytes_out AS bytesOut, cpu_seconds AS cpuSeconds FROM ledger
      WHERE rowid > ? AND ended_at >= ? AND ended_at < ?`,
    )
    .all(after, from, through)
  const flows = rows.map(({ device, bytesIn, bytesOut, cpuSeconds }) => ({
    ...{ device, cpuSeconds },
    bytes: bytesOf(JSON.parse(bytesIn) as Causes, JSON.parse(bytesOut) as Causes),
  }))
  return { flows, place: newestPlace(db) }
}

function newestPlace(db: ReadDb): number {
  return db.prepare<[], number | null>('SELECT max(rowid) FROM ledger').pluck().get() ?? 0
}

function bytesOf(...causes: readonly Causes[]): number {
  return causes.flatMap((one) => Object.values(one)).reduce(addCounts, 0)
}

/** Bytes that lay on the disks of all devices, by day. */
export function storedByDay(db: ReadDb, { from, through }: Period): { day: number; bytes: number }[] {
  return db
    .prepare<[number, number], { day: number; bytes: number }>(
      'SELECT day, CAST(total(stored_bytes) AS INTEGER) AS bytes FROM ledger_day WHERE day >= ? AND day <= ? GROUP BY day ORDER BY day',
    )
    .all(dayOf(from), dayOf(through - 1))
}

/** An entry of a device with bytes of a cause that it received. */
export interface ReceivedEntry {
  place: number
  startedAt: number
  endedAt: number
  bytes: number
}

/** An entry may begin this long before it ends; of devices that slept a longer one is not looked for. */
const LONGEST_ENTRY_MS = 86_400_000

/** Entries of a device that overlap a span of time and have received bytes of a cause. */
export function receivedWithin(db: ReadDb, of: { device: string; cause: string; from: number; through: number }): ReceivedEntry[] {
  return db
    .prepare<[string, number, number, number], { place: number; startedAt: number; endedAt: number; bytesIn: string }>(
      `SELECT rowid AS place, started_at AS startedAt, ended_at AS endedAt, bytes_in AS bytesIn FROM ledger
      WHERE device = ? AND ended_at > ? AND ended_at < ? AND started_at <= ? ORDER BY ended_at`,
    )
    .all(of.device, of.from, of.through + LONGEST_ENTRY_MS, of.through)
    .flatMap(({ bytesIn, ...entry }) => {
      const bytes = (JSON.parse(bytesIn) as Causes)[of.cause] ?? 0
      return bytes === 0 ? [] : [{ ...entry, bytes }]
    })
}
