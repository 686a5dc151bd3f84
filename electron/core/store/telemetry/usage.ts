import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { ReadDb } from '../open.ts'
import { DAY_MS, dayOf, type StoredUse } from './ledger-days.ts'
import { addCauses, addCounts, type Causes } from './minute-sums.ts'

type Usage = Omit<ResultOf<'telemetry.usage'>, 'from' | 'through'>
type DeviceUse = Usage['devices'][number]

export interface UsageQuestion {
  /** null: all. */
  devices: ReadonlySet<string> | null
  from: number
  /** Exclusive. */
  through: number
  limit: number
}

/** What devices used in whole days (UTC), by device and by cause. */
export function usageOfFleet(db: ReadDb, question: UsageQuestion): Usage {
  const rows = db.prepare<[number, number], StoredUse>(
    `SELECT device, last_at AS lastAt, bytes_in AS bytesIn, bytes_out AS bytesOut, inferences, cpu_seconds AS cpuSeconds,
      stored_bytes AS storedBytes FROM ledger_day WHERE day >= ? AND day <= ?`,
  )
  return summed(rows.iterate(dayOf(question.from), dayOf(question.through - 1)), question)
}

/** What one device used, from its own entries that end within the period. */
export function usageOfDevice(db: ReadDb, device: string, question: Omit<UsageQuestion, 'devices'>): Usage {
  const rows = db.prepare<[string, number, number], StoredUse>(
    `SELECT device, ended_at AS lastAt, bytes_in AS bytesIn, bytes_out AS bytesOut, inferences, cpu_seconds AS cpuSeconds,
      stored_bytes AS storedBytes FROM ledger WHERE device = ? AND ended_at >= ? AND ended_at < ? ORDER BY ended_at`,
  )
  return summed(rows.iterate(device, question.from, question.through), { ...question, devices: null })
}

/** The period as whole days that cover it. */
export function wholeDays({ from, through }: { from: number; through: number }): { from: number; through: number } {
  return { from: dayOf(from) * DAY_MS, through: (dayOf(Math.max(from, through - 1)) + 1) * DAY_MS }
}

function summed(rows: Iterable<StoredUse>, { devices, limit }: Pick<UsageQuestion, 'devices' | 'limit'>): Usage {
  const byDevice = new Map<string, DeviceUse & { lastAt: number }>()
  let bytesIn: Causes = {}
  let bytesOut: Causes = {}
  for (const row of rows) {
    if (devices?.has(row.device) === false) continue
    const received = JSON.parse(row.bytesIn) as Causes
    const sent = JSON.parse(row.bytesOut) as Causes
    bytesIn = addCauses(bytesIn, received)
    bytesOut = addCauses(bytesOut, sent)
    const use = byDevice.get(row.device) ?? {
      ...{ device: row.device, bytesIn: 0, bytesOut: 0, inferences: 0, cpuSeconds: 0, storedBytes: 0, lastAt: 0 },
    }
    use.bytesIn = addCounts(use.bytesIn, total(received))
    use.bytesOut = addCounts(use.bytesOut, total(sent))
    use.inferences = addCounts(use.inferences, row.inferences)
    use.cpuSeconds += row.cpuSeconds
    // What is stored is a state, and no flow: the newest counts.
    if (row.lastAt >= use.lastAt) Object.assign(use, { storedBytes: row.storedBytes, lastAt: row.lastAt })
    byDevice.set(row.device, use)
  }
  const all = [...byDevice.values()].map(plainUse)
  return {
    bytesIn: byCause(bytesIn),
    bytesOut: byCause(bytesOut),
    inferences: all.reduce((sum, use) => addCounts(sum, use.inferences), 0),
    cpuSeconds: all.reduce((sum, use) => sum + use.cpuSeconds, 0),
    storedBytes: all.reduce((sum, use) => addCounts(sum, use.storedBytes), 0),
    totalDevices: all.length,
    devices: all.sort((a, b) => b.bytesIn + b.bytesOut - (a.bytesIn + a.bytesOut)).slice(0, limit),
  }
}

function total(causes: Causes): number {
  return Object.values(causes).reduce(addCounts, 0)
}

function byCause(causes: Causes): Usage['bytesIn'] {
  return Object.entries(causes)
    .map(([cause, bytes]) => ({ cause, bytes }))
    .sort((a, b) => b.bytes - a.bytes)
}

/** Without the time that only the sum needs. */
function plainUse({ device, bytesIn, bytesOut, inferences, cpuSeconds, storedBytes }: DeviceUse): DeviceUse {
  return { device, bytesIn, bytesOut, inferences, cpuSeconds, storedBytes }
}
