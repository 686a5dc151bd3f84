import { why, whyBeside } from '../devices/why.ts'
import type { OrderRow } from '../store/fleet/orders.ts'
import type { Measured, MeasuredDevice } from './measure.ts'
import { deviceCount } from './take-back-words.ts'
import type { StateCounts } from './transitions.ts'

/** Why a device is where it is on an order, as one sentence. */
export function whyOnOrder({ row, device, place }: MeasuredDevice, now: number): string {
  const name = row.device
  const wanted = wantedWords(row)
  const not = `${name} is not ${wanted}`
  switch (place.state) {
    case 'gone':
      return `${name} was taken out of the fleet.`
    case 'superseded':
      return row.reachedAt === null
        ? `Order ${row.leftBy} took the place of this one before ${name} was ${wanted}.`
        : `${name} was ${wanted} by this order from ${timeOf(row.reachedAt)}, until order ${row.leftBy} took its place.`
    case 'cancelled':
      return `Order ${row.leftBy} cancelled this one before ${name} was ${wanted}.`
    case 'removed':
      return row.slot === 'beside'
        ? `${name} has nothing beside ${row.deployment} any more.`
        : `${name} does not serve ${row.deployment} any more.`
    case 'ordered':
      return `${not}: it has not taken the order up yet.`
    case 'failed':
      return `${not}: ${place.problem?.message ?? 'it refused the order.'}${place.problem === null ? '' : ` (${place.problem.code})`}`
    case 'waiting':
    case 'fetching':
    case 'checking':
    case 'active':
      break
  }
  if (row.wanted === null || device === null) return `${not}: it is offline; it gets the order when it connects.`
  // A problem of before the order is not the reason now: the place says which one counts.
  const seen = place.state === 'waiting' ? { ...device, reported: null } : device
  const ordered = { device: name, deployment: row.deployment, ...row.wanted, orderedAt: 0, asked: null, beside: null }
  return row.slot === 'beside' ? whyBeside(seen, ordered, now) : why(seen, ordered, now)
}

function wantedWords({ wanted, slot, deployment }: MeasuredDevice['row']): string {
  if (wanted === null) return slot === 'beside' ? `without a second version beside ${deployment}` : `without ${deployment}`
  const role = wanted.role === 'active' ? '' : ` as ${wanted.role}`
  return `on ${wanted.model} ${wanted.version}${role}`
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}

const words: Record<keyof StateCounts, string> = {
  active: 'active',
  removed: 'done',
  fetching: 'fetching',
  checking: 'being checked',
  ordered: 'not begun',
  waiting: 'offline',
  failed: 'refused',
  superseded: 'with a newer order',
  cancelled: 'cancelled',
  gone: 'taken out of the fleet',
}

/** What the order was to do, such as `digits 1.1.0 for digits`. */
export function titleOf(order: OrderRow): string {
  switch (order.kind) {
    case 'deploy':
      return `${order.model} ${order.version ?? ''}${order.alias === null ? '' : ` (${order.alias})`} ${order.role === 'active' ? 'for' : `as ${order.role} beside`} ${order.deployment}`
    case 'revert':
      return `Revert ${order.deployment} to the last good version`
    case 'promote':
      return `Promote ${order.version === null ? 'the version' : `${order.model} ${order.version}`} beside ${order.deployment}`
    case 'end-beside':
      return `End what stands beside ${order.deployment}`
    case 'rollout':
      return `Rollout ${order.rollout ?? ''}: ${order.version === null ? `${order.deployment} back` : `${order.model} ${order.version} ${order.role === 'active' ? 'for' : `as ${order.role} beside`} ${order.deployment}`}`
    case 'remove':
      return `Take ${order.deployment} off`
    case 'cancel':
      return `Cancel order ${order.ofOrder}`
    case 'undo':
      return `Undo order ${order.ofOrder}`
  }
}

/** The state of an order in one sentence: what it is, how it stands, and where its devices are. */
export function orderSentence({ order, counts }: Measured): string {
  const states = (Object.keys(words) as (keyof StateCounts)[]).filter((state) => counts[state] > 0)
  const where = states.map((state) => `${counts[state]} ${words[state]}`).join(', ')
  return `${titleOf(order)}: ${order.state}; of ${deviceCount(order.devices)}, ${where}.`
}
