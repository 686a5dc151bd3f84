import { deviceHealth, type DeviceHealth } from '../../../../shared/domain/device-health.ts'
import type { QuerySubject } from '../../../../shared/domain/query/attributes.ts'
import { reportedMessage, type ReportedMessage } from '../../../../shared/protocol/reported.ts'
import type { WriteDb } from '../open.ts'
import type { DeploymentRow } from './deployments.ts'
import type { DeviceRow } from './devices.ts'
import { readTerms, type OrderRole } from './terms.ts'

/** A device with what is ordered of it, as lists and queries see it. Entries are shared and never changed: a change makes a new one. */
export interface RosterEntry {
  readonly row: DeviceRow
  /** By name of the deployment. */
  readonly orders: readonly DeploymentRow[]
  /** Counter of the newest order that was signed; null: none yet. */
  readonly orderCounter: number | null
  readonly state: DeviceHealth
  readonly subject: QuerySubject
}

/** A row of `device` without what the device reported. */
interface RawHead {
  device: string
  secret_hash: string
  labels: string
  enrolled_at: number
  status: DeviceRow['status']
  boot: string | null
  agent_version: string | null
  last_seen_at: number | null
  reported_at: number | null
  order_counter: number | null
  shut: 'revoked' | 'quarantined' | null
}

type RawDevice = RawHead & { reported: string | null }

const head = `device.device, secret_hash, labels, enrolled_at, status, boot, agent_version, last_seen_at, reported_at,
  assignment.counter AS order_counter,
  CASE WHEN device_trust.revoked_at IS NOT NULL THEN 'revoked' WHEN device_trust.quarantined_at IS NOT NULL THEN 'quarantined' END AS shut`
const tables = `device LEFT JOIN assignment ON assignment.device = device.device
  LEFT JOIN device_trust ON device_trust.device = device.device`

/** A row of `deployment` with what stands beside it. */
interface RawOrder {
  device: string
  deployment: string
  digest: string
  model: string
  version: string
  orderedAt: number
  asked: number | null
  terms: string
  besideDigest: string | null
  besideModel: string
  besideVersion: string
  besideRole: OrderRole
  besideTerms: string
  besideOrderedAt: number
  besideAsked: number | null
}

const orderColumns = `deployment.device, deployment.deployment, deployment.digest, deployment.model, deployment.version,
  deployment.ordered_at AS orderedAt, deployment.asked, deployment.terms, beside.digest AS besideDigest, beside.model AS besideModel,
  beside.version AS besideVersion, beside.role AS besideRole, beside.terms AS besideTerms, beside.ordered_at AS besideOrderedAt, beside.asked AS besideAsked`
const orderTables = `deployment LEFT JOIN beside ON beside.device = deployment.device AND beside.deployment = deployment.deployment`

export type RosterRows = ReturnType<typeof prepareRosterRows>

