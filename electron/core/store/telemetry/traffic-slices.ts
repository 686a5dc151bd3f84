import type { ReadDb } from '../open.ts'
import { segmentsOf, type Level } from './levels.ts'
import { recordsOf, waitingRecords } from './record-rows.ts'
import { keptOf, retainedSince } from './retained.ts'
import { rollUpDevices, rollUpRows } from './rollup-rows.ts'
import { fitOf, Parts, selectionOf, type InnerCut, type Part } from './slice-parts.ts'
import type { CountedSubject, Slice } from './slice.ts'
import { rollUpColumns, TrafficSum, windowColumns, type StoredTraffic } from './traffic-sum.ts'

const sums = { table: 'rollup_traffic', columns: rollUpColumns } as const
const records = { table: 'window', columns: windowColumns } as const

/** Traffic of a slice, merged from sums and from the windows that no sum holds yet. */
export function trafficParts(db: ReadDb, slice: Slice, cut: InnerCut): Part<TrafficSum>[] {
  const selection = selectionOf(db, slice, cut.by)
  if (selection === null) return []
  const parts = new Parts({ slice, cut, selection }, () => new TrafficSum())
  const segments = segmentsOf(slice, fitOf(cut), keptOf(retainedSince(db), 'traffic'))
  for (const segment of segments) {
    const { level } = segment
    if (level === 0) {
      for (const row of recordsOf<StoredTraffic>(db, records, selection, segment)) parts.of(row.at, row.device, row.subject).add(row)
    } else {
      for (const row of rollUpRows<StoredTraffic>(db, sums, selection, { ...segment, level }))
        parts.of(row.bucket * level, row.device, row.subject).add(row)
    }
  }
  for (const row of waitingRecords<StoredTraffic>(db, records, selection, segments)) {
    const { level } = segments.find((segment) => row.at >= segment.from && row.at < segment.through)!
    parts.of(bucketStart(row.at, level), row.device, row.subject).add(row)
  }
  return parts.finish(db)
}

/** Begin of the bucket of a level; of a record, its own time. */
export function bucketStart(at: number, level: Level | 0): number {
  return level === 0 ? at : Math.floor(at / level) * level
}

/** Subjects that were counted in the period, the one with the most requests first. */
export function countedSubjects(db: ReadDb, slice: Slice): CountedSubject[] {
  return trafficParts(db, slice, { bucketMs: null, by: 'version' })
    .sort((a, b) => b.sum.requests - a.sum.requests)
    .flatMap(({ subject }) => (subject === null ? [] : [{ ...subject }]))
}

/** Devices with a window of the slice, by name. Reads no sums: the index of them says which there are. */
export function devicesWith(db: ReadDb, slice: Slice): string[] {
  const selection = selectionOf(db, slice, 'device')
  if (selection === null) return []
  const found = new Set<number>()
  const segments = segmentsOf(slice, null, keptOf(retainedSince(db), 'traffic'))
  for (const segment of segments) {
    const { level } = segment
    if (level === 0) {
      for (const { device } of recordsOf<object>(db, { table: 'window', columns: 'NULL AS unread' }, selection, segment)) found.add(device)
    } else for (const device of rollUpDevices(db, 'rollup_traffic', selection, { ...segment, level })) found.add(device)
  }
  for (const { device } of waitingRecords<object>(db, { table: 'window', columns: 'NULL AS unread' }, selection, segments))
    found.add(device)
  const name = db.prepare<[number], string>('SELECT name FROM device WHERE id = ?').pluck()
  return [...found].map((id) => name.get(id)!).sort()
}
