import { Problem } from '../../../shared/domain/problem.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { reportedOf } from '../devices/summary.ts'
import { backOf, type Back, type BackKnowledge } from './giving-back.ts'
import type { Measured, MeasuredDevice } from './measure.ts'
import type { DeviceOrder } from './place.ts'
import { takeBackSentence, versionWords, type BackGroup } from './take-back-words.ts'
import { isCancellable } from './transitions.ts'

export type TakeBack = 'cancel' | 'undo'

/** What taking an order back does, decided before anything is done. */
export interface TakeBackPlan {
  effect: ResultOf<'orders.preview'>
  /** What each device gets that changes. */
  devices: DeviceOrder[]
  /** Withdrawn versions that devices would get back, by name, and do not. */
  refused: readonly string[]
}

interface Decided {
  one: MeasuredDevice
  back: Back
}

/**
 * Decides which devices get back what they had: for a cancel those that have not activated it, for an undo all that still have it as their newest order.
 * A withdrawn version comes back only where a device still serves it, or has nothing else; the fallback version takes its place.
 */
export function planTakeBack({ order, devices }: Measured, action: TakeBack, known: BackKnowledge): TakeBackPlan {
  const inForce = devices.filter(({ place }) => !['superseded', 'cancelled', 'gone'].includes(place.state))
  const wanting = action === 'undo' ? inForce : inForce.filter(({ place }) => !hasIt(place.state))
  const decided = wanting.map((one) => ({ one, back: backOf(goingBack(one), known) }))
  const changing = decided.filter(({ back }) => back.how !== 'refused')
  const groups = groupsOf(decided)
  const restored = restoredOf(groups)
  const staying = inForce.length - wanting.length
  const offline = changing.filter(({ one }) => one.device?.status !== 'online').length
  return {
    devices: changing.flatMap(({ one, back }) => restoring(one.row, back, known)),
    refused: groups.flatMap(({ how, had }) => (how === 'refused' ? [versionWords(had)] : [])),
    effect: {
      ...{ of: order.id, action, restored, staying, untouched: devices.length - inForce.length, offline },
      refused: decided.length - changing.length,
      sentence: takeBackSentence(order, { action, groups, staying, offline }),
    },
  }
}

/** @throws Problem `order.nothing-to-do` if the order cannot be taken back any more, `approval.withdrawn` if all that devices would get back was withdrawn */
export function requireTakeBack({ order }: Measured, { effect, devices, refused }: TakeBackPlan): void {
  const { action } = effect
  if (action === 'cancel' && !isCancellable(order.state)) {
    const hint = order.state === 'done' ? { hint: `Its devices have answered. To take it back: muster orders undo ${order.id}` } : {}
    throw new Problem('order.nothing-to-do', `Order ${order.id} is ${order.state}: there is nothing to cancel.`, hint)
  }
  if (devices.length > 0) return
  if (refused.length > 0)
    throw new Problem(
      'approval.withdrawn',
      `Order ${order.id} cannot be taken back: ${refused.slice(0, 5).join(', ')} ${refused.length === 1 ? 'was' : 'were'} withdrawn, and ${order.deployment} has no fallback version.`,
      { hint: 'Set a fallback version of the deployment, deploy another version, or approve the version again.' },
    )
  throw new Problem(
    'order.nothing-to-do',
    `No device has order ${order.id} ${action === 'cancel' ? 'still to do' : 'as its newest order'}.`,
  )
}

function goingBack({ row, device }: MeasuredDevice): Parameters<typeof backOf>[0] {
  const { slot, wanted, previous, deployment } = row
  const active = device === null ? null : reportedOf(device, deployment)?.active
  return { slot, ordered: wanted, previous, serving: active?.digest ?? null }
}

/** What the device had before, and what stood beside that; beside another version it may not fit. */
function restoring({ device, endedBeside }: MeasuredDevice['row'], back: Back, { isWithdrawn }: BackKnowledge): DeviceOrder[] {
  if (back.how === 'refused') return []
  const { how, wanted } = back
  const isRestored = wanted !== null && how !== 'fallback' && endedBeside !== null && !isWithdrawn(endedBeside)
  return [{ device, wanted, ...(isRestored ? { beside: endedBeside } : {}) }]
}

function hasIt(state: string): boolean {
  return state === 'active' || state === 'removed'
}

function groupsOf(decided: readonly Decided[]): BackGroup[] {
  const groups = new Map<string, BackGroup>()
  for (const { one, back } of decided) {
    const to = back.how === 'refused' ? null : back.wanted
    const had = one.row.previous
    const key = [back.how, to, had].map((part) => (part === null || typeof part === 'string' ? part : versionWords(part))).join(' ')
    const group = groups.get(key) ?? { how: back.how, to, had, devices: 0 }
    groups.set(key, group)
    group.devices += 1
  }
  return [...groups.values()].sort((a, b) => b.devices - a.devices)
}

function restoredOf(groups: readonly BackGroup[]): TakeBackPlan['effect']['restored'] {
  const restored = new Map<string, TakeBackPlan['effect']['restored'][number]>()
  for (const { how, to, devices } of groups) {
    if (how === 'refused') continue
    const key = versionWords(to)
    const before = restored.get(key)
    if (before === undefined) restored.set(key, { to: to === null ? null : { model: to.model, version: to.version }, devices })
    else before.devices += devices
  }
  return [...restored.values()].sort((a, b) => b.devices - a.devices)
}
