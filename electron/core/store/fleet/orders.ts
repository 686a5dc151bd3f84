import type { WriteDb } from '../open.ts'
import { readTerms, type OrderRole, type OrderSlot, type Wanted } from './terms.ts'

export type OrderKind = 'deploy' | 'remove' | 'cancel' | 'undo' | 'revert' | 'promote' | 'end-beside' | 'rollout'
export type OrderState = 'running' | 'done' | 'failed' | 'cancelled' | 'superseded'

export interface OrderRow {
  id: number
  createdAt: number
  actor: string
  kind: OrderKind
  slot: OrderSlot
  role: OrderRole
  /** JSON of the terms that were ordered. */
  terms: string
  deployment: string
  /** For cancel, undo and remove: the model that the order was about. */
  model: string
  version: string | null
  digest: string | null
  alias: string | null
  query: string
  ofOrder: number | null
  /** The rollout that made it; null: a person did. */
  rollout: number | null
  devices: number
  /** Devices that have activated it at some time. */
  reached: number
  state: OrderState
  endedAt: number | null
}

/** One device of an order. */
export interface OrderDeviceRow {
  order: number
  device: string
  deployment: string
  slot: OrderSlot
  /** null: taken off. */
  wanted: Wanted | null
  /** What was ordered before; null: nothing. */
  previous: Wanted | null
  /** What stood beside the active version and was ended by this order; null: nothing. */
  endedBeside: Wanted | null
  /** Counter of the assignment that carried it. */
  counter: number
  reachedAt: number | null
  leftHow: 'superseded' | 'cancelled' | null
  leftBy: number | null
}

interface RawOrderDevice {
  order_id: number
  device: string
  deployment: string
  slot: OrderSlot
  role: OrderRole
  terms: string
  previous_role: OrderRole
  previous_terms: string
  ended_beside: string | null
  digest: string | null
  model: string | null
  version: string | null
  previous_digest: string | null
  previous_model: string | null
  previous_version: string | null
  counter: number
  reached_at: number | null
  left_how: OrderDeviceRow['leftHow']
  left_by: number | null
}

export interface OrderFilter {
  state: string | null
  deployment: string | null
  model: string | null
}

/** Columns that belong to the filters, each with an index that ends in the id. */
const filterColumns = { state: 'state', deployment: 'deployment', model: 'model' } as const

const orderColumns =
  'id, created_at AS createdAt, actor, kind, slot, role, terms, deployment, model, version, digest, alias, query, of_order AS ofOrder, rollout, devices, reached, state, ended_at AS endedAt'

export type OrderTable = ReturnType<typeof openOrderTable>

