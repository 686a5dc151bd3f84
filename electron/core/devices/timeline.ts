import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { HistoryEntry } from '../../../shared/rpc/contract/devices.ts'
import type { AuditRow } from '../store/fleet/audit.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { newestPlace, readNumber, readPlace, writePlace, type EventPlace } from '../store/telemetry/event-place.ts'
import type { StoredEvent } from '../store/telemetry/events.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'
import { auditSentence, isOrder } from './history.ts'

/** How far each of the two sources has been told: events of the device, and entries of the audit log. */
interface Cursor {
  event: EventPlace
  audit: number
}

/** Everything that happened to a device, the newest first, from its events and from what people did to it. */
export function timelineOf(
  { store, telemetry }: { store: FleetStore; telemetry: TelemetryQueries },
  { device, before, limit, severity }: ParsedInputOf<'devices.timeline'>,
): ResultOf<'devices.timeline'> {
  const cursor = before === undefined ? { event: newestPlace, audit: Number.MAX_SAFE_INTEGER } : readCursor(before)
  const events = telemetry.eventsOfDevice({ device, before: cursor.event, severity, limit: limit + 1 })
  // What people did is no warning; it is left out where only those are asked for.
  const audits = severity === 'info' ? store.audit.ofDevice(device, cursor.audit, limit + 1) : []
  const entries: HistoryEntry[] = []
  let [e, a] = [0, 0]
  while (entries.length < limit && (e < events.length || a < audits.length)) {
    const event = events[e]
    const audit = audits[a]
    if (audit === undefined || (event !== undefined && event.at > audit.at)) {
      entries.push(eventEntry(event!))
      cursor.event = event!
      e += 1
    } else {
      entries.push(auditEntry(audit))
      cursor.audit = audit.seq
      a += 1
    }
  }
  return { entries, next: e < events.length || a < audits.length ? writeCursor(cursor) : null }
}

/** The last orders of a device, the newest first. Among the latest 200 entries: older ones are in the timeline. */
export function ordersOf(store: FleetStore, device: string, limit: number): HistoryEntry[] {
  return store.audit
    .ofDevice(device, Number.MAX_SAFE_INTEGER, 200)
    .filter(({ action }) => isOrder(action))
    .slice(0, limit)
    .map(auditEntry)
}

function eventEntry({ at, name, severity, message, code }: StoredEvent): HistoryEntry {
  return { at, kind: 'event', name, severity, message, code, actor: null }
}

function auditEntry(row: AuditRow): HistoryEntry {
  const { at, actor, action } = row
  const kind = action === 'devices.enrolled' ? 'enrolment' : 'command'
  return { at, kind, name: action, severity: 'info', message: auditSentence(row), code: null, actor: actor.slice(0, 128) }
}

function writeCursor({ event, audit }: Cursor): string {
  return `${writePlace(event)}.${audit}`
}

function readCursor(text: string): Cursor {
  const at = text.lastIndexOf('.')
  return { event: readPlace(text.slice(0, Math.max(0, at))), audit: readNumber(text.slice(at + 1)) }
}
