import type { State } from '../../components/state-mark.tsx'
import type { StatePart } from '../../components/state-bar.tsx'
import { formatBytes, formatDuration, plural } from '../../components/format.ts'
import type { OrderDeviceState, OrderSummary } from '../../../shared/rpc/contract/orders.ts'

/** How the state of an order is drawn. */
export const orderMarks: Record<OrderSummary['state'], State> = {
  running: 'working',
  done: 'ok',
  failed: 'failed',
  cancelled: 'offline',
  superseded: 'offline',
}

/** How the state of a device on an order is drawn, and its word beside a number, in the order of the bar. */
export const deviceMarks: Record<OrderDeviceState, { state: State; word: string }> = {
  active: { state: 'ok', word: 'active' },
  removed: { state: 'ok', word: 'taken off' },
  checking: { state: 'working', word: 'checking' },
  fetching: { state: 'working', word: 'fetching' },
  ordered: { state: 'working', word: 'not begun' },
  waiting: { state: 'offline', word: 'offline' },
  failed: { state: 'failed', word: 'refused' },
  superseded: { state: 'offline', word: 'newer order' },
  cancelled: { state: 'offline', word: 'cancelled' },
  gone: { state: 'offline', word: 'left the fleet' },
}

/** States in the order of the bar. */
export const deviceStatesInOrder = Object.keys(deviceMarks) as OrderDeviceState[]

/** What an order was made for, as lists name it: `digits 1.1.0 (production)`, `Undo of order 11`. */
export function whatOf({
  kind,
  target,
  alias,
  deployment,
  role,
  of,
  rollout = null,
}: Pick<OrderSummary, 'kind' | 'target' | 'alias' | 'deployment' | 'of'> & Partial<Pick<OrderSummary, 'role' | 'rollout'>>): string {
  switch (kind) {
    case 'deploy':
      return target === null
        ? deployment
        : `${target.model} ${target.version}${alias === null ? '' : ` (${alias})`}${role === undefined || role === 'active' ? '' : ` as ${role}`}`
    case 'rollout':
      return `${target === null ? deployment : `${target.model} ${target.version}`} by rollout ${rollout ?? ''}`.trimEnd()
    case 'remove':
      return `Take ${deployment} off`
    case 'cancel':
      return `Cancel order ${of}`
    case 'undo':
      return `Undo order ${of}`
    case 'revert':
      return `Revert ${deployment}`
    case 'promote':
      return target === null ? `Promote beside ${deployment}` : `Promote ${target.model} ${target.version}`
    case 'end-beside':
      return `End what is beside ${deployment}`
  }
}

/** What a list offers to take an order back with; the core has the last word. */
export function takeBackOf({
  state,
  undoneBy,
  cancelledBy,
}: Pick<OrderSummary, 'state' | 'undoneBy' | 'cancelledBy'>): 'cancel' | 'undo' | null {
  if (state === 'running') return 'cancel'
  if (undoneBy !== null || cancelledBy !== null) return null
  return state === 'done' || state === 'failed' ? 'undo' : null
}

/** Where the devices of an order are, as parts of a bar. */
export function partsOf(counts: Record<OrderDeviceState, number>): StatePart[] {
  return deviceStatesInOrder.map((state) => ({ ...deviceMarks[state], count: counts[state] }))
}

/** Bytes of an order in words: `3.1 of 12 MB present, 400 kB/s, about 20 s left`. */
export function bytesInWords({
  planned,
  present,
  perSecond,
  remainingSeconds,
}: {
  planned: number
  present: number
  perSecond: number | null
  remainingSeconds: number | null
}): string {
  if (planned === 0) return 'nothing left to send'
  const parts = [present >= planned ? `all ${formatBytes(planned)} present` : `${formatBytes(present)} of ${formatBytes(planned)} present`]
  if (present < planned && perSecond !== null && perSecond > 0) parts.push(`${formatBytes(Math.round(perSecond))}/s`)
  if (present < planned && remainingSeconds !== null) parts.push(`about ${formatDuration(remainingSeconds * 1000)} left`)
  return parts.join(', ')
}

/** "for 97 devices" of an order; `reached` of them have it. */
export function reachedInWords({ reached, devices }: Pick<OrderSummary, 'reached' | 'devices'>): string {
  return `${reached} of ${plural(devices, 'device')}`
}