/** Orders and their devices. */
export function openOrderTable(db: WriteDb) {
  const one = db.prepare<[number], OrderRow>(`SELECT ${orderColumns} FROM deployment_order WHERE id = ?`)
  const children = db.prepare<[number], OrderRow>(`SELECT ${orderColumns} FROM deployment_order WHERE of_order = ? ORDER BY id`)
  const unended = db.prepare<[], OrderRow>(
    `SELECT ${orderColumns} FROM deployment_order WHERE state IN ('running', 'failed', 'done') ORDER BY id`,
  )
  const lastOfEach = db.prepare<[], OrderRow>(
    `SELECT ${orderColumns} FROM deployment_order WHERE id IN (SELECT max(id) FROM deployment_order GROUP BY deployment)`,
  )
  const devices = db.prepare<[number], RawOrderDevice>('SELECT * FROM order_device WHERE order_id = ? ORDER BY device')
  const inForce = db.prepare<[], RawOrderDevice>('SELECT * FROM order_device WHERE left_how IS NULL')
  const inForceOnDevice = db.prepare<[string], RawOrderDevice>('SELECT * FROM order_device WHERE device = ? AND left_how IS NULL')
  const inForceOf = db.prepare<[string, string], RawOrderDevice & { rollout: number | null; created_at: number }>(
    `SELECT order_device.*, rollout, created_at FROM order_device JOIN deployment_order ON deployment_order.id = order_id
    WHERE device = ? AND order_device.deployment = ? AND left_how IS NULL`,
  )
  const allInForceOf = db.prepare<[string], RawOrderDevice & { rollout: number | null; created_at: number }>(
    `SELECT order_device.*, rollout, created_at FROM order_device JOIN deployment_order ON deployment_order.id = order_id
    WHERE order_device.deployment = ? AND left_how IS NULL`,
  )
  // The orders of the deployment are walked from the newest: a device has no index of its own over orders that it left.
  const foundBefore = db.prepare<{ device: string; deployment: string; digest: string }, RawOrderDevice>(
    `SELECT one.* FROM deployment_order AS placed CROSS JOIN order_device AS one ON one.order_id = placed.id AND one.device = @device
    WHERE placed.deployment = @deployment AND one.slot = 'active' AND one.digest = @digest AND one.previous_digest IS NOT @digest
    ORDER BY placed.id DESC LIMIT 1`,
  )
  const add = db.prepare(
    `INSERT INTO deployment_order (created_at, actor, kind, slot, role, terms, deployment, model, version, digest, alias, query, of_order, rollout, devices, state)
    VALUES (@createdAt, @actor, @kind, @slot, @role, @terms, @deployment, @model, @version, @digest, @alias, @query, @ofOrder, @rollout, @devices, 'running')`,
  )
  const addDevice = db.prepare(
    `INSERT INTO order_device (order_id, device, deployment, slot, digest, model, version, role, terms, previous_digest, previous_model,
      previous_version, previous_role, previous_terms, ended_beside, counter)
    VALUES (@order, @device, @deployment, @slot, @digest, @model, @version, @role, @terms, @previousDigest, @previousModel,
      @previousVersion, @previousRole, @previousTerms, @endedBeside, @counter)`,
  )
  const leave = db.prepare<[string, number, string, string, string], { order_id: number }>(
    'UPDATE order_device SET left_how = ?, left_by = ? WHERE device = ? AND deployment = ? AND slot = ? AND left_how IS NULL RETURNING order_id',
  )
  const reach = db.prepare('UPDATE order_device SET reached_at = ? WHERE order_id = ? AND device = ? AND reached_at IS NULL')
  const countReached = db.prepare('UPDATE deployment_order SET reached = reached + 1 WHERE id = ?')
  const setState = db.prepare('UPDATE deployment_order SET state = ?, ended_at = ? WHERE id = ?')
  return {
    find: (id: number): OrderRow | null => one.get(id) ?? null,
    /** Orders that cancelled or undid this one. */
    children: (id: number): OrderRow[] => children.all(id),
    /** Orders whose state may still change. */
    unended: (): OrderRow[] => unended.all(),
    /** The newest order of each deployment. */
    lastOfEach: (): OrderRow[] => lastOfEach.all(),
    /** A page, the newest first, with the number of all that fit. */
    page(filter: OrderFilter, page: { before: number | null; limit: number }): { orders: OrderRow[]; total: number } {
      const used = (['state', 'deployment', 'model'] as const).flatMap((name) => (filter[name] === null ? [] : [name]))
      const where = used.length === 0 ? 'TRUE' : used.map((name) => `${filterColumns[name]} = @${name}`).join(' AND ')
      const before = page.before === null ? '' : ' AND id < @before'
      return {
        orders: db
          .prepare<[object], OrderRow>(`SELECT ${orderColumns} FROM deployment_order WHERE ${where}${before} ORDER BY id DESC LIMIT @limit`)
          .all({ ...filter, ...page }),
        total: db.prepare<[object], { total: number }>(`SELECT count(*) AS total FROM deployment_order WHERE ${where}`).get({ ...filter })!
          .total,
      }
    },
    devices: (id: number): OrderDeviceRow[] => devices.all(id).map(fromRaw),
    /** Of every device, deployment and slot, the row of the newest order. */
    inForce: (): OrderDeviceRow[] => inForce.all().map(fromRaw),
    /** The same of one device. */
    inForceOnDevice: (device: string): OrderDeviceRow[] => inForceOnDevice.all(device).map(fromRaw),
    /** The newest order of a device in each slot of a deployment, with the rollout that made it. */
    inForceOf: (device: string, deployment: string): (OrderDeviceRow & Pick<OrderRow, 'rollout' | 'createdAt'>)[] =>
      inForceOf.all(device, deployment).map(placed),
    /** The same for every device of a deployment, in one read. */
    allInForceOf: (deployment: string): (OrderDeviceRow & Pick<OrderRow, 'rollout' | 'createdAt'>)[] =>
      allInForceOf.all(deployment).map(placed),
    /** What stood before a bundle came, by the newest order of it that found something else; null: nothing, or no order tells. */
    foundBefore(of: { device: string; deployment: string; digest: string }): Wanted | null {
      const raw = foundBefore.get(of)
      return raw === undefined ? null : fromRaw(raw).previous
    },
    add: (row: Omit<OrderRow, 'id' | 'state' | 'endedAt' | 'reached'>): number => Number(add.run(row).lastInsertRowid),
    addDevice(
      row: Pick<OrderDeviceRow, 'order' | 'device' | 'deployment' | 'slot' | 'wanted' | 'previous' | 'endedBeside' | 'counter'>,
    ): void {
      const { wanted, previous, endedBeside, ...rest } = row
      addDevice.run({
        ...rest,
        digest: wanted?.digest ?? null,
        model: wanted?.model ?? null,
        version: wanted?.version ?? null,
        role: wanted?.role ?? 'active',
        terms: JSON.stringify(wanted?.terms ?? {}),
        previousDigest: previous?.digest ?? null,
        previousModel: previous?.model ?? null,
        previousVersion: previous?.version ?? null,
        previousRole: previous?.role ?? 'active',
        previousTerms: JSON.stringify(previous?.terms ?? {}),
        endedBeside: endedBeside === null ? null : JSON.stringify(endedBeside),
      })
    },
    /** The device leaves the order that is in force. @returns that order, or null if there was none */
    leave(of: { device: string; deployment: string; slot: OrderSlot; how: 'superseded' | 'cancelled'; by: number }): number | null {
      return leave.get(of.how, of.by, of.device, of.deployment, of.slot)?.order_id ?? null
    },
    reach(order: number, device: string, at: number): void {
      if (reach.run(at, order, device).changes > 0) countReached.run(order)
    },
    setState: (id: number, state: OrderState, endedAt: number | null): void => void setState.run(state, endedAt, id),
  }
}

