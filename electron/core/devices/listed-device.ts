import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import { stateSentence } from './sentence.ts'
import { reportedOf } from './summary.ts'

type Summary = ResultOf<'devices.list'>['devices'][number]

/** A device as lists show it. */
export function summaryOf(entry: RosterEntry, now: number): Summary {
  const { row, orders, state } = entry
  return {
    device: row.device,
    status: row.status,
    health: state.health,
    sentence: stateSentence(entry, now),
    lastSeenAt: row.lastSeenAt,
    enrolledAt: row.enrolledAt,
    agentVersion: row.agentVersion,
    labels: row.labels,
    facts: row.reported?.facts ?? null,
    desired: Object.fromEntries(orders.map((one) => [one.deployment, { model: one.model, version: one.version, digest: one.digest }])),
    deployments: row.reported?.deployments ?? {},
    converged: orders.every((one) => reportedOf(row, one.deployment)?.active?.digest === one.digest),
  }
}
