import type { ReadDb } from '../open.ts'
import { distributionParts } from './distribution-slices.ts'
import { qualityParts } from './quality-slices.ts'
import type { SliceReader } from './slice.ts'
import { countedSubjects, devicesWith, trafficParts } from './traffic-slices.ts'

/**
 * Answers about slices from a file that appears with the first start of the hub: before that there is nothing. Each question sees one
 * snapshot, so that sums and the records that they do not hold yet fit together.
 */
export function lateSlices(open: () => ReadDb | null): SliceReader {
  const ask = <Answer>(question: (db: ReadDb) => Answer, none: Answer): Answer => {
    const db = open()
    return db === null ? none : db.transaction(() => question(db))()
  }
  return {
    traffic: (slice, cut) => ask((db) => trafficParts(db, slice, cut).map(({ key, sum }) => ({ key, state: sum.state() })), []),
    distributions: (slice, cut, references) => ask((db) => distributionParts(db, slice, cut, references), []),
    quality: (slice, cut) => ask((db) => qualityParts(db, slice, cut).map(({ key, sum }) => ({ key, state: sum.state })), []),
    subjects: (slice) => ask((db) => countedSubjects(db, slice), []),
    devicesOf: (slice) => ask((db) => devicesWith(db, slice), []),
    hasLabel: (device, prediction, row) =>
      ask(
        (db) =>
          db
            .prepare<[string, string, number], number>('SELECT 1 FROM label WHERE device = ? AND prediction = ? AND row = ?')
            .pluck()
            .get(device, prediction, row) !== undefined,
        false,
      ),
  }
}
