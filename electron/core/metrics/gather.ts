import { consoleCatalog } from '../../../shared/metrics/console-catalog.ts'
import { numbers, type Family } from '../../../shared/metrics/family.ts'
import type { BackupKeeper } from '../backup/keeper.ts'
import type { HubProcess } from '../hub/hub-process.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'
import { accuracyOfDay, type AccuracyOfDay } from './accuracy.ts'
import { hubFamilies, outsideFamilies, single, storeFamilies, trafficFamilies } from './console-figures.ts'
import type { OtlpCounts } from './exporter.ts'
import { fleetFamilies } from './fleet-figures.ts'
import type { FleetTraffic } from './fleet-traffic.ts'

/** What the metrics of the console are read from. */
export interface GatherParts {
  store: FleetStore
  telemetry: Pick<TelemetryQueries, 'fleetSeries' | 'storeFacts'>
  traffic: FleetTraffic
  hub(): Pick<HubProcess, 'broker' | 'counters'>
  backups(): Pick<BackupKeeper, 'since' | 'failure'>
  otlp(): OtlpCounts
  version: string
  startedAt: number
  now(): number
}

/** Several scrapers at once cost one reading. */
const FRESH_MS = 1000
/** A day of labels changes slowly, and costs the most. */
const ACCURACY_FRESH_MS = 60_000

/** Reads all metrics of the console; what was read within the last second is told again. */
export function openGathering(parts: GatherParts): () => Family[] {
  let last: { at: number; families: Family[] } | null = null
  let accuracy: { at: number; rows: AccuracyOfDay[] } | null = null
  const isFresh = (at: number, forMs: number): boolean => parts.now() >= at && parts.now() - at < forMs
  return () => {
    if (last !== null && isFresh(last.at, FRESH_MS)) return last.families
    if (accuracy === null || !isFresh(accuracy.at, ACCURACY_FRESH_MS))
      accuracy = { at: parts.now(), rows: accuracyOfDay(parts.telemetry, parts.now()) }
    last = { at: parts.now(), families: read(parts, accuracy.rows) }
    return last.families
  }
}

function read(parts: GatherParts, accuracy: readonly AccuracyOfDay[]): Family[] {
  const { store, telemetry, traffic, startedAt } = parts
  traffic.read()
  const hub = parts.hub()
  const { sent, dropped } = parts.otlp()
  const { user, system } = process.cpuUsage()
  const perSignal = (counts: OtlpCounts['sent']) =>
    (['metrics', 'logs'] as const).map((signal) => ({ labels: { signal }, value: counts[signal] }))
  return [
    numbers(consoleCatalog, 'muster_build_info', [{ labels: { version: parts.version }, value: 1 }]),
    ...fleetFamilies(store),
    ...trafficFamilies(traffic, accuracy),
    ...hubFamilies(hub),
    ...storeFamilies(store, { facts: telemetry.storeFacts(), ingestProblem: hub.counters.problem, backups: parts.backups() }),
    ...outsideFamilies(store),
    numbers(consoleCatalog, 'muster_otlp_sent_total', perSignal(sent)),
    numbers(consoleCatalog, 'muster_otlp_dropped_total', perSignal(dropped)),
    single('process_resident_memory_bytes', process.memoryUsage.rss()),
    single('process_cpu_seconds_total', (user + system) / 1e6),
    single('process_start_time_seconds', startedAt / 1000),
  ]
}
