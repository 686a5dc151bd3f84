import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { SlotContent } from '../../../shared/protocol/reported.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import { newestPlace } from '../store/telemetry/event-place.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'
import { summaryOf } from './listed-device.ts'
import { reportedOf, requireEntry } from './summary.ts'
import { deploymentNames, shareOfBlocks } from './table.ts'
import { ordersOf } from './timeline.ts'
import { why } from './why.ts'

type Shown = ResultOf<'devices.show'>
type Slot = Shown['slots'][number]

const RECENT_EVENTS = 50
const RECENT_ORDERS = 20

/** Everything about one device. @throws Problem `device.not-found` */
export function showDevice({ store, telemetry }: { store: FleetStore; telemetry: TelemetryQueries }, device: string, now: number): Shown {
  const entry = requireEntry(store, device)
  return {
    ...summaryOf(entry, now),
    note: store.notes.find(device),
    slots: deploymentNames(entry).map((deployment) => slotOf(entry, deployment, now)),
    orders: ordersOf(store, device, RECENT_ORDERS),
    assignment: assignmentOf(store, entry),
    why: Object.fromEntries(entry.orders.map((one) => [one.deployment, why(entry.row, one, now)])),
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

function slotOf(entry: RosterEntry, deployment: string, now: number): Slot {
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
    why: order === undefined ? `${row.device} was not ordered to fill ${deployment}.` : why(row, order, now),
  }
}

/** What a slot holds, without what a newer agent may have added. */
function contentOf(content: SlotContent | null | undefined): Slot['active'] {
  if (content == null) return null
  const { model, version, digest, since } = content
  return { model, version, digest, since }
}
