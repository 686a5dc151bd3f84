import type { ReadDb } from '../open.ts'
import type { Grid } from './grid.ts'
import { LEVELS, type Level } from './levels.ts'
import { retainedSince } from './retained.ts'

/** Charts of up to this are read from minutes or single windows; longer ones from sums. */
const SHORT_MS = 6 * 3_600_000
/** Windows that one chart may read: about half a second of work. A device has about one per minute. */
const MOST_WINDOWS = 60_000

export interface ChartQuestion {
  from: number
  through: number
  buckets: number
  /** null: the whole fleet. */
  devices: number | null
}

/**
 * The unit that the buckets of a chart are whole numbers of. Short charts have the finest (a minute of the fleet, a second of devices); longer
 * ones, and those of a time of which only coarser sums are left, begin at whole buckets of these sums.
 */
export function chartUnit(db: ReadDb, { from, through, buckets, devices }: ChartQuestion, finestMs: number): number {
  const since = retainedSince(db)
  const isKept = (name: 'minute' | 'window 0' | `traffic ${Level}`): boolean => from >= (since.get(name) ?? Number.NEGATIVE_INFINITY)
  const windows = ((devices ?? 0) * (through - from)) / 60_000
  if (through - from <= SHORT_MS && windows <= MOST_WINDOWS && isKept(devices === null ? 'minute' : 'window 0')) return finestMs
  const kept = LEVELS.filter((level) => isKept(`traffic ${level}`))
  const fine = kept.filter((level) => level <= (through - from) / buckets)
  return fine.at(-1) ?? kept[0] ?? LEVELS[2]
}

/** The longest bucket of sums that the grid consists of; null: it cuts through the shortest. */
export function sumLevelOf({ from, bucketMs }: Grid): Level | null {
  return LEVELS.findLast((level) => from % level === 0 && bucketMs % level === 0) ?? null
}
