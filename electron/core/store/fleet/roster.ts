import type { WriteDb } from '../open.ts'
import type { DeploymentRow } from './deployments.ts'
import type { DeviceRow } from './devices.ts'
import { judgedAgain, prepareRosterRows, type RosterEntry } from './roster-rows.ts'

/**
 * All devices with their orders in memory: a list of 10,000 devices reads and parses only what changed since the last one.
 *
 * INVARIANTS
 * 1. Temporary triggers note every device whose rows change on this connection, in the transaction of the change: a rollback takes the
 *    note back with the change. What another connection commits is seen by `data_version`, and everything is read anew.
 * 2. Within a transaction nothing is kept: what was read there may be rolled back.
 * 3. So what is kept is what was committed, whatever fails.
 */
export interface Roster {
  /** By id. */
  all(): readonly RosterEntry[]
  entry(device: string): RosterEntry | null
  find(device: string): DeviceRow | null
  ordersOf(device: string): readonly DeploymentRow[]
  /** Devices whose rows were changed since `all` was called outside of a transaction, by id. */
  touched(): string[]
}

interface Touched {
  device: string
  /** 1 if what the device reported may have changed, not only the rest of its row. */
  report: 0 | 1
}

/** Notes into `temp.touched`. The upsert keeps it no larger than the fleet, also where nobody reads for days. */
const watch = (table: string, event: string, row: 'NEW' | 'OLD', report: 0 | 1): string => `
CREATE TEMP TRIGGER IF NOT EXISTS touch_${table}_${event.replaceAll(' ', '_')} AFTER ${event} ON main.${table} BEGIN
  INSERT INTO touched (device, report) VALUES (${row}.device, ${report})
    ON CONFLICT (device) DO UPDATE SET report = max(report, excluded.report);
END;`

const watching = [
  'CREATE TEMP TABLE IF NOT EXISTS touched (device TEXT PRIMARY KEY, report INTEGER NOT NULL) WITHOUT ROWID;',
  watch('device', 'INSERT', 'NEW', 1),
  watch('device', 'UPDATE', 'NEW', 0),
  watch('device', 'UPDATE OF reported', 'NEW', 1),
  watch('device', 'DELETE', 'OLD', 1),
  ...['deployment', 'beside', 'assignment', 'device_note', 'device_trust'].flatMap((table) => [
    watch(table, 'INSERT', 'NEW', 0),
    watch(table, 'UPDATE', 'NEW', 0),
    watch(table, 'DELETE', 'OLD', 0),
  ]),
].join('')

const nobody: ReadonlySet<string> = new Set()

/** Beyond so many devices, two scans are faster than a search for each. */
const MANY = 1000

/**
 * Opens the roster of a fleet.db; one per connection.
 * @param droppingDevices the same set as long as nothing changed
 */
export function openRoster(db: WriteDb, droppingDevices: () => ReadonlySet<string> = () => nobody): Roster {
  db.pragma('temp_store = MEMORY')
  db.exec(watching)
  const rows = prepareRosterRows(db)
  const dataVersion = db.prepare<[], number>('PRAGMA data_version').pluck()
  const allTouched = db.prepare<[], Touched>('SELECT device, report FROM touched ORDER BY device')
  const oneTouched = db.prepare<[string], Touched>('SELECT device, report FROM touched WHERE device = ?')
  const forgetTouched = db.prepare('DELETE FROM touched')

  const kept = new Map<string, RosterEntry>()
  let sorted: readonly RosterEntry[] = []
  let version: number | null = null
  let dropping = nobody

  const isCurrent = (): boolean => version !== null && version === dataVersion.get()
  const readAgain = ({ device, report }: Touched): RosterEntry | null => {
    const known = report === 0 ? kept.get(device) : undefined
    return known === undefined ? rows.one(device, dropping) : rows.again(known, dropping)
  }
  const readTouched = (into: Map<string, RosterEntry>, touched: readonly Touched[]): void => {
    if (touched.length > MANY) {
      const reports = new Set(touched.filter(({ report }) => report === 1).map(({ device }) => device))
      const all = rows.allAgain((device) => (reports.has(device) ? undefined : kept.get(device)), dropping)
      into.clear()
      for (const entry of all) into.set(entry.row.device, entry)
      return
    }
    for (const one of touched) {
      const entry = readAgain(one)
      if (entry === null) into.delete(one.device)
      else into.set(one.device, entry)
    }
  }

  function refresh(): void {
    const before = dropping
    dropping = droppingDevices()
    const now = dataVersion.get() ?? 0
    if (version !== now) {
      kept.clear()
      for (const entry of rows.all(dropping)) kept.set(entry.row.device, entry)
      sorted = [...kept.values()]
      version = now
      forgetTouched.run()
      return
    }
    const touched = allTouched.all()
    if (touched.length === 0 && dropping === before) return
    readTouched(kept, touched)
    for (const device of new Set([...before, ...dropping])) {
      const entry = dropping === before ? undefined : kept.get(device)
      if (entry !== undefined) kept.set(device, judgedAgain(entry, dropping))
    }
    sorted = byId(kept)
    if (touched.length > 0) forgetTouched.run()
  }

  /** The devices as the running transaction sees them; nothing of it is kept. */
  function seenWithin(): readonly RosterEntry[] {
    if (!isCurrent()) return rows.all(dropping)
    const touched = allTouched.all()
    if (touched.length === 0) return sorted
    const seen = new Map(kept)
    readTouched(seen, touched)
    return byId(seen)
  }

  function entry(device: string): RosterEntry | null {
    if (!isCurrent()) return rows.one(device, dropping)
    const touched = oneTouched.get(device)
    return touched === undefined ? (kept.get(device) ?? null) : readAgain(touched)
  }

  function ordersOf(device: string): readonly DeploymentRow[] {
    const isKept = isCurrent() && oneTouched.get(device) === undefined
    return isKept ? (kept.get(device)?.orders ?? []) : rows.orders(device)
  }

  return {
    all() {
      if (db.inTransaction) return seenWithin()
      refresh()
      return sorted
    },
    entry,
    find: (device) => entry(device)?.row ?? null,
    ordersOf,
    touched: () => allTouched.all().map((one) => one.device),
  }
}

/** The keys keep the order of the first reading; a device that came later stands at the end until it is sorted in. */
function byId(entries: ReadonlyMap<string, RosterEntry>): RosterEntry[] {
  return [...entries.values()].sort((a, b) => (a.row.device < b.row.device ? -1 : 1))
}
