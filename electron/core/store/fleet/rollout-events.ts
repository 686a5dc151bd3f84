import type { RolloutEvent } from '../../../../shared/domain/rollout/event.ts'
import type { WriteDb } from '../open.ts'

/** What ends the time in which a device fetches what it was offered. */
const leaving = ['commit', 'reject', 'fail', 'time-out', 'supersede', 'skip', 'revert', 'shadow', 'split', 'offer']
/** An offer that is older has ended, whatever its device says. */
const LONGEST_SPAN_MS = 90 * 86_400_000

/** From an offer to the answer of its device. */
export interface OfferSpan {
  rollout: number
  device: string
  from: number
  /** null: it has not answered. */
  through: number | null
}

type RawEvent = Omit<RolloutEvent, 'detail'> & { detail: string }

/** Which events of a rollout are asked for. */
export interface EventFilter {
  rollout: number
  device: string | null
  kinds: readonly string[] | null
  isWithoutDevices: boolean
}

export type RolloutEventTable = ReturnType<typeof openRolloutEventTable>

const columns = 'seq, rollout, at, actor, kind, device, wave, from_state AS "from", to_state AS "to", sentence, detail'

/** The append-only log of rollouts. */
export function openRolloutEventTable(db: WriteDb) {
  const add = db.prepare(
    `INSERT INTO rollout_event (rollout, at, actor, kind, device, wave, from_state, to_state, sentence, detail)
    VALUES (@rollout, @at, @actor, @kind, @device, @wave, @from, @to, @sentence, @detail)`,
  )
  const all = db.prepare<[number], RawEvent>(`SELECT ${columns} FROM rollout_event WHERE rollout = ? ORDER BY seq`)
  const after = db.prepare<[number, number], RawEvent>(`SELECT ${columns} FROM rollout_event WHERE seq > ? ORDER BY seq LIMIT ?`)
  const newest = db.prepare<[], number | null>('SELECT max(seq) FROM rollout_event').pluck()
  const ofDevice = db.prepare<[string, number, number], RawEvent>(
    `SELECT ${columns} FROM rollout_event WHERE device = ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
  )
  const spans = db.prepare<{ since: number; from: number; through: number; leaving: string }, OfferSpan>(
    `SELECT * FROM (SELECT offer.rollout, offer.device, offer.at AS "from",
        (SELECT min(at) FROM rollout_event AS later WHERE later.device = offer.device AND later.rollout = offer.rollout AND later.seq > offer.seq
          AND later.kind IN (SELECT value FROM json_each(@leaving))) AS through
      FROM rollout_event AS offer WHERE offer.kind = 'offer' AND offer.at >= @since AND offer.at < @through)
    WHERE through IS NULL OR through >= @from`,
  )
  return {
    /** Times from an offer to the answer of its device that overlap a period. */
    offerSpans: ({ from, through }: { from: number; through: number }): OfferSpan[] =>
      spans.all({ from, through, since: from - LONGEST_SPAN_MS, leaving: JSON.stringify(leaving) }),
    /** Writes an event down. @returns it with its place in the log */
    add(event: Omit<RolloutEvent, 'seq'>): RolloutEvent {
      const seq = Number(add.run({ ...event, detail: JSON.stringify(event.detail) }).lastInsertRowid)
      return { ...event, seq }
    },
    /** Of all rollouts, in the order of the log. */
    after: (seq: number, limit: number): RolloutEvent[] => after.all(seq, limit).map(fromRaw),
    /** The newest place of the log; 0: there is none. */
    newest: (): number => newest.get() ?? 0,
    /** In the order of the log. */
    *all(rollout: number): Generator<RolloutEvent> {
      for (const raw of all.iterate(rollout)) yield fromRaw(raw)
    },
    /** Of all rollouts, the newest first. */
    ofDevice: (device: string, page: { before: number; limit: number }): RolloutEvent[] =>
      ofDevice.all(device, page.before, page.limit).map(fromRaw),
    /** The newest first. */
    page(filter: EventFilter, page: { before: number | null; limit: number }): RolloutEvent[] {
      const conditions = [
        'rollout = @rollout',
        ...(filter.device === null ? [] : ['device = @device']),
        ...(filter.isWithoutDevices ? ['device IS NULL'] : []),
        ...(filter.kinds === null ? [] : ['kind IN (SELECT value FROM json_each(@kinds))']),
        ...(page.before === null ? [] : ['seq < @before']),
      ]
      return db
        .prepare<[object], RawEvent>(
          `SELECT ${columns} FROM rollout_event WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT @limit`,
        )
        .all({ rollout: filter.rollout, device: filter.device, kinds: JSON.stringify(filter.kinds), ...page })
        .map(fromRaw)
    },
  }
}

function fromRaw({ detail, ...event }: RawEvent): RolloutEvent {
  return { ...event, detail: JSON.parse(detail) as Record<string, unknown> }
}
