import type { ReadDb } from '../open.ts'
import type { Segment } from './levels.ts'
import type { Selection } from './slice-parts.ts'

/** Of up to so many devices records are looked up one by one; of more, all records of the time are read. */
const FEW_DEVICES = 200
/** More records than this without a sum are not read from end to end for a few devices. */
const FAR_BEHIND = 20_000

/** A record with what it is of. */
export type RecordRow<Columns> = Columns & { at: number; device: number; subject: number }

interface Of {
  table: 'window' | 'distribution'
  columns: string
}

/** Records of a time, whether sums hold them or not. */
export function* recordsOf<Columns>(db: ReadDb, of: Of, selection: Selection, { from, through }: Segment): Generator<RecordRow<Columns>> {
  const { devices, wanted } = selection
  const isWanted = wanted === null ? '' : 'AND subject IN (SELECT value FROM json_each(@wanted))'
  if (devices.kind === 'some' && devices.ids.length <= FEW_DEVICES) {
    yield* recordsOfDevices(db, of, selection, { from, through, after: 0 })
    return
  }
  const rows = db.prepare<[object], RecordRow<Columns>>(
    `SELECT started_at AS at, device, subject, ${of.columns} FROM ${of.table} WHERE started_at >= @from AND started_at < @through ${isWanted}`,
  )
  for (const row of rows.iterate({ from, through, ...(wanted === null ? {} : { wanted }) }))
    if (devices.kind !== 'some' || devices.set.has(row.device)) yield row
}

/** Records of these segments that no sum holds yet: the sums of the segments with them are whole. */
export function* waitingRecords<Columns>(
  db: ReadDb,
  of: Of,
  selection: Selection,
  segments: readonly Segment[],
): Generator<RecordRow<Columns>> {
  const summed = segments.filter(({ level }) => level !== 0)
  if (summed.length === 0) return
  const { devices, subjects } = selection
  const [from, through] = [summed[0]!.from, summed.at(-1)!.through]
  const after = db.prepare<[string], number>('SELECT cursor FROM fold WHERE name = ?').pluck().get(of.table) ?? 0
  const newest = db.prepare<[], number | null>(`SELECT max(id) FROM ${of.table}`).pluck().get() ?? 0
  const isFew = devices.kind === 'some' && devices.ids.length <= FEW_DEVICES && newest - after > FAR_BEHIND
  const rows = isFew
    ? recordsOfDevices<Columns>(db, of, selection, { from, through, after })
    : db
        .prepare<[number, number, number], RecordRow<Columns>>(
          // The plus keeps SQLite from the index on the time: above the cursor there are few records, of the time there may be millions.
          `SELECT started_at AS at, device, subject, ${of.columns} FROM ${of.table} WHERE id > ? AND +started_at >= ? AND +started_at < ?`,
        )
        .iterate(after, from, through)
  for (const row of rows) {
    if (!subjects.has(row.subject) || (devices.kind === 'some' && !devices.set.has(row.device))) continue
    if (summed.some((segment) => row.at >= segment.from && row.at < segment.through)) yield row
  }
}

function recordsOfDevices<Columns>(
  db: ReadDb,
  of: Of,
  { devices, subjects }: Selection,
  { from, through, after }: { from: number; through: number; after: number },
): IterableIterator<RecordRow<Columns>> {
  return db
    .prepare<[object], RecordRow<Columns>>(
      `SELECT started_at AS at, device, subject, ${of.columns} FROM json_each(@devices) AS d CROSS JOIN json_each(@subjects) AS s
        CROSS JOIN ${of.table} AS r ON r.device = d.value AND r.subject = s.value AND r.started_at >= @from AND r.started_at < @through
          AND +r.id > @after`,
    )
    .iterate({
      ...{ from, through, after, subjects: JSON.stringify([...subjects.keys()]) },
      devices: JSON.stringify(devices.kind === 'some' ? devices.ids : []),
    })
}
