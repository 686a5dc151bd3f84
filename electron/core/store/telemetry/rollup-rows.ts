import type { ReadDb } from '../open.ts'
import { bucketOf, FLEET, type Level, type Segment } from './levels.ts'
import type { Selection } from './slice-parts.ts'

/** Of so many devices and more, rows of all are read in a row and the others left out; fewer are looked up one by one. */
const MANY = 0.3

/** A row of a sum with what it is of. */
export type RollUpRow<Columns> = Columns & { bucket: number; device: number; subject: number }

/** The rows of one level that a question is about, by the index on level, bucket and device. */
export function* rollUpRows<Columns>(
  db: ReadDb,
  of: { table: 'rollup_traffic' | 'rollup_distribution' | 'rollup_quality'; columns: string },
  { devices, wanted }: Selection,
  segment: Segment & { level: Level },
): Generator<RollUpRow<Columns>> {
  const range = rangeOf(db, of.table, segment)
  if (range === null) return
  const select = `SELECT r.bucket AS bucket, r.device AS device, r.subject AS subject, ${of.columns}`
  const isWanted = wanted === null ? '' : 'AND r.subject IN (SELECT value FROM json_each(@wanted))'
  const values = { level: segment.level, ...range, ...(wanted === null ? {} : { wanted }) }
  if (devices.kind === 'each' || (devices.kind === 'some' && devices.ids.length > MANY * deviceCount(db))) {
    const rows = db.prepare<[object], RollUpRow<Columns>>(
      `${select} FROM ${of.table} AS r WHERE r.level = @level AND r.bucket >= @from AND r.bucket < @through AND r.device > ${FLEET} ${isWanted}`,
    )
    for (const row of rows.iterate(values)) if (devices.kind === 'each' || devices.set.has(row.device)) yield row
    return
  }
  const rows = db.prepare<[object], RollUpRow<Columns>>(
    `WITH RECURSIVE buckets (n) AS (SELECT @from UNION ALL SELECT n + 1 FROM buckets WHERE n + 1 < @through)
    ${select} FROM buckets CROSS JOIN json_each(@devices) AS d CROSS JOIN ${of.table} AS r
      ON r.level = @level AND r.bucket = buckets.n AND r.device = d.value ${isWanted}`,
  )
  yield* rows.iterate({ ...values, devices: JSON.stringify(devices.kind === 'fleet' ? [FLEET] : devices.ids) })
}

/** The devices of such rows. Where all devices are asked about they are told apart in the index: a day of ten thousand has a quarter of a million rows. */
export function rollUpDevices(db: ReadDb, table: 'rollup_traffic', selection: Selection, segment: Segment & { level: Level }): number[] {
  const { devices, wanted } = selection
  if (devices.kind !== 'each') {
    return [...rollUpRows<object>(db, { table, columns: 'NULL AS unread' }, selection, segment)].map(({ device }) => device)
  }
  const range = rangeOf(db, table, segment)
  if (range === null) return []
  const isWanted = wanted === null ? '' : 'AND subject IN (SELECT value FROM json_each(@wanted))'
  return db
    .prepare<[object], number>(
      `SELECT DISTINCT device FROM ${table} WHERE level = @level AND bucket >= @from AND bucket < @through AND device > ${FLEET} ${isWanted}`,
    )
    .pluck()
    .all({ level: segment.level, ...range, ...(wanted === null ? {} : { wanted }) })
}

/** The buckets of a segment that there are rows of: a period since 1970 has very many others. */
function rangeOf(
  db: ReadDb,
  table: string,
  { level, from, through }: Segment & { level: Level },
): { from: number; through: number } | null {
  const ends = db
    .prepare<[number, number], { first: number | null; last: number | null }>(
      `SELECT (SELECT min(bucket) FROM ${table} WHERE level = ?) AS first, (SELECT max(bucket) FROM ${table} WHERE level = ?) AS last`,
    )
    .get(level, level)!
  if (ends.first === null || ends.last === null) return null
  const range = { from: Math.max(ends.first, bucketOf(level, from)), through: Math.min(ends.last + 1, Math.ceil(through / level)) }
  return range.from < range.through ? range : null
}

function deviceCount(db: ReadDb): number {
  return db.prepare<[], number | null>('SELECT max(id) FROM device').pluck().get() ?? 0
}
