import { Problem } from '../../../../shared/domain/problem.ts'
import { unpackDistribution, type Distribution } from '../../../../shared/stats/reference/distribution.ts'
import { DistributionSum } from '../../../../shared/stats/reference/distribution-sum.ts'
import type { MonitoredReferences } from '../../../../shared/stats/reference/monitored.ts'
import type { ReadDb } from '../open.ts'
import { unpackBody } from './distribution-body.ts'
import { LEVELS } from './levels.ts'
import { segmentsOf } from './levels.ts'
import { recordsOf, waitingRecords } from './record-rows.ts'
import { keptOf, retainedSince } from './retained.ts'
import { rollUpRows } from './rollup-rows.ts'
import { Parts, selectionOf } from './slice-parts.ts'
import type { Cut, PartKey, Slice } from './slice.ts'
import { bucketStart } from './traffic-slices.ts'

const [, HOUR, DAY] = LEVELS
const records = { table: 'distribution', columns: 'body' } as const
const sums = { table: 'rollup_distribution', columns: 'body' } as const

interface Row {
  body: Uint8Array
}

/**
 * Distributions of one bundle against its references. Single devices have sums per hour and day; five minutes of them are the records.
 * @throws Problem `input.invalid` unless the slice names exactly one bundle
 */
export function distributionParts(
  db: ReadDb,
  slice: Slice,
  cut: Cut,
  references: MonitoredReferences,
): { key: PartKey; state: Distribution }[] {
  if (slice.digests?.length !== 1)
    throw new Problem('input.invalid', 'Distributions are of one bundle: its reference says what the counts mean.')
  const selection = selectionOf(db, slice, cut.by)
  if (selection === null) return []
  const parts = new Parts({ slice, cut, selection }, () => new DistributionSum())
  const levels = selection.devices.kind === 'fleet' ? LEVELS : [HOUR, DAY]
  const segments = segmentsOf(slice, cut.bucketMs, keptOf(retainedSince(db), 'distribution'), levels)
  const add = (at: number, { device, subject, body }: Row & { device: number; subject: number }): void => {
    const read = unpackBody(body)
    if (read !== null) parts.of(at, device, subject).add(read)
  }
  for (const segment of segments) {
    const { level } = segment
    if (level === 0) for (const row of recordsOf<Row>(db, records, selection, segment)) add(row.at, row)
    else for (const row of rollUpRows<Row>(db, sums, selection, { ...segment, level })) add(row.bucket * level, row)
  }
  for (const row of waitingRecords<Row>(db, records, selection, segments)) {
    const { level } = segments.find((segment) => row.at >= segment.from && row.at < segment.through)!
    add(bucketStart(row.at, level), row)
  }
  return parts.finish(db).map(({ key, sum }) => ({ key, state: unpackDistribution(sum.against(references), references) }))
}