function placed(
  raw: RawOrderDevice & { rollout: number | null; created_at: number },
): OrderDeviceRow & Pick<OrderRow, 'rollout' | 'createdAt'> {
  return { ...fromRaw(raw), rollout: raw.rollout, createdAt: raw.created_at }
}

function fromRaw(raw: RawOrderDevice): OrderDeviceRow {
  return {
    order: raw.order_id,
    device: raw.device,
    deployment: raw.deployment,
    slot: raw.slot,
    wanted: wantedOf(raw),
    previous: wantedOf({
      ...{ digest: raw.previous_digest, model: raw.previous_model, version: raw.previous_version },
      ...{ role: raw.previous_role, terms: raw.previous_terms },
    }),
    endedBeside: raw.ended_beside === null ? null : (JSON.parse(raw.ended_beside) as Wanted),
    counter: raw.counter,
    reachedAt: raw.reached_at,
    leftHow: raw.left_how,
    leftBy: raw.left_by,
  }
}

function wantedOf(raw: {
  digest: string | null
  model: string | null
  version: string | null
  role: OrderRole
  terms: string
}): Wanted | null {
  const { digest, model, version, role, terms } = raw
  return digest === null || model === null || version === null ? null : { digest, model, version, role, terms: readTerms(terms) }
}
