import type { ReadDb } from '../open.ts'
import { newestPlace, type EventPlace } from './event-place.ts'

/** An event of a device, with its place in the store. */
export interface StoredEvent {
  device: string
  at: number
  name: string
  severity: string
  message: string
  code: string | null
  spool: number
  seq: number
}

export type Severity = 'info' | 'warning' | 'error'

const columns = 'device, at, name, severity, message, code, spool, seq'
const atLeast: Record<Severity, string> = { info: '', warning: "AND severity IN ('warning', 'error')", error: "AND severity = 'error'" }

/** The newest events of a device before a place. */
export function eventsOfDevice(
  db: ReadDb,
  question: { device: string; before: EventPlace; severity: Severity; limit: number },
): StoredEvent[] {
  const { device, before, severity, limit } = question
  return db
    .prepare<unknown[], StoredEvent>(
      `SELECT ${columns} FROM event WHERE device = ? AND at <= ? AND (at, spool, seq) < (?, ?, ?) ${atLeast[severity]}
      ORDER BY at DESC, spool DESC, seq DESC LIMIT ?`,
    )
    .all(device, before.at, before.at, before.spool, before.seq, limit)
}

/** Up to so many devices are asked one by one, by their index; more are filtered out of all events. */
const FEW_DEVICES = 100
/** A query that selects few of very many devices would otherwise read all events there are. */
const MOST_LOOKED_AT = 200_000

interface FleetQuestion {
  /** null: all. */
  devices: ReadonlySet<string> | null
  before: EventPlace
  /** Events of devices whose clock runs further ahead than this would stand in front for ever: they are left out. */
  until: number
  severity: Severity
  limit: number
}

/** The newest events of the fleet, or of some devices, before a place. */
export function eventsOfFleet(db: ReadDb, question: FleetQuestion): StoredEvent[] {
  const { devices, until, severity, limit } = question
  const before = question.before.at <= until ? question.before : { ...newestPlace, at: until }
  if (devices === null || devices.size > FEW_DEVICES) return filtered(db, { ...question, before })
  return [...devices]
    .flatMap((device) => eventsOfDevice(db, { device, before, severity, limit }))
    .sort((a, b) => b.at - a.at || b.spool - a.spool || b.seq - a.seq)
    .slice(0, limit)
}

function filtered(db: ReadDb, { devices, before, severity, limit }: FleetQuestion): StoredEvent[] {
  const rows = db
    .prepare<unknown[], StoredEvent>(
      `SELECT ${columns} FROM event WHERE at <= ? AND (at, spool, seq) < (?, ?, ?) ${atLeast[severity]}
      ORDER BY at DESC, spool DESC, seq DESC`,
    )
    .iterate(before.at, before.at, before.spool, before.seq)
  const found: StoredEvent[] = []
  let looked = 0
  for (const row of rows) {
    if (devices?.has(row.device) !== false) found.push(row)
    looked += 1
    if (found.length === limit || looked === MOST_LOOKED_AT) break
  }
  return found
}
