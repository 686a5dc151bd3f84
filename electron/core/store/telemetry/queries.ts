import { existsSync } from 'node:fs'
import { errorCodeOf } from '../../../../shared/domain/problem.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { wilsonInterval } from '../../../../shared/stats/proportion-interval.ts'
import { sketchState } from '../../../../shared/protocol/telemetry.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { TelemetrySeries } from '../../../../shared/rpc/contract/telemetry-series.ts'
import type { ReadDb } from '../open.ts'
import { deviceSeries } from './device-series.ts'
import { eventsOfDevice, eventsOfFleet, type StoredEvent } from './events.ts'
import { fleetMinutes, fleetSeries, versionRequests, type MinuteSum, type VersionRequests } from './fleet-series.ts'
import type { Grid } from './grid.ts'
import { openTelemetryReader, telemetryMigrations } from './open.ts'
import { resourcesOf } from './resources.ts'
import { shadowComparisons, type ShadowQuestion } from './shadows.ts'
import { usageOfDevice, usageOfFleet, type UsageQuestion } from './usage.ts'

type SummaryRow = ResultOf<'telemetry.summary'>['rows'][number]
type LedgerRow = ResultOf<'telemetry.ledger'>['spools'][number]

interface WindowRow {
  device: string
  deployment: string
  digest: string
  model: string
  version: string
  startedAt: number
  endedAt: number
  coveredMs: number
  requests: number
  rows: number
  errors: number
  errorsByCause: string
  latency: string
}

interface QualityRow {
  device: string
  deployment: string
  digest: string
  model: string
  version: string
  labelled: number
  classified: number
  correct: number
  measured: number
  absoluteError: number | null
  firstAt: number
  lastAt: number
}

type Question<Of extends (db: ReadDb, question: never) => unknown> = Parameters<Of>[1]

export interface TelemetryQueries {
  summary(options: { devices: ReadonlySet<string> | null; from: number; through: number; by: 'device' | 'version' }): SummaryRow[]
  ledger(device: string | null): LedgerRow[]
  eventsOfDevice(question: Question<typeof eventsOfDevice>): StoredEvent[]
  eventsOfFleet(question: Question<typeof eventsOfFleet>): StoredEvent[]
  fleetSeries(grid: Grid, options: Parameters<typeof fleetSeries>[2]): TelemetrySeries[]
  deviceSeries(grid: Grid, options: Parameters<typeof deviceSeries>[2]): TelemetrySeries[]
  versionRequests(grid: Grid): VersionRequests[]
  fleetMinutes(grid: Grid): (MinuteSum | undefined)[]
  resources(device: string, grid: Grid): ReturnType<typeof resourcesOf>
  shadowComparisons(question: ShadowQuestion): ReturnType<typeof shadowComparisons>
  usageOfFleet(question: UsageQuestion): ReturnType<typeof usageOfFleet>
  usageOfDevice(device: string, question: Omit<UsageQuestion, 'devices'>): ReturnType<typeof usageOfDevice>
  /** Devices that declared dropped records which arrived after a time. */
  dropping(since: number): Set<string>
  close(): void
}

const noUse = { bytesIn: [], bytesOut: [], inferences: 0, cpuSeconds: 0, storedBytes: 0, totalDevices: 0, devices: [] }

