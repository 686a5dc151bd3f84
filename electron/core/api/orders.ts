import { Problem } from '../../../shared/domain/problem.ts'
import { matches } from '../../../shared/domain/query/match.ts'
import { parseQuery } from '../../../shared/domain/query/query.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { CommandContext, Handlers } from '../../../shared/rpc/dispatch.ts'
import { labelsInUse, reportedOf } from '../devices/summary.ts'
import { withdrawnReader } from '../orders/giving-back.ts'
import { measure, type Measured, type MeasuredDevice } from '../orders/measure.ts'
import { placeOrder } from '../orders/place.ts'
import { orderSentence, whyOnOrder } from '../orders/sentences.ts'
import { summaryOfOrder } from '../orders/summary.ts'
import { planTakeBack, requireTakeBack, type TakeBack, type TakeBackPlan } from '../orders/take-back.ts'
import { isCancellable } from '../orders/transitions.ts'
import { whyByRolloutOn } from '../rollout/explain/handler.ts'
import type { ReleaseParts, ReleaseViewParts } from './release-parts.ts'
import { settleOrders } from './settle-orders.ts'

type Names = 'orders.list' | 'orders.show' | 'orders.devices' | 'orders.preview' | 'orders.cancel' | 'orders.undo'

/** Handlers of `orders.*`. */
export function ordersHandlers(parts: ReleaseViewParts): Pick<Handlers, Names> {
  const { store } = parts
  return {
    'orders.list': ({ state, deployment, model, limit, before }) => {
      const filter = { state: state ?? null, deployment: deployment ?? null, model: model ?? null }
      const { orders, total } = store.orders.page(filter, { before: before ?? null, limit })
      const isMore = orders.length === limit
      return { orders: orders.map((row) => summaryOfOrder(store.orders, row)), total, next: isMore ? orders.at(-1)!.id : null }
    },
    'orders.show': ({ order }) => show(parts, measured(parts, order)),
    'orders.devices': (input) => {
      const selected = select(parts, measured(parts, input.order).devices, input)
      const page = selected.slice(input.offset, input.offset + input.limit)
      const whyOf = whyReader(parts)
      return { total: selected.length, devices: page.map((one) => deviceOf(one, whyOf(one))) }
    },
    'orders.preview': ({ order, action }) => planFor(parts, measured(parts, order), action).effect,
    'orders.cancel': ({ order }, context) => takeBack(parts, { order, action: 'cancel' }, context),
    'orders.undo': ({ order }, context) => takeBack(parts, { order, action: 'undo' }, context),
  }
}

function measured(parts: ReleaseParts, id: number): Measured {
  const order = parts.store.orders.find(id)
  if (order === null) throw new Problem('order.not-found', `There is no order ${id}.`)
  return measure(parts, order)
}

function show({ store }: ReleaseParts, one: Measured): ResultOf<'orders.show'> {
  const { order, counts, bytes } = one
  return {
    ...summaryOfOrder(store.orders, order),
    counts,
    bytes,
    canCancel: isCancellable(order.state) && counts.waiting + counts.ordered + counts.fetching + counts.checking + counts.failed > 0,
    canUndo: one.devices.length > counts.superseded + counts.cancelled + counts.gone,
    sentence: orderSentence(one),
  }
}

function select(
  { store }: ReleaseParts,
  devices: readonly MeasuredDevice[],
  { state, query }: { state?: string | undefined; query: string },
): readonly MeasuredDevice[] {
  const inState = state === undefined ? devices : devices.filter(({ place }) => place.state === state)
  const entries = store.roster.all()
  const parsed = parseQuery(query, labelsInUse(entries))
  if (parsed.op === 'all') return inState
  const fitting = new Set(entries.flatMap(({ row, subject }) => (matches(parsed, subject) ? [row.device] : [])))
  return inState.filter(({ row }) => fitting.has(row.device))
}

/** A device that a rollout holds says what the rollout says, wherever it is asked. */
function whyReader({ store, rollouts, now }: ReleaseViewParts): (one: MeasuredDevice) => string {
  const at = now()
  const byRollout = whyByRolloutOn(rollouts.atHand(true), at)
  return (one) => {
    const { order, device, deployment, wanted } = one.row
    const entry = store.roster.entry(device)
    const held = entry === null ? null : byRollout(entry, { order, deployment, digest: wanted?.digest ?? null })
    return held ?? whyOnOrder(one, at)
  }
}

function deviceOf(one: MeasuredDevice, why: string): ResultOf<'orders.devices'>['devices'][number] {
  const { row, device, place } = one
  const reported = device === null ? undefined : reportedOf(device, row.deployment)
  const active = row.slot === 'beside' ? reported?.beside?.content : reported?.active
  return {
    ...{ device: row.device, status: device?.status ?? 'gone', state: place.state },
    previous: row.previous === null ? null : { model: row.previous.model, version: row.previous.version },
    wanted: row.wanted === null ? null : { model: row.wanted.model, version: row.wanted.version },
    active: active == null ? null : { model: active.model, version: active.version },
    ...{ share: place.share, bytesPresent: place.bytesPresent, bytesPlanned: place.bytesPlanned },
    ...{ reachedAt: row.reachedAt, problem: place.problem, why: why.slice(0, 4000) },
  }
}

function planFor({ store, approvals }: ReleaseParts, before: Measured, action: TakeBack): TakeBackPlan {
  const known = { isWithdrawn: withdrawnReader(store), fallback: approvals.fallbackOf(before.order.deployment) }
  return planTakeBack(before, action, known)
}

/** Cancels or undoes: the devices get back what they had, as an order of its own. */
function takeBack(
  parts: ReleaseParts,
  { order, action }: { order: number; action: TakeBack },
  context: CommandContext,
): ResultOf<'orders.cancel'> {
  const { store } = parts
  const before = measured(parts, order)
  const plan = planFor(parts, before, action)
  requireTakeBack(before, plan)
  const at = parts.now()
  const { deployment, model, query, slot, role } = before.order
  const made = placeOrder(
    parts,
    {
      ...{ kind: action, slot, role, actor: context.caller.actor, deployment, model, target: null, alias: null, query, of: order },
      devices: plan.devices,
    },
    at,
  )
  // Devices that could not get back what they had go on with the order.
  if (action === 'cancel' && plan.effect.refused === 0) store.orders.setState(order, 'cancelled', at)
  context.afterCommit(() =>
    settleOrders(
      parts,
      plan.devices.map(({ device }) => device),
    ),
  )
  return { ...plan.effect, order: made }
}
