import { openForReading, openForWriting, type OpenOptions, type ReadDb, type WriteDb } from '../open.ts'
import { telemetry0010 } from './migrations/0010-telemetry.ts'
import { telemetry0020 } from './migrations/0020-minutes.ts'
import { telemetry0030 } from './migrations/0030-beside.ts'
import { telemetry0040 } from './migrations/0040-slices.ts'
import { telemetry0050 } from './migrations/0050-shadow-periods.ts'
import { telemetry0060 } from './migrations/0060-subjects.ts'
import { telemetry0070 } from './migrations/0070-told-days.ts'
import { addSumFunctions } from './minute-sums.ts'

export const telemetryMigrations = [
  telemetry0010,
  telemetry0020,
  telemetry0030,
  telemetry0040,
  telemetry0050,
  telemetry0060,
  telemetry0070,
] as const

/** Opens telemetry.db for its only writer, the ingest thread of the hub. */
export function openTelemetryWriter(file: string, options: Omit<OpenOptions, 'prepare'> = {}): WriteDb {
  return openForWriting(file, telemetryMigrations, { ...options, prepare: addSumFunctions })
}

/** Opens telemetry.db for queries. */
export function openTelemetryReader(file: string): ReadDb {
  return openForReading(file)
}