/** Prepares the reads of whole entries. */
export function prepareRosterRows(db: WriteDb) {
  const all = db.prepare<[], RawDevice>(`SELECT ${head}, reported FROM ${tables} ORDER BY device.device`)
  const one = db.prepare<[string], RawDevice>(`SELECT ${head}, reported FROM ${tables} WHERE device.device = ?`)
  const allHeads = db.prepare<[], RawHead>(`SELECT ${head} FROM ${tables} ORDER BY device.device`)
  const oneHead = db.prepare<[string], RawHead>(`SELECT ${head} FROM ${tables} WHERE device.device = ?`)
  const oneOrders = db.prepare<[string], RawOrder>(
    `SELECT ${orderColumns} FROM ${orderTables} WHERE deployment.device = ? ORDER BY deployment.deployment`,
  )
  const allOrders = db.prepare<[], RawOrder>(`SELECT ${orderColumns} FROM ${orderTables} ORDER BY deployment.device, deployment.deployment`)
  const orders = (device: string): DeploymentRow[] => oneOrders.all(device).map(orderOf)
  const ordersByDevice = (): Map<string, DeploymentRow[]> => Map.groupBy(allOrders.all().map(orderOf), (order) => order.device)
  return {
    all(dropping: ReadonlySet<string>): RosterEntry[] {
      const ordersOf = ordersByDevice()
      return all.all().map((raw) => entryOf(raw, parseReport(raw.reported), ordersOf.get(raw.device) ?? [], dropping))
    },
    one(device: string, dropping: ReadonlySet<string>): RosterEntry | null {
      const raw = one.get(device)
      return raw === undefined ? null : entryOf(raw, parseReport(raw.reported), orders(device), dropping)
    },
    /** An entry whose report is known to be the same: it is not parsed again. */
    again(known: RosterEntry, dropping: ReadonlySet<string>): RosterEntry | null {
      const raw = oneHead.get(known.row.device)
      return raw === undefined ? null : entryOf(raw, known.row.reported, orders(known.row.device), dropping)
    },
    /** All entries anew, but for the reports of those that `known` gives: they are not read and parsed again. */
    allAgain(known: (device: string) => RosterEntry | undefined, dropping: ReadonlySet<string>): RosterEntry[] {
      const ordersOf = ordersByDevice()
      return allHeads.all().map((raw) => {
        const entry = known(raw.device)
        const reported = entry === undefined ? parseReport(one.get(raw.device)?.reported ?? null) : entry.row.reported
        return entryOf(raw, reported, ordersOf.get(raw.device) ?? [], dropping)
      })
    },
    orders,
  }
}

function orderOf(raw: RawOrder): DeploymentRow {
  const { device, deployment, digest, model, version, orderedAt, asked } = raw
  return {
    ...{ device, deployment, digest, model, version, orderedAt, asked, terms: readTerms(raw.terms) },
    beside:
      raw.besideDigest === null
        ? null
        : {
            ...{ digest: raw.besideDigest, model: raw.besideModel, version: raw.besideVersion, role: raw.besideRole },
            ...{ terms: readTerms(raw.besideTerms), orderedAt: raw.besideOrderedAt, asked: raw.besideAsked },
          },
  }
}

/** The same device with its state judged anew. */
export function judgedAgain(entry: RosterEntry, dropping: ReadonlySet<string>): RosterEntry {
  const { row, orders, orderCounter } = entry
  const state = stateOf(row, orders, orderCounter, dropping)
  return { ...entry, state, subject: { ...entry.subject, health: state.health } }
}

function entryOf(
  raw: RawHead,
  reported: ReportedMessage | null,
  orders: readonly DeploymentRow[],
  dropping: ReadonlySet<string>,
): RosterEntry {
  const row: DeviceRow = {
    device: raw.device,
    secretHash: raw.secret_hash,
    labels: JSON.parse(raw.labels) as Record<string, string>,
    enrolledAt: raw.enrolled_at,
    status: raw.status,
    boot: raw.boot,
    agentVersion: raw.agent_version,
    lastSeenAt: raw.last_seen_at,
    reported,
    reportedAt: raw.reported_at,
    shut: raw.shut,
  }
  const state = stateOf(row, orders, raw.order_counter, dropping)
  return { row, orders, orderCounter: raw.order_counter, state, subject: subjectOf(row, state.health) }
}

function stateOf(
  row: DeviceRow,
  ordered: readonly DeploymentRow[],
  orderCounter: number | null,
  dropping: ReadonlySet<string>,
): DeviceHealth {
  return deviceHealth({
    status: row.status,
    reported: row.reported,
    ordered,
    orderCounter,
    isDropping: dropping.has(row.device),
    shut: row.shut ?? null,
  })
}

/** A device as a query sees it. */
function subjectOf(row: DeviceRow, health: QuerySubject['health']): QuerySubject {
  const active = Object.entries(row.reported?.deployments ?? {}).flatMap(([deployment, reported]) =>
    reported.active === null ? [] : [{ deployment, model: reported.active.model, version: reported.active.version }],
  )
  return { device: row.device, status: row.status, health, labels: row.labels, facts: row.reported?.facts ?? null, active }
}

/** What was stored was parsed when it came; it is parsed again because an older version may have stored it. */
function parseReport(text: string | null): ReportedMessage | null {
  return text === null ? null : (reportedMessage.safeParse(JSON.parse(text)).data ?? null)
}
