import { z } from 'zod'
import { deploymentName, deviceId } from '../../domain/ids.ts'
import { besideRoles } from '../../protocol/assignment.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

/** What an order was made for. Cancelling and undoing an order makes another one, of kind `cancel` or `undo`. */
export const orderKinds = ['deploy', 'remove', 'cancel', 'undo', 'revert', 'promote', 'end-beside', 'rollout'] as const

/** What an ordered version does: it is the active one, or stands beside it as shadow, split or staged. */
export const orderRoles = ['active', ...besideRoles] as const
export type OrderRole = (typeof orderRoles)[number]

/** Life of an order: `running` until every device has answered or has a newer order; then `done`, or `failed` if a device refused it. */
export const orderStates = ['running', 'done', 'failed', 'cancelled', 'superseded'] as const

/** Where a device is on an order; each has one sentence in `orderDeviceStateMeanings`. */
export const orderDeviceStates = [
  'waiting',
  'ordered',
  'fetching',
  'checking',
  'active',
  'removed',
  'failed',
  'superseded',
  'cancelled',
  'gone',
] as const
export type OrderDeviceState = (typeof orderDeviceStates)[number]

/** One sentence for each state of a device on an order. */
export const orderDeviceStateMeanings: Record<OrderDeviceState, string> = {
  waiting: 'The device is offline; it gets the order when it connects.',
  ordered: 'The order is on its way; the device has not taken it up yet.',
  fetching: 'The device is fetching the bundle.',
  checking: 'The bundle is on the device and is being checked and tried.',
  active: 'The device runs what was ordered, or has it in the role that was ordered.',
  removed: 'The device does not serve the deployment any more, or nothing beside it, as ordered.',
  failed: 'The device refused the order and serves what it had.',
  superseded: 'A newer order took the place of this one on the device.',
  cancelled: 'The order was cancelled before the device had activated it.',
  gone: 'The device was taken out of the fleet.',
}

export const orderId = z.int().positive().describe('Number of an order; they count up.')

const versionReference = z.object({ model: text(64), version: text(64) })
const problem = z.object({ code: text(64), message: text(2000) })

/** How many devices of an order are in each state. */
const stateCounts = z.object({
  waiting: count,
  ordered: count,
  fetching: count,
  checking: count,
  active: count,
  removed: count,
  failed: count,
  superseded: count,
  cancelled: count,
  gone: count,
})

/** An order as lists show it. */
export const orderSummary = z.object({
  order: orderId,
  kind: z.enum(orderKinds),
  role: z.enum(orderRoles).describe('What the ordered version does; of orders that take something off: the place that they are about.'),
  state: z.enum(orderStates),
  deployment: deploymentName,
  target: versionReference
    .nullable()
    .describe('The version that was ordered; null: taken off, or (cancel, undo) each device gets back what it had.'),
  digest: text(64).nullable(),
  alias: text(64).nullable().describe('The alias that was ordered, if one was; `target` is what it stood for at that time.'),
  query: text(4000),
  actor: text(200),
  createdAt: epochMs,
  endedAt: epochMs.nullable(),
  of: orderId.nullable().describe('For cancel and undo: the order that it acts on.'),
  rollout: z.int().positive().nullable().describe('The rollout that it was made by; null: by a person.'),
  undoneBy: orderId.nullable(),
  cancelledBy: orderId.nullable(),
  devices: count.describe('Devices in the order.'),
  reached: count.describe('Devices that have activated it at some time, also if a newer order replaced it since.'),
})
export type OrderSummary = z.infer<typeof orderSummary>

/** Bytes of an order. What devices have is their own report; blocks that they had before count as well. */
const orderBytes = z.object({
  planned: count.describe('Bundle bytes, summed over the devices that must have them.'),
  present: count.describe('Of these, bytes that the devices report to have: bundle bytes times their share of blocks.'),
  perSecond: z.number().nonnegative().nullable().describe('Growth of `present` over the last seconds; null while unknown or not running.'),
  remainingSeconds: z
    .number()
    .nonnegative()
    .nullable()
    .describe('Estimate for the devices that are fetching now; null where it would be a guess.'),
})

const orderAction = z.enum(['cancel', 'undo'])

/** What cancelling or undoing does, before or after it is done. */
const orderEffect = z.object({
  of: orderId,
  action: orderAction,
  sentence: text(2000).describe('Says what will happen, or has happened, in plain words.'),
  restored: z.array(z.object({ to: versionReference.nullable().describe('null: the deployment is taken off.'), devices: count })),
  staying: count.describe('Devices that run what was ordered and keep it.'),
  refused: count.describe('Devices that would get a withdrawn version back: they keep what is ordered, as there is no fallback version.'),
  untouched: count.describe('Devices that have a newer order, were cancelled before, or are gone.'),
  offline: count.describe('Devices that change and are offline now.'),
})

export const ordersMethods = {
  'orders.list': query(
    'Orders, the newest first. Change topic: deployments.',
    z.strictObject({
      state: z.enum(orderStates).optional(),
      deployment: deploymentName.optional(),
      model: text(64).optional(),
      limit: z.int().min(1).max(500).default(50),
      before: orderId.optional().describe('Orders older than this one; give `next` of the page before.'),
    }),
    z.object({ orders: z.array(orderSummary), total: count, next: orderId.nullable() }),
  ),
  'orders.show': query(
    'One order: how many devices are where, bytes, rate, and what can be done with it.',
    z.strictObject({ order: orderId }),
    orderSummary.extend({
      counts: stateCounts,
      bytes: orderBytes,
      canCancel: z.boolean(),
      canUndo: z.boolean(),
      sentence: text(2000).describe('The state of the order in one sentence.'),
    }),
  ),
  'orders.devices': query(
    'Devices of an order with their state, bytes and the reason in one sentence; by id.',
    z.strictObject({
      order: orderId,
      state: z.enum(orderDeviceStates).optional(),
      query: text(4000).default(''),
      offset: z.int().nonnegative().default(0),
      limit: z.int().min(1).max(1000).default(100),
    }),
    z.object({
      total: count.describe('Devices that match state and query.'),
      devices: z.array(
        z.object({
          device: deviceId,
          status: z.enum(['online', 'offline', 'never-seen', 'gone']),
          state: z.enum(orderDeviceStates),
          previous: versionReference.nullable().describe('What was ordered before; null: nothing.'),
          wanted: versionReference.nullable().describe('What this order wants; null: taken off.'),
          active: versionReference.nullable(),
          share: z.number().min(0).max(1).nullable().describe('Share of the blocks that the device reports to have; null while unknown.'),
          bytesPresent: count,
          bytesPlanned: count,
          reachedAt: epochMs.nullable(),
          problem: problem.nullable(),
          why: text(4000),
        }),
      ),
    }),
  ),
  'orders.preview': query(
    'What cancelling or undoing an order would do, for the confirmation. Changes nothing.',
    z.strictObject({ order: orderId, action: orderAction }),
    orderEffect,
  ),
  'orders.cancel': command(
    'Stops an order: devices that have not activated it get back what they had; those that run it keep it.',
    z.strictObject({ order: orderId }),
    orderEffect.extend({ order: orderId.describe('The order that cancelled.') }),
    'operator',
  ),
  'orders.undo': command(
    'Takes an order back: every device that still has it as its newest order gets back what it had before; a withdrawn version only where nothing else is there.',
    z.strictObject({ order: orderId }),
    orderEffect.extend({ order: orderId.describe('The order that undid.') }),
    'operator',
  ),
} as const
