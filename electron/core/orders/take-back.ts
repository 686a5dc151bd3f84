import { Problem } from '../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { OrderRow } from '../store/fleet/orders.ts'
import type { Measured, MeasuredDevice } from './measure.ts'
import type { DeviceOrder } from './place.ts'
import { isCancellable } from './transitions.ts'

export type TakeBack = 'cancel' | 'undo'

/** What taking an order back does, decided before anything is done. */
export interface TakeBackPlan {
  effect: ResultOf<'orders.preview'>
  /** What each device gets that changes. */
  devices: DeviceOrder[]
}

/** Decides which devices get back what they had: for a cancel those that have not activated it, for an undo all that still have it as their newest order. */
export function planTakeBack({ order, devices }: Measured, action: TakeBack): TakeBackPlan {
  const inForce = devices.filter(({ place }) => !['superseded', 'cancelled', 'gone'].includes(place.state))
  const changing = action === 'undo' ? inForce : inForce.filter(({ place }) => !hasIt(place.state))
  const restored = groupsOf(changing)
  const staying = inForce.length - changing.length
  const offline = changing.filter(({ device }) => device?.status !== 'online').length
  return {
    devices: changing.map(({ row }) => restoring(row)),
    effect: {
      ...{ of: order.id, action, restored, staying, untouched: devices.length - inForce.length, offline },
      sentence: sentenceOf(order, { action, restored, staying, offline }),
    },
  }
}

/** @throws Problem `order.nothing-to-do` if the order cannot be taken back any more */
export function requireTakeBack({ order }: Measured, plan: TakeBackPlan): void {
  const { action } = plan.effect
  if (action === 'cancel' && !isCancellable(order.state)) {
    const hint = order.state === 'done' ? { hint: `Its devices have answered. To take it back: muster orders undo ${order.id}` } : {}
    throw new Problem('order.nothing-to-do', `Order ${order.id} is ${order.state}: there is nothing to cancel.`, hint)
  }
  if (plan.devices.length === 0)
    throw new Problem(
      'order.nothing-to-do',
      `No device has order ${order.id} ${action === 'cancel' ? 'still to do' : 'as its newest order'}.`,
    )
}

/** What the device had before, and what stood beside that. */
function restoring({ device, previous, endedBeside }: MeasuredDevice['row']): DeviceOrder {
  const isRestored = previous !== null && endedBeside !== null
  return { device, wanted: previous, ...(isRestored ? { beside: endedBeside } : {}) }
}

function hasIt(state: string): boolean {
  return state === 'active' || state === 'removed'
}

function groupsOf(devices: readonly MeasuredDevice[]): TakeBackPlan['effect']['restored'] {
  const groups = new Map<string, TakeBackPlan['effect']['restored'][number]>()
  for (const { row } of devices) {
    const to = row.previous === null ? null : { model: row.previous.model, version: row.previous.version }
    const key = to === null ? '' : `${to.model}@${to.version}`
    const group = groups.get(key) ?? { to, devices: 0 }
    groups.set(key, group)
    group.devices += 1
  }
  return [...groups.values()].sort((a, b) => b.devices - a.devices)
}

function sentenceOf(
  { id, deployment, slot }: OrderRow,
  of: { action: TakeBack; restored: TakeBackPlan['effect']['restored']; staying: number; offline: number },
): string {
  const parts = of.restored
    .slice(0, 5)
    .map(({ to, devices }) =>
      to === null
        ? slot === 'beside'
          ? `${deviceCount(devices)} ${devices === 1 ? 'has' : 'have'} nothing beside ${deployment} any more, as before`
          : `${deviceCount(devices)} ${devices === 1 ? 'stops' : 'stop'} serving ${deployment}, which ${devices === 1 ? 'it' : 'they'} did not have before`
        : `${deviceCount(devices)} ${devices === 1 ? 'gets' : 'get'} ${to.model} ${to.version} back${slot === 'beside' ? ' beside the active version' : ''}`,
    )
  if (of.restored.length > 5) parts.push(`${of.restored.length - 5} further groups get back what they had`)
  const doing = of.action === 'cancel' ? 'Cancelling' : 'Undoing'
  const first = parts.length === 0 ? `${doing} order ${id} changes no device.` : `${doing} order ${id}: ${parts.join('; ')}.`
  const one = of.staying === 1
  const staying =
    of.staying === 0
      ? ''
      : ` ${deviceCount(of.staying)} ${one ? 'has' : 'have'} done it already and ${one ? 'stays as it is' : 'stay as they are'}.`
  const away = of.offline === 1 ? 'is offline and hears of it when it connects' : 'are offline and hear of it when they connect'
  const offline = of.offline === 0 ? '' : ` Of these, ${of.offline} ${away}.`
  return first + offline + staying
}

/** `1 device`, `3 devices`. */
export function deviceCount(devices: number): string {
  return devices === 1 ? '1 device' : `${devices} devices`
}
