import { ownValue } from '../../../shared/domain/own-value.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { assignedBeside, servingRules, type BesideRole } from '../../../shared/protocol/assignment.ts'
import type { ReportedBeside, SlotContent, WatchState } from '../../../shared/protocol/reported.ts'
import { isBesideInRole } from '../orders/device-state.ts'
import type { OrderedBeside } from '../store/fleet/deployments.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { Terms } from '../store/fleet/terms.ts'
import { newestPlace } from '../store/telemetry/event-place.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'
import { summaryOf } from './listed-device.ts'
import { reportedOf, requireEntry } from './summary.ts'
import { deploymentNames, shareOfBlocks } from './table.ts'
import { ordersOf } from './timeline.ts'
import { why, whyBeside } from './why.ts'

type Shown = ResultOf<'devices.show'>
type Slot = Shown['slots'][number]

/** The terms of a second bundle with what was not said filled in. */
const assignedBesideTerms = assignedBeside.pick({ percent: true, cpuShare: true })

const RECENT_EVENTS = 50
const RECENT_ORDERS = 20

interface ShowParts {
  store: FleetStore
  telemetry: TelemetryQueries
  /** Why a rollout keeps a device where it is; null: none does. */
  whyByRollout(entry: RosterEntry, deployment: string): string | null
}

/** Everything about one device. @throws Problem `device.not-found` */
export function showDevice({ store, telemetry, whyByRollout }: ShowParts, device: string, now: number): Shown {
  const entry = requireEntry(store, device)
  const reasons = Object.fromEntries(
    entry.orders.map((one) => [one.deployment, whyByRollout(entry, one.deployment) ?? why(entry.row, one, now)]),
  )
  return {
    ...summaryOf(entry, now),
    note: store.notes.find(device),
    slots: deploymentNames(entry).map((deployment) => ({
      ...slotOf(entry, deployment, now),
      why: ownValue(reasons, deployment) ?? whyByRollout(entry, deployment) ?? `${device} was not ordered to fill ${deployment}.`,
    })),
    lock: lockOf(entry),
    orders: ordersOf(store, device, RECENT_ORDERS),
    assignment: assignmentOf(store, entry),
    why: reasons,
    events: telemetry
      .eventsOfDevice({ device, before: newestPlace, severity: 'info', limit: RECENT_EVENTS })
      .map(({ at, name, severity, message, code }) => ({ at, name, severity, message, code })),
  }
}

function assignmentOf(store: FleetStore, { row }: RosterEntry): Shown['assignment'] {
  const assignment = store.deployments.assignment(row.device)
  if (assignment === null) return null
  const { counter, issuedAt, expiresAt } = assignment
  const appliedCounter = row.reported?.assignmentCounter ?? 0
  return { counter, appliedCounter, issuedAt, expiresAt, problem: row.reported?.assignmentProblem ?? null }
}

function slotOf(entry: RosterEntry, deployment: string, now: number): Omit<Slot, 'why'> {
  const { row, orders } = entry
  const order = orders.find((one) => one.deployment === deployment)
  const reported = reportedOf(row, deployment)
  return {
    deployment,
    ordered: order === undefined ? null : { model: order.model, version: order.version, digest: order.digest, orderedAt: order.orderedAt },
    active: contentOf(reported?.active),
    candidate: contentOf(reported?.candidate),
    lastGood: contentOf(reported?.lastGood),
    state: reported?.state ?? null,
    shareOfBlocks: shareOfBlocks(reported),
    bytesReceived: reported?.progress?.bytesReceived ?? null,
    problem: reported?.problem ?? null,
    watch: watchOf(reported?.watch),
    beside: besideOf(entry, deployment, now),
    serving: order === undefined ? null : servingOf(order.terms),
  }
}

function lockOf({ row }: RosterEntry): Shown['lock'] {
  const lock = row.reported?.lock
  return lock == null ? null : { reason: lock.reason, since: lock.since, until: lock.until }
}

function watchOf(watch: WatchState | null | undefined): Slot['watch'] {
  if (watch == null) return null
  const { since, inferences, wanted, failed, notFinite } = watch
  return { since, inferences, wanted, failed, notFinite }
}

function servingOf(terms: Terms): Slot['serving'] {
  const { deadlineMs, cacheEntries, batchRows, queueRequests } = servingRules.parse(terms.serving ?? {})
  return { deadlineMs, cacheEntries, batchRows, queueRequests }
}

function besideOf({ row, orders }: RosterEntry, deployment: string, now: number): Slot['beside'] {
  const ordered = orders.find((one) => one.deployment === deployment)?.beside ?? null
  const reported = reportedOf(row, deployment)
  const beside = reported?.beside ?? null
  if (ordered === null && beside === null) return null
  return {
    ordered: ordered === null ? null : orderedBesideOf(ordered),
    reported: beside === null ? null : reportedBesideOf(beside),
    isInRole: ordered !== null && isBesideInRole(reported, ordered),
    why: ordered === null ? `${row.device} is to end what stands beside ${deployment}.` : whyBeside(row, { ...ordered, deployment }, now),
  }
}

function orderedBesideOf({ model, version, digest, role, terms, orderedAt }: OrderedBeside): NonNullable<Slot['beside']>['ordered'] {
  const { percent, cpuShare } = assignedBesideTerms.parse(terms)
  return {
    ...{ model, version, digest, orderedAt, role: role as BesideRole },
    ...{ percent: role === 'split' ? percent : null, cpuShare: role === 'shadow' ? cpuShare : null },
  }
}

function reportedBesideOf({ role, state, content, progress, problem }: ReportedBeside): NonNullable<Slot['beside']>['reported'] {
  const { model, version, digest, since } = content
  const shareOfBlocks = progress === null ? null : progress.blocksTotal === 0 ? 1 : Math.min(1, progress.blocksHave / progress.blocksTotal)
  const told = problem === null ? null : { code: problem.code, message: problem.message }
  return { model, version, digest, since, role, state, shareOfBlocks, problem: told }
}

/** What a slot holds, without what a newer agent may have added. */
function contentOf(content: SlotContent | null | undefined): Slot['active'] {
  if (content == null) return null
  const { model, version, digest, since } = content
  return { model, version, digest, since }
}
