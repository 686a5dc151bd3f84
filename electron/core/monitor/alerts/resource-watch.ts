import type { ResourcesBody } from '../../../../shared/protocol/telemetry.ts'
import type { TelemetryQueries } from '../../store/telemetry/queries.ts'

/** Readings of one device that are kept: at one a minute more than an hour. */
const MOST_KEPT = 90
/** Readings that are taken in at once. */
const PAGE = 5000
/** After a start, so many of the newest are read. */
const AT_START = 20_000

/** A reading of a machine. */
export interface MachineReading {
  at: number
  body: ResourcesBody
}

/** The last readings of the machines, taken in as they arrive: a rule over many devices asks no database. */
export interface ResourceWatch {
  /** Readings of a device at or after a time, the oldest first. */
  since(device: string, at: number): readonly MachineReading[]
  /** Takes in what has arrived. */
  refresh(): void
  forget(device: string): void
}

/** Begins to watch. */
export function watchResources(telemetry: Pick<TelemetryQueries, 'arrivedResources' | 'newestArrival'>): ResourceWatch {
  const kept = new Map<string, MachineReading[]>()
  let place: number | null = null
  return {
    since: (device, at) => (kept.get(device) ?? []).filter((reading) => reading.at >= at),
    refresh() {
      const newest = telemetry.newestArrival('resources')
      // A file that was replaced begins anew.
      if (place === null || newest < place) place = Math.max(0, newest - AT_START)
      if (newest === place) return
      for (const row of telemetry.arrivedResources({ after: place, limit: PAGE })) {
        place = row.place
        const readings = kept.get(row.device) ?? []
        kept.set(row.device, readings)
        readings.push({ at: row.at, body: row.body })
        // A spool is emptied in order, but a second one may hold older readings.
        if (readings.length > 1 && readings.at(-2)!.at > row.at) readings.sort((a, b) => a.at - b.at)
        if (readings.length > MOST_KEPT) readings.shift()
      }
    },
    forget: (device) => void kept.delete(device),
  }
}
