import type { WriteDb } from '../open.ts'
import type { AuditTable, StoredEntry } from './audit.ts'

/** Which entries are asked for; absent: all. */
export interface AuditFilter {
  /** A part of the actor, such as `anna`. */
  actor?: string | undefined
  /** A part of the action, such as `rollouts.`. */
  action?: string | undefined
  device?: string | undefined
  /** A part of what the entry says. */
  text?: string | undefined
  from?: number | undefined
  through?: number | undefined
}

/** Where a page begins and how long it is. */
export interface AuditPlace {
  /** Entries on the other side of this number: lower ones, the newest first, or higher ones in the order of the log. */
  from: number
  order: 'newest' | 'oldest'
  limit: number
}

/** A page as it was found within the work that one call may do. */
export interface AuditPage {
  entries: StoredEntry[]
  /** Where to go on; null: the end of the log was reached. */
  next: number | null
}

/** Entries that one call looks at: what is rare is found in several, and nobody waits for it. */
export const MOST_LOOKED_AT = 20_000
const CHUNK = 2000
/** Each enrolment code is an actor of its own; as a choice they are one. */
const CODES = 'code:'

export type AuditSearch = ReturnType<typeof openAuditSearch>

const columns = 'audit.seq AS seq, at, actor, action, detail, previous_hash AS previousHash, hash, redacted_by AS redactedBy'

/** Finds entries by who, what, where, when and any text. */
export function openAuditSearch(db: WriteDb, audit: AuditTable) {
  const distinct = (column: 'actor' | 'action') =>
    db.prepare<[], { value: string }>(`WITH RECURSIVE found(value) AS (SELECT min(${column}) FROM audit UNION ALL
      SELECT (SELECT min(${column}) FROM audit WHERE ${column} > CASE WHEN found.value LIKE 'code:%' THEN 'code;' ELSE found.value END)
      FROM found WHERE found.value IS NOT NULL) SELECT value FROM found WHERE value IS NOT NULL`)
  const actors = distinct('actor')
  const actions = distinct('action')
  const bounds = db.prepare<{ from: number; through: number }, { least: number | null; most: number | null }>(
    'SELECT min(seq) AS least, max(seq) AS most FROM audit WHERE at >= @from AND at <= @through',
  )
  const scan = (source: string, order: AuditPlace['order']) =>
    db.prepare<object, StoredEntry>(
      `SELECT ${columns} FROM ${source} AND audit.seq > @low AND audit.seq < @high ORDER BY audit.seq ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT @limit`,
    )
  const both = (source: string) => ({ newest: scan(source, 'newest'), oldest: scan(source, 'oldest') })
  const sources = {
    all: both('audit WHERE true'),
    actor: both('audit WHERE actor = @value'),
    code: both(`audit WHERE actor >= 'code:' AND actor < 'code;'`),
    action: both('audit WHERE action = @value'),
    device: both('audit_device JOIN audit ON audit.seq = audit_device.seq WHERE audit_device.device = @value'),
  }
  type Source = { of: keyof typeof sources; value: string }

  const actorValues = (): string[] => actors.all().map(({ value }) => (value.startsWith(CODES) ? CODES : value))
  const actionValues = (): string[] => actions.all().map(({ value }) => value)
  const shownActor = (actor: string): string => audit.readable({ seq: 1, at: 0, actor, action: '', detail: '' }).actor

  /** The index that leaves the least to look at: each of its values is read in order. */
  const sourcesOf = (filter: AuditFilter): Source[] => {
    if (filter.device !== undefined) return [{ of: 'device', value: filter.device }]
    if (filter.actor !== undefined) {
      const part = filter.actor.toLowerCase()
      const known = actorValues().filter((actor) =>
        actor === CODES ? part.startsWith(CODES) || CODES.includes(part) : shownActor(actor).toLowerCase().includes(part),
      )
      return known.map((value) => ({ of: value === CODES ? 'code' : 'actor', value }))
    }
    if (filter.action === undefined) return [{ of: 'all', value: '' }]
    const part = filter.action.toLowerCase()
    return actionValues()
      .filter((action) => action.toLowerCase().includes(part))
      .map((value) => ({ of: 'action', value }))
  }

  return {
    /** Actors and actions that the log has, for people to choose from. */
    actors: (): string[] => [...new Set(actorValues().map((actor) => (actor === CODES ? CODES : shownActor(actor))))].sort(),
    actions: actionValues,
    page(filter: AuditFilter, { from, order, limit }: AuditPlace): AuditPage {
      const range = periodOf(filter, bounds)
      let low = Math.max(range.low, order === 'oldest' ? from : -1)
      let high = Math.min(range.high, order === 'newest' ? from : Number.MAX_SAFE_INTEGER)
      const chosen = sourcesOf(filter)
      const isAsked = matcherOf(filter, audit)
      const entries: StoredEntry[] = []
      let looked = 0
      while (looked < MOST_LOOKED_AT) {
        const chunk = Math.min(CHUNK, Math.max(limit, 200))
        const found = chosen.flatMap(({ of, value }) => sources[of][order].all({ value, low, high, limit: chunk }))
        if (chosen.length > 1) found.sort((a, b) => (order === 'newest' ? b.seq - a.seq : a.seq - b.seq))
        const rows = found.slice(0, chunk)
        for (const row of rows) {
          if (order === 'newest') high = row.seq
          else low = row.seq
          if (isAsked(row)) entries.push(row)
          if (entries.length === limit) return { entries, next: row.seq }
        }
        if (rows.length < chunk) return { entries, next: null }
        looked += rows.length
      }
      return { entries, next: order === 'newest' ? high : low }
    },
  }
}

function periodOf(
  { from, through }: AuditFilter,
  bounds: { get(period: { from: number; through: number }): { least: number | null; most: number | null } | undefined },
): { low: number; high: number } {
  if (from === undefined && through === undefined) return { low: 0, high: Number.MAX_SAFE_INTEGER }
  const { least, most } = bounds.get({ from: from ?? 0, through: through ?? Number.MAX_SAFE_INTEGER })!
  return least === null ? { low: 0, high: 0 } : { low: least - 1, high: most! + 1 }
}

/** Texts that are looked for without reading an entry; more of them, and each is read. */
const MOST_REFS = 50

/** Says of an entry if it is asked for. Most are turned down by their stored text, without putting what is personal back into its place. */
function matcherOf(filter: AuditFilter, audit: AuditTable): (row: StoredEntry) => boolean {
  const actors = new Map<string, string>()
  const actorOf = (row: StoredEntry): string => {
    const known = actors.get(row.actor) ?? audit.readable({ ...row, detail: '' }).actor.toLowerCase()
    actors.set(row.actor, known)
    return known
  }
  const [actor, action, text] = [filter.actor, filter.action, filter.text].map((part) => part?.toLowerCase())
  const refs = text === undefined ? [] : audit.personal.containing(text)
  const mayHold = ({ detail }: StoredEntry, part: string): boolean =>
    refs.length > MOST_REFS || detail.toLowerCase().includes(part) || refs.some((ref) => detail.includes(ref))
  return (row) => {
    // The clock may have gone back in between, so the time is asked of each.
    if (filter.from !== undefined && row.at < filter.from) return false
    if (filter.through !== undefined && row.at > filter.through) return false
    if (action !== undefined && !row.action.toLowerCase().includes(action)) return false
    if (actor !== undefined && !actorOf(row).includes(actor)) return false
    if (text === undefined || row.action.toLowerCase().includes(text) || actorOf(row).includes(text)) return true
    return mayHold(row, text) && audit.readable(row).detail.toLowerCase().includes(text)
  }
}
