import type { ReportQuestion } from '../../../shared/domain/report/kinds.ts'
import type { PrivacyRecord } from '../../../shared/rpc/contract/privacy.ts'
import type { CostBook } from '../costs/costs.ts'
import type { Desk } from '../labelling/desk.ts'
import type { Monitor } from '../monitor/monitor.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'

/** What reports are made from: the same answers that screens and the command line get. */
export interface ReportSources {
  store: FleetStore
  telemetry: TelemetryQueries
  monitor: Pick<Monitor, 'verdicts'>
  /** What labels of the desk say, without rows that devices labelled themselves: merge both, as monitoring does. */
  deskQuality: Desk['quality']
  costs: Pick<CostBook, 'reports' | 'sheet'>
  /** The record of processing, as of now. */
  record(): PrivacyRecord
  fleetName(): string
  version: string
  now(): number
}

/** A question with the devices that it is about. */
export interface ReportScope {
  question: ReportQuestion
  /** The whole fleet, from its own sums, with devices that have left it. */
  isWhole: boolean
  devices: readonly string[]
}

/** How the work goes on; it ends early when the signal says so. */
export interface ReportWork {
  signal: AbortSignal
  progress(fraction: number | null, note: string): void
}
