import type { TelemetryQueries } from '../store/telemetry/queries.ts'
import type { Flow } from '../store/telemetry/ledger-uses.ts'

export type SpendSource = Pick<TelemetryQueries, 'flowsOfDays' | 'flowsAfter' | 'storedByDay'>

/** What the fleet has used in the month so far. */
export interface MonthUse {
  /** Sums by device, kept up as entries arrive. */
  flows: ReadonlyMap<string, Flow>
  stored: readonly { day: number; bytes: number }[]
}

/** Entries come every few minutes per device: a look more often would find next to nothing. */
const LOOK_EVERY_MS = 2000
/** What lies on the disks changes slowly, and is read from every device. */
const STORED_EVERY_MS = 60_000

/** The month (UTC, as the days of the ledger are) that a time belongs to. */
export function monthOf(at: number): { from: number; through: number } {
  const day = new Date(at)
  const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()]
  return { from: Date.UTC(year, month, 1), through: Date.UTC(year, month + 1, 1) }
}

/**
 * Keeps what was used this month. The whole month is read once; then only what arrived since, so that the engine of rollouts can ask at each step.
 */
export function openMonthUse(source: SpendSource): (now: number) => MonthUse {
  let month = 0
  let place = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  let storedAt = Number.NEGATIVE_INFINITY
  let flows = new Map<string, Flow>()
  let stored: MonthUse['stored'] = []
  /** The same object as long as nothing was read. */
  let last: MonthUse = { flows, stored }

  const readAll = (period: { from: number; through: number }): void => {
    const read = source.flowsOfDays(period)
    flows = new Map(read.flows.map((flow) => [flow.device, flow]))
    last = { flows, stored }
    place = read.place
    month = period.from
  }
  const readOn = (period: { from: number; through: number }): void => {
    const read = source.flowsAfter({ ...period, after: place })
    // The retention of entries took the newest away, and places begin anew.
    if (read.place < place) return readAll(period)
    for (const { device, bytes, cpuSeconds } of read.flows) {
      const sum = flows.get(device) ?? { device, bytes: 0, cpuSeconds: 0 }
      flows.set(device, { device, bytes: sum.bytes + bytes, cpuSeconds: sum.cpuSeconds + cpuSeconds })
    }
    place = read.place
    if (read.flows.length > 0) last = { flows, stored }
  }
  return (now) => {
    const period = monthOf(now)
    const isOther = month !== period.from
    if (isOther || now - lookedAt >= LOOK_EVERY_MS || now < lookedAt) {
      if (isOther) readAll(period)
      else readOn(period)
      lookedAt = now
    }
    if (isOther || now - storedAt >= STORED_EVERY_MS || now < storedAt) {
      stored = source.storedByDay(period)
      storedAt = now
      last = { flows, stored }
    }
    return last
  }
}
