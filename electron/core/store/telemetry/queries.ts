import { existsSync } from 'node:fs'
import { errorCodeOf } from '../../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { TelemetrySeries } from '../../../../shared/rpc/contract/telemetry-series.ts'
import type { ReadDb } from '../open.ts'
import {
  arrivedEvents,
  arrivedResources,
  arrivedWindows,
  lastArrivals,
  newestPlaceOf,
  type ArrivedEvent,
  type ArrivedResources,
  type ArrivedWindow,
} from './arrivals.ts'
import { lateCopies, type CopyReader } from './copies.ts'
import { chartUnit, type ChartQuestion } from './chart-unit.ts'
import { deviceMemory } from './device-memory.ts'
import { deviceSeries } from './device-series.ts'
import { eventsOfDevice, eventsOfFleet, type StoredEvent } from './events.ts'
import { fleetMinutes, fleetSeries, versionRequests, type MinuteSum, type VersionRequests } from './fleet-series.ts'
import type { Grid } from './grid.ts'
import { flowsAfter, flowsOfDays, nextDay, receivedWithin, someDayUse, storedByDay, type Flows, type ReceivedEntry } from './ledger-uses.ts'
import { openTelemetryReader, telemetryMigrations } from './open.ts'
import { resourcesOf } from './resources.ts'
import { lateRecords, type LateRecords } from './late-records.ts'
import { lateSamples, type SampleReader } from './samples.ts'
import type { SliceReader } from './slice.ts'
import { lateSlices } from './slices.ts'
import { retainedSince, type RetainedName } from './retained.ts'
import { shadowArms, type ShadowArm, type ShadowArmsQuestion } from './shadow-arms.ts'
import { shadowComparisons, type ShadowQuestion } from './shadows.ts'
import { noStore, storeFacts, type StoreFacts } from './store-facts.ts'
import { lateSubjects, type SubjectReader } from './subjects.ts'
import { summarise, type SummaryQuestion } from './summary.ts'
import { eventCounts, toldTime, type DevicePeriod, type EventCount } from './told-time.ts'
import { usageOfDevice, usageOfFleet, type UsageQuestion } from './usage.ts'

type LedgerRow = ResultOf<'telemetry.ledger'>['spools'][number]

type Question<Of extends (db: ReadDb, question: never) => unknown> = Parameters<Of>[1]

export interface TelemetryQueries {
  summary(question: SummaryQuestion): ReturnType<typeof summarise>
  ledger(device: string | null): LedgerRow[]
  eventsOfDevice(question: Question<typeof eventsOfDevice>): StoredEvent[]
  eventsOfFleet(question: Question<typeof eventsOfFleet>): StoredEvent[]
  /** What the buckets of a chart are whole numbers of; `finestMs` where nothing is stored. */
  chartUnit(question: ChartQuestion, finestMs: number): number
  fleetSeries(grid: Grid, options: Parameters<typeof fleetSeries>[2]): TelemetrySeries[]
  deviceSeries(grid: Grid, options: Parameters<typeof deviceSeries>[2]): TelemetrySeries[]
  versionRequests(grid: Grid): VersionRequests[]
  fleetMinutes(grid: Grid): (MinuteSum | undefined)[]
  resources(device: string, grid: Grid): ReturnType<typeof resourcesOf>
  shadowComparisons(question: ShadowQuestion): ReturnType<typeof shadowComparisons>
  /** Sums of the shadows of named devices, device by device. */
  shadowArms(question: ShadowArmsQuestion): ShadowArm[]
  /** Mean memory of agent and runtime of named devices, bytes. */
  deviceMemory(question: Question<typeof deviceMemory>): Map<string, number>
  usageOfFleet(question: UsageQuestion): ReturnType<typeof usageOfFleet>
  usageOfDevice(device: string, question: Omit<UsageQuestion, 'devices'>): ReturnType<typeof usageOfDevice>
  nextDay(period: Parameters<typeof nextDay>[1]): number | null
  someDayUse(of: Parameters<typeof someDayUse>[1], visit: Parameters<typeof someDayUse>[2]): string | null
  flowsOfDays(period: Parameters<typeof flowsOfDays>[1]): Flows
  flowsAfter(of: Parameters<typeof flowsAfter>[1]): Flows
  storedByDay(period: Parameters<typeof storedByDay>[1]): ReturnType<typeof storedByDay>
  receivedWithin(of: Parameters<typeof receivedWithin>[1]): ReceivedEntry[]
  /** How long the agents of devices ran within a period, ms. */
  toldTime(of: DevicePeriod): Map<string, number>
  eventCounts(of: DevicePeriod): EventCount[]
  /** Records of a period that arrived after a time. */
  lateRecords(of: Parameters<typeof lateRecords>[1]): LateRecords[]
  /** From when on records, or sums, are all there; `-Infinity`: from the beginning. */
  wholeSince(name: RetainedName): number
  samples: SampleReader
  /** Records in the order of their arrival, as they are copied out. */
  copies: CopyReader
  subjects: SubjectReader
  slices: SliceReader
  /** Size of the store, what waits in it, and how old it is. */
  storeFacts(): StoreFacts
  /** Devices that declared dropped records which arrived after a time. */
  dropping(since: number): Set<string>
  /** When anything of each device was last stored. */
  lastArrivals(): Map<string, number>
  arrivedEvents(of: Parameters<typeof arrivedEvents>[1]): ArrivedEvent[]
  arrivedResources(of: Parameters<typeof arrivedResources>[1]): ArrivedResources[]
  arrivedWindows(of: Parameters<typeof arrivedWindows>[1]): ArrivedWindow[]
  /** The place in the order of arrival that is the newest now. */
  newestArrival(table: 'event' | 'resources' | 'window'): number
  close(): void
}

