import type { AlertCondition, AlertRule } from '../../../../shared/domain/alert.ts'
import { selectEntries } from '../../devices/summary.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { RosterEntry } from '../../store/fleet/roster-rows.ts'
import type { TelemetryQueries } from '../../store/telemetry/queries.ts'
import type { Monitor } from '../monitor.ts'
import type { Thresholds } from './budget.ts'
import type { Presence } from './presence.ts'
import type { Reading } from './reading.ts'
import type { ResourceWatch } from './resource-watch.ts'

/** A rule whose condition is of one kind. */
export type RuleOf<Kind extends AlertCondition['kind']> = Omit<AlertRule, 'condition'> & {
  condition: Extract<AlertCondition, { kind: Kind }>
}

/** What rules look at. */
export interface Sight {
  store: FleetStore
  monitor: Monitor
  telemetry: Pick<TelemetryQueries, 'lastArrivals' | 'arrivedEvents'>
  presence: Presence
  resources: ResourceWatch
  thresholds: Thresholds
  now: number
}

/** What a look found: what it read, and when it is worth looking again. */
export interface Seen {
  readings: Reading[]
  /** Not before then: nothing can have changed. */
  nextAt?: number
  /** What else belongs into the transaction that stores the readings. */
  commit?: () => void
}

/** One piece of work of a rule; a rule on many slices has one for each, so that a tick never does more than it has time for. */
export interface Look {
  /** Unique among the looks of the rule. */
  key: string
  everyMs: number
  see(sight: Sight): Seen
}

/** Whoever looks as often sees nothing new. */
export const SOONEST_MS = 1000

/** The devices that a rule looks at. @throws QueryProblem */
export function entriesOf({ store }: Pick<Sight, 'store'>, { query }: Pick<AlertRule, 'query'>): readonly RosterEntry[] {
  return selectEntries(store, query)
}

/** The same by id; null: the whole fleet, whatever its size. */
export function devicesOf(sight: Pick<Sight, 'store'>, rule: Pick<AlertRule, 'query'>): string[] | null {
  return rule.query.trim() === '' ? null : entriesOf(sight, rule).map(({ row }) => row.device)
}

/** A device and version in words. */
export function subjectWords({ device, deployment, model, version }: Reading['subject']): string {
  const place = deployment === null ? '' : model === null ? deployment : `${deployment} (${model} ${version ?? ''})`
  if (device === null) return place === '' ? 'The fleet' : place
  return place === '' ? device : `${device}, ${place}`
}

/** A share as people read it. */
export function percent(share: number): string {
  const value = 100 * share
  return `${value.toFixed(value !== 0 && Math.abs(value) < 1 ? 2 : 1)} %`
}
