import type { ForwardRow, Place } from '../../store/fleet/forwards.ts'
import { cloudEventOf } from './cloud-event.ts'
import { endOfSource, eventSources, readSource, type EventSource, type SourceParts } from './sources.ts'

/** Events that wait in the outbox of one webhook at most; the rest waits where it comes from. */
export const MOST_WAITING = 1000

/** The places of a webhook that begins, or begins anew: at the end of every source. */
export function endPlaces(parts: SourceParts): Record<string, Place> {
  const end = (source: EventSource): Place => ({ at: endOfSource[source](parts), record: null, sent: 0, from: 0, until: 0 })
  return Object.fromEntries(eventSources.map((source) => [source, end(source)]))
}

interface EnqueueParts extends SourceParts {
  fleet(): string
  now(): number
}

/**
 * Puts what happened since into the outbox of a webhook, and moves its places on. Call it in a transaction.
 * @returns true if there is more
 */
export function enqueueEvents(parts: EnqueueParts, row: ForwardRow): boolean {
  const { store, now } = parts
  const { settings, forward } = row
  if (settings.kind !== 'webhook') return false
  const places = { ...row.places }
  const restored = store.settings.get('restored')?.id ?? null
  let room = MOST_WAITING - store.forwardEvents.waiting(forward)
  let isMore = false
  for (const source of eventSources) {
    const before = standing(parts, source, places[source], row.restored !== restored)
    places[source] = before
    if (room <= 0) continue
    const page = readSource[source](parts, settings, before.at)
    isMore ||= !page.isEnd
    let added = 0
    for (const event of page.events) {
      const body = JSON.stringify(cloudEventOf(event, parts.fleet()))
      const { uid, kind, type, title } = event
      if (store.forwardEvents.add({ forward, uid, kind, type, title, body, createdAt: now() })) added += 1
    }
    room -= added
    places[source] = { ...before, at: page.at, record: page.record ?? before.record, sent: before.sent + added }
  }
  if (JSON.stringify(places) !== JSON.stringify(row.places) || row.restored !== restored)
    store.forwards.setPlaces(forward, places, restored)
  return isMore && room > 0
}

/**
 * The place if the source still has it. After a restore the log goes on from an older end: what was told is told no more, and what happens from
 * now on is.
 */
function standing(parts: SourceParts, source: EventSource, place: Place | undefined, wasRestored: boolean): Place {
  const end = endOfSource[source](parts)
  const known = place ?? { at: end, record: null, sent: 0, from: 0, until: 0 }
  const isGone =
    wasRestored ||
    known.at > end ||
    (source === 'device' && known.record !== null && !parts.copies.isStill('events', known.at, known.record))
  return isGone ? { ...known, at: end, record: null } : known
}