/** Queries over telemetry.db, beside its writer. The file appears with the first start of the hub; before that everything is empty. */
export function openTelemetryQueries(file: string): TelemetryQueries {
  let db: ReadDb | null = null
  const reader = (): ReadDb | null => {
    if (db === null && existsSync(file)) db = openMigrated(file)
    return db
  }
  const ask = <Answer>(question: (db: ReadDb) => Answer, none: Answer): Answer => {
    const open = reader()
    return open === null ? none : question(open)
  }
  return {
    summary: (options) => ask((open) => summarise(open, options), []),
    ledger: (device) => ask((open) => ledgerOf(open, device), []),
    eventsOfDevice: (question) => ask((open) => eventsOfDevice(open, question), []),
    eventsOfFleet: (question) => ask((open) => eventsOfFleet(open, question), []),
    fleetSeries: (grid, options) => ask((open) => fleetSeries(open, grid, options), []),
    deviceSeries: (grid, options) => ask((open) => deviceSeries(open, grid, options), []),
    versionRequests: (grid) => ask((open) => versionRequests(open, grid), []),
    fleetMinutes: (grid) => ask((open) => fleetMinutes(open, grid), []),
    resources: (device, grid) => resourcesOf(reader(), device, grid),
    shadowComparisons: (question) => ask((open) => shadowComparisons(open, question), []),
    usageOfFleet: (question) => ask((open) => usageOfFleet(open, question), noUse),
    usageOfDevice: (device, question) => ask((open) => usageOfDevice(open, device, question), noUse),
    dropping: (since) => ask((open) => droppingSince(open, since), new Set<string>()),
    close: () => void db?.close(),
  }
}

/**
 * The reader of a file that has the schema of this version; null before its writer brought it there. A file that is damaged or of a newer
 * version is the writer's to complain of, which does not start on it: a question that comes earlier finds nothing.
 */
function openMigrated(file: string): ReadDb | null {
  let db: ReadDb | null = null
  try {
    db = openTelemetryReader(file)
    if (Number(db.pragma('user_version', { simple: true })) === telemetryMigrations.at(-1)!.id) return db
  } catch (error) {
    if (errorCodeOf(error) === undefined) throw error
  }
  db?.close()
  return null
}

function droppingSince(db: ReadDb, since: number): Set<string> {
  const rows = db.prepare<[number], string>('SELECT DISTINCT device FROM dropped WHERE received_at > ?').pluck()
  return new Set(rows.all(since))
}

/** Merged state of one group while its windows are read. */
interface Group {
  row: SummaryRow
  sketch: LatencySketch
  coveredMs: number
  correct: number
  classified: number
  measured: number
  absoluteError: number
}

function summarise(
  db: ReadDb,
  options: { devices: ReadonlySet<string> | null; from: number; through: number; by: 'device' | 'version' },
): SummaryRow[] {
  const groups = new Map<string, Group>()
  const groupOf = (of: { device: string; deployment: string; digest: string; model: string; version: string }, at: number): Group => {
    const device = options.by === 'device' ? of.device : null
    const key = JSON.stringify([device, of.deployment, of.digest])
    const known = groups.get(key)
    if (known !== undefined) return known
    const row: SummaryRow = {
      ...{ device, deployment: of.deployment, model: of.model, version: of.version, requests: 0, rows: 0, errors: 0, errorsByCause: {} },
      ...{ requestsPerSecond: null, latencyMs: null, quality: null, firstAt: at, lastAt: at },
    }
    const made: Group = { row, sketch: LatencySketch.empty(), coveredMs: 0, correct: 0, classified: 0, measured: 0, absoluteError: 0 }
    groups.set(key, made)
    return made
  }
  const windows = db.prepare<
    [number, number],
    WindowRow
  >(`SELECT device, deployment, digest, model, version, started_at AS startedAt, ended_at AS endedAt, covered_ms AS coveredMs,
    requests, rows, errors, errors_by_cause AS errorsByCause, latency FROM window WHERE started_at >= ? AND started_at <= ?`)
  for (const window of windows.iterate(options.from, options.through)) {
    if (options.devices?.has(window.device) !== false) addWindow(groupOf(window, window.startedAt), window)
  }
  const labels = db.prepare<
    [number, number],
    QualityRow
  >(`SELECT device, deployment, digest, model, version, count(*) AS labelled, count(correct) AS classified,
    coalesce(sum(correct), 0) AS correct, count(absolute_error) AS measured, sum(absolute_error) AS absoluteError, min(predicted_at) AS firstAt, max(predicted_at) AS lastAt
    FROM label WHERE predicted_at >= ? AND predicted_at <= ? GROUP BY device, deployment, digest, model, version`)
  for (const quality of labels.iterate(options.from, options.through)) {
    if (options.devices?.has(quality.device) !== false) addQuality(groupOf(quality, quality.firstAt), quality)
  }
  return [...groups.values()]
    .map(finish)
    .sort((a, b) => compareText(a.device ?? '', b.device ?? '') || compareText(a.deployment, b.deployment) || a.firstAt - b.firstAt)
}