const noUse = { bytesIn: [], bytesOut: [], inferences: 0, cpuSeconds: 0, storedBytes: 0, totalDevices: 0, devices: [] }

const noFlows: Flows = { flows: [], place: 0 }

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
  /** Sums and the records that they do not hold yet must be of one moment. */
  const snapshot = <Answer>(question: (db: ReadDb) => Answer, none: Answer): Answer =>
    ask((open) => open.transaction(() => question(open))(), none)
  return {
    summary: (question) => snapshot((open) => summarise(open, question), []),
    ledger: (device) => ask((open) => ledgerOf(open, device), []),
    eventsOfDevice: (question) => ask((open) => eventsOfDevice(open, question), []),
    eventsOfFleet: (question) => ask((open) => eventsOfFleet(open, question), []),
    chartUnit: (question, finestMs) => ask((open) => chartUnit(open, question, finestMs), finestMs),
    fleetSeries: (grid, options) => snapshot((open) => fleetSeries(open, grid, options), []),
    deviceSeries: (grid, options) => snapshot((open) => deviceSeries(open, grid, options), []),
    versionRequests: (grid) => ask((open) => versionRequests(open, grid), []),
    fleetMinutes: (grid) => ask((open) => fleetMinutes(open, grid), []),
    resources: (device, grid) => resourcesOf(reader(), device, grid),
    shadowComparisons: (question) => ask((open) => shadowComparisons(open, question), []),
    shadowArms: (question) => ask((open) => shadowArms(open, question), []),
    deviceMemory: (question) => ask((open) => deviceMemory(open, question), new Map<string, number>()),
    usageOfFleet: (question) => ask((open) => usageOfFleet(open, question), noUse),
    usageOfDevice: (device, question) => ask((open) => usageOfDevice(open, device, question), noUse),
    nextDay: (period) => ask((open) => nextDay(open, period), null),
    someDayUse: (of, visit) => ask((open) => someDayUse(open, of, visit), null),
    flowsOfDays: (period) => snapshot((open) => flowsOfDays(open, period), noFlows),
    flowsAfter: (of) => snapshot((open) => flowsAfter(open, of), noFlows),
    storedByDay: (period) => ask((open) => storedByDay(open, period), []),
    receivedWithin: (of) => ask((open) => receivedWithin(open, of), []),
    toldTime: (of) => ask((open) => toldTime(open, of), new Map<string, number>()),
    eventCounts: (of) => ask((open) => eventCounts(open, of), []),
    lateRecords: (of) => ask((open) => lateRecords(open, of), []),
    wholeSince: (name) => ask((open) => retainedSince(open).get(name), undefined) ?? Number.NEGATIVE_INFINITY,
    samples: lateSamples(() => reader()),
    copies: lateCopies(() => reader()),
    subjects: lateSubjects(() => reader()),
    slices: lateSlices(() => reader()),
    storeFacts: () => snapshot((open) => storeFacts(open), noStore),
    dropping: (since) => ask((open) => droppingSince(open, since), new Set<string>()),
    lastArrivals: () => ask((open) => lastArrivals(open), new Map<string, number>()),
    arrivedEvents: (of) => ask((open) => arrivedEvents(open, of), []),
    arrivedResources: (of) => ask((open) => arrivedResources(open, of), []),
    arrivedWindows: (of) => ask((open) => arrivedWindows(open, of), []),
    newestArrival: (table) => ask((open) => newestPlaceOf(open, table), 0),
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

function ledgerOf(db: ReadDb, device: string | null): LedgerRow[] {
  return db
    .prepare<[string | null, string | null], LedgerRow>(
      `SELECT device, spool.spool AS spool, through, stored, late_windows AS lateWindows, clock_jumps AS clockJumps,
        (SELECT CAST(min(total(records), 9007199254740991) AS INTEGER) FROM dropped WHERE dropped.spool = spool.id) AS declaredDropped,
        (SELECT count(*) FROM quarantine WHERE quarantine.spool = spool.id) AS quarantined,
        last_received_at AS lastReceivedAt
      FROM spool WHERE ? IS NULL OR device = ? ORDER BY device, id`,
    )
    .all(device, device)
}
