import { fleetMigrations } from '../store/fleet/open.ts'
import { telemetryMigrations } from '../store/telemetry/open.ts'

/** The newest schemas that this version knows. */
export function newestSchemas(): { fleet: number; telemetry: number } {
  return { fleet: fleetMigrations.at(-1)!.id, telemetry: telemetryMigrations.at(-1)!.id }
}
