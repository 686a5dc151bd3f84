import { ownValue } from '../../../shared/domain/own-value.ts'
import type { ReportedDeployment } from '../../../shared/protocol/reported.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import { duration, why, whyBeside } from './why.ts'

/** Most characters of a sentence: what the contract takes. A device may have any number of deployments. */
const MOST = 4000

/** Why a device is in its state, as one sentence. */
export function stateSentence(entry: RosterEntry, now: number): string {
  const sentence = whole(entry, now)
  return sentence.length <= MOST ? sentence : `${sentence.slice(0, MOST - 1)}…`
}

function whole(entry: RosterEntry, now: number): string {
  const { row, state, orders } = entry
  const order = orders.find((one) => one.deployment === state.deployment)
  switch (state.cause) {
    case 'revoked':
      return `${row.device} was revoked: it does not come in any more, and must be enrolled again to come back.`
    case 'quarantined':
      return `${row.device} is in quarantine: it keeps answering, is told nothing, and its records wait on it.`
    case 'never-seen':
      return `${row.device} was enrolled and has not connected yet.`
    case 'offline':
      return `${row.device} is offline${row.lastSeenAt === null ? '' : ` for ${duration(now - row.lastSeenAt)}`}${waiting(entry)}.`
    case 'refused':
    case 'reverted':
    case 'converging':
      return order === undefined ? `${row.device} is on its way to what was ordered.` : why(row, order, now)
    case 'not-serving':
    case 'deployment-problem':
      return troubleSentence(entry)
    case 'beside-problem':
      return order?.beside == null ? troubleSentence(entry) : whyBeside(row, { ...order.beside, deployment: order.deployment }, now)
    case 'order-problem': {
      const problem = row.reported?.assignmentProblem
      return `${row.device} could not take its order: ${problem?.message ?? ''} (${problem?.code ?? ''})`
    }
    case 'dropping-records':
      return `${row.device} has given up telemetry records within the last hour: its spool was full or damaged.`
    case 'disk-low':
      return `${row.device} has only ${megabytes(row.reported?.facts.diskFreeBytes ?? 0)} MB of free disk.`
    case 'removing':
      return `${row.device} is to stop serving ${state.deployment ?? ''} and has not said yet that it did.`
    case 'no-orders':
      return `${row.device} is connected; nothing was ordered of it.`
    case 'as-ordered':
      return `${row.device} runs ${orders.map((one) => `${one.model} ${one.version}`).join(', ')}, as ordered.`
  }
}

function waiting({ row, orders }: RosterEntry): string {
  const open = orders.filter(
    (one) => ownValue<ReportedDeployment>(row.reported?.deployments ?? {}, one.deployment)?.active?.digest !== one.digest,
  )
  return open.length === 0 ? '' : `; ${open.map((one) => `${one.model} ${one.version}`).join(', ')} waits for it`
}

function troubleSentence({ row, state }: RosterEntry): string {
  const deployment = state.deployment ?? ''
  const reported = ownValue<ReportedDeployment>(row.reported?.deployments ?? {}, deployment)
  const serves = reported?.active == null ? 'nothing' : `${reported.active.model} ${reported.active.version}`
  return `${row.device} serves ${serves} in ${deployment} and reports: ${reported?.problem?.message ?? ''} (${reported?.problem?.code ?? ''})`
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}