function addWindow(group: Group, window: WindowRow): void {
  const { row } = group
  row.requests = sum(row.requests, window.requests)
  row.rows = sum(row.rows, window.rows)
  row.errors = sum(row.errors, window.errors)
  row.firstAt = Math.min(row.firstAt, window.startedAt)
  row.lastAt = Math.max(row.lastAt, window.endedAt)
  group.coveredMs += window.coveredMs
  for (const [cause, count] of Object.entries(JSON.parse(window.errorsByCause) as Record<string, number>)) {
    // Causes come from devices: `constructor` must be counted like any other.
    const before = Object.hasOwn(row.errorsByCause, cause) ? row.errorsByCause[cause]! : 0
    row.errorsByCause[cause] = sum(before, count)
  }
  try {
    group.sketch.merge(LatencySketch.fromState(sketchState.parse(JSON.parse(window.latency))))
  } catch {
    // Stored before such windows were kept aside: its latency cannot be read, its counts stand.
  }
}

function addQuality(group: Group, quality: QualityRow): void {
  group.row.firstAt = Math.min(group.row.firstAt, quality.firstAt)
  group.row.lastAt = Math.max(group.row.lastAt, quality.lastAt)
  const labelled = (group.row.quality?.labelled ?? 0) + quality.labelled
  group.row.quality = { labelled, accuracy: null, accuracyLow: null, accuracyHigh: null, mae: null }
  group.correct += quality.correct
  group.classified += quality.classified
  group.measured += quality.measured
  group.absoluteError += quality.absoluteError ?? 0
}

function finish(group: Group): SummaryRow {
  const { row, sketch } = group
  if (group.coveredMs > 0) row.requestsPerSecond = (row.requests * 1000) / group.coveredMs
  if (sketch.count > 0) row.latencyMs = { p50: sketch.quantile(0.5)!, p95: sketch.quantile(0.95)!, p99: sketch.quantile(0.99)! }
  if (row.quality !== null && group.classified > 0) {
    const interval = wilsonInterval(group.correct, group.classified)!
    Object.assign(row.quality, { accuracy: group.correct / group.classified, accuracyLow: interval.low, accuracyHigh: interval.high })
  }
  if (row.quality !== null && group.measured > 0) row.quality.mae = group.absoluteError / group.measured
  return row
}

function ledgerOf(db: ReadDb, device: string | null): LedgerRow[] {
  const stored = ['window', 'labels', 'sample', 'event', 'resources', 'dropped', 'shadow', 'ledger']
    .map((table) => `(SELECT count(*) FROM ${table} WHERE ${table}.spool = spool.id)`)
    .join(' + ')
  return db
    .prepare<[string | null, string | null], LedgerRow>(
      `SELECT device, spool.spool AS spool, through, ${stored} AS stored,
        (SELECT CAST(min(total(records), 9007199254740991) AS INTEGER) FROM dropped WHERE dropped.spool = spool.id) AS declaredDropped,
        (SELECT count(*) FROM quarantine WHERE quarantine.spool = spool.id) AS quarantined,
        last_received_at AS lastReceivedAt
      FROM spool WHERE ? IS NULL OR device = ? ORDER BY device, id`,
    )
    .all(device, device)
}

/** Adds counts without leaving exact integers. */
function sum(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
