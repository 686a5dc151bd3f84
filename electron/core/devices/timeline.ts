import type { RolloutEvent } from '../../../shared/domain/rollout/event.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { HistoryEntry } from '../../../shared/rpc/contract/devices.ts'
import type { AuditRow } from '../store/fleet/audit.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { newestPlace, readNumber, readPlace, writePlace, type EventPlace } from '../store/telemetry/event-place.ts'
import type { StoredEvent } from '../store/telemetry/events.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'
import { auditSentence, isOrder } from './history.ts'

/** How far each of the sources has been told: events of the device, entries of the audit log, and what rollouts did with it. */
interface Cursor {
  event: EventPlace
  audit: number
  rollout: number
}

/** Where one source stands in the merging. */
interface Source {
  at(): number | null
  /** Tells the next one. */
  take(): HistoryEntry
}

/** Everything that happened to a device, the newest first, from its events, from what people did to it, and from the rollouts that it was in. */
export function timelineOf(
  { store, telemetry }: { store: FleetStore; telemetry: TelemetryQueries },
  { device, before, limit, severity }: ParsedInputOf<'devices.timeline'>,
): ResultOf<'devices.timeline'> {
  const newest: Cursor = { event: newestPlace, audit: Number.MAX_SAFE_INTEGER, rollout: Number.MAX_SAFE_INTEGER }
  const cursor = before === undefined ? newest : readCursor(before)
  const events = telemetry.eventsOfDevice({ device, before: cursor.event, severity, limit: limit + 1 })
  // What people and rollouts did is no warning; it is left out where only those are asked for.
  const isAll = severity === 'info'
  const audits = isAll ? store.audit.ofDevice(device, cursor.audit, limit + 1) : []
  const ofRollouts = isAll ? store.rolloutEvents.ofDevice(device, { before: cursor.rollout, limit: limit + 1 }) : []
  const sources: Source[] = [
    sourceOf(audits, auditEntry, (row) => (cursor.audit = row.seq)),
    sourceOf(ofRollouts, rolloutEntry, (row) => (cursor.rollout = row.seq)),
    sourceOf(events, eventEntry, (row) => (cursor.event = row)),
  ]
  const entries: HistoryEntry[] = []
  let next = newestOf(sources)
  while (entries.length < limit && next !== null) {
    entries.push(next.take())
    next = newestOf(sources)
  }
  return { entries, next: next === null ? null : writeCursor(cursor) }
}

function sourceOf<Row extends { at: number }>(rows: readonly Row[], entryOf: (row: Row) => HistoryEntry, told: (row: Row) => void): Source {
  let index = 0
  return {
    at: () => rows[index]?.at ?? null,
    take() {
      const row = rows[index]!
      index += 1
      told(row)
      return entryOf(row)
    },
  }
}

/** The source whose next entry is the newest; of equal ones the first. null: all are told. */
function newestOf(sources: readonly Source[]): Source | null {
  let newest: Source | null = null
  for (const source of sources) {
    const at = source.at()
    if (at !== null && at > (newest?.at() ?? Number.NEGATIVE_INFINITY)) newest = source
  }
  return newest
}

/** What a rollout orders of a device. */
const orderKinds: ReadonlySet<string> = new Set(['offer', 'activate', 'revert'])

/** The last orders of a device, by people and by rollouts, the newest first. Among the latest 200 entries of each: older ones are in the timeline. */
export function ordersOf(store: FleetStore, device: string, limit: number): HistoryEntry[] {
  const byPeople = store.audit
    .ofDevice(device, Number.MAX_SAFE_INTEGER, 200)
    .filter(({ action }) => isOrder(action))
    .map(auditEntry)
  const byRollouts = store.rolloutEvents
    .ofDevice(device, { before: Number.MAX_SAFE_INTEGER, limit: 200 })
    .filter(({ kind }) => orderKinds.has(kind))
    .map(rolloutEntry)
  return [...byPeople, ...byRollouts].sort((a, b) => b.at - a.at).slice(0, limit)
}

function rolloutEntry({ at, actor, kind, rollout, sentence }: RolloutEvent): HistoryEntry {
  const message = `Rollout ${rollout}: ${sentence}`
  return { at, kind: 'command', name: `rollout.${kind}`, severity: 'info', message, code: null, actor: actor.slice(0, 128) }
}

function eventEntry({ at, name, severity, message, code }: StoredEvent): HistoryEntry {
  return { at, kind: 'event', name, severity, message, code, actor: null }
}

function auditEntry(row: AuditRow): HistoryEntry {
  const { at, actor, action } = row
  const kind = action === 'devices.enrolled' ? 'enrolment' : 'command'
  return { at, kind, name: action, severity: 'info', message: auditSentence(row), code: null, actor: actor.slice(0, 128) }
}

function writeCursor({ event, audit, rollout }: Cursor): string {
  return `${writePlace(event)}.${audit}.${rollout}`
}

function readCursor(text: string): Cursor {
  const second = text.lastIndexOf('.')
  const first = text.lastIndexOf('.', Math.max(0, second - 1))
  return {
    event: readPlace(text.slice(0, Math.max(0, first))),
    audit: readNumber(text.slice(first + 1, Math.max(0, second))),
    rollout: readNumber(text.slice(second + 1)),
  }
}
