import type { RetentionKind } from '../../../../shared/domain/retention.ts'
import type { ReadDb } from '../open.ts'
import { LEVELS } from './levels.ts'

/** What can be said of the store at a glance. */
export interface StoreFacts {
  fileBytes: number
  freeBytes: number
  waiting: { windows: number; distributions: number; hoursOfLabels: number }
  kinds: Record<RetentionKind, { rows: number | null; oldestAt: number | null }>
}

const nothing = { rows: null, oldestAt: null }

/** A store that is not there yet. */
export const noStore: StoreFacts = {
  ...{ fileBytes: 0, freeBytes: 0, waiting: { windows: 0, distributions: 0, hoursOfLabels: 0 } },
  kinds: {
    ...{ windows: nothing, distributions: nothing, samples: nothing, events: nothing, resources: nothing },
    ...{ minutes: nothing, fiveMinutes: nothing, hours: nothing, labels: nothing, usage: nothing },
  },
}

/** Size of the store, what waits, and how old each kind is: from both ends of tables, so that it costs nothing however many rows there are. */
export function storeFacts(db: ReadDb): StoreFacts {
  const pragma = (name: string): number => Number(db.pragma(name, { simple: true }))
  const one = (sql: string): number => db.prepare<[], number | null>(sql).pluck().get() ?? 0
  const pageBytes = pragma('page_size')
  const waiting = (table: string): number =>
    Math.max(0, one(`SELECT max(id) FROM ${table}`) - one(`SELECT cursor FROM fold WHERE name = '${table}'`))
  const arrived = (table: string): { rows: number; oldestAt: number | null } => ({
    rows: one(`SELECT (SELECT max(rowid) FROM ${table}) - (SELECT min(rowid) FROM ${table}) + 1`),
    oldestAt: db.prepare<[], number>(`SELECT received_at FROM ${table} ORDER BY rowid LIMIT 1`).pluck().get() ?? null,
  })
  const summed = (table: string, unitMs: number, column: string): { rows: null; oldestAt: number | null } => {
    const first = db.prepare<[], number | null>(
      `SELECT min(${column}) FROM ${table}${column === 'bucket' ? ` WHERE level = ${unitMs}` : ''}`,
    )
    const bucket = first.pluck().get() ?? null
    return { rows: null, oldestAt: bucket === null ? null : bucket * unitMs }
  }
  return {
    fileBytes: pragma('page_count') * pageBytes,
    freeBytes: pragma('freelist_count') * pageBytes,
    waiting: {
      windows: waiting('window'),
      distributions: waiting('distribution'),
      hoursOfLabels: one('SELECT count(*) FROM (SELECT 1 FROM dirty_quality LIMIT 1000)'),
    },
    kinds: {
      ...{ windows: arrived('window'), distributions: arrived('distribution'), samples: arrived('sample') },
      ...{ events: arrived('event'), resources: arrived('resources'), usage: arrived('ledger') },
      minutes: summed('minute_traffic', 60_000, 'minute'),
      fiveMinutes: summed('rollup_traffic', LEVELS[0], 'bucket'),
      hours: summed('rollup_traffic', LEVELS[1], 'bucket'),
      labels: summed('rollup_quality', LEVELS[1], 'bucket'),
    },
  }
}
