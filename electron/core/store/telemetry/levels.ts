/** Lengths of the buckets of sums, ms, the finest first. */
export const LEVELS = [300_000, 3_600_000, 86_400_000] as const
export type Level = (typeof LEVELS)[number]

/** Device of the sums over the whole fleet; devices count from 1. */
export const FLEET = 0

/** Part of a period that one level answers; level 0: the records themselves. */
export interface Segment {
  level: Level | 0
  from: number
  /** Exclusive. */
  through: number
}

/** From which time on the records, and the sums of a level, are all there; left out: from the beginning. */
export type Kept = ReadonlyMap<Level | 0, number>

/** The bucket of a level that a time belongs to, counted from 1970. */
export function bucketOf(level: Level, at: number): number {
  return Math.floor(at / level)
}

/**
 * A period in parts, each with the coarsest level whose buckets lie within the part and within the buckets of the answer: the ends of a
 * period are read finer than its middle.
 *
 * A bucket belongs to the period in which it begins. Where a finer level was removed already, the ends of the period move to the next
 * begin of a coarser bucket, so two periods side by side never count a record twice.
 * @param bucketMs of the answer; null: the whole period is one
 * @param levels that there are, the finest first
 */
export function segmentsOf(
  period: { from: number; through: number },
  bucketMs: number | null,
  kept: Kept,
  levels: readonly Level[] = LEVELS,
): Segment[] {
  const fits = levels.filter((level) => bucketMs === null || bucketMs % level === 0)
  const fine: (Level | 0)[] = [...fits.toReversed(), 0]
  const since = keptSince(kept, fine[0]!)
  if (period.from >= since) return cover(period, fine, kept)
  // Older than anything that fits: coarser than asked is all there is.
  const coarse = levels.filter((level) => !fits.includes(level) && level > Math.max(0, ...fits))
  if (coarse.length === 0) return cover({ ...period, from: since }, fine, kept)
  const cut = Math.min(period.through, ceilTo(since, coarse[0]!))
  return [...coarser({ from: period.from, through: cut }, coarse, kept), ...cover({ from: cut, through: period.through }, fine, kept)]
}

/** The finest that is left of each time. @param levels the finest first */
function coarser(period: { from: number; through: number }, levels: readonly Level[], kept: Kept): Segment[] {
  const [level, next] = levels
  if (level === undefined) return []
  const since = keptSince(kept, level)
  if (period.from >= since || next === undefined) return cover(period, [level], kept)
  const cut = Math.min(period.through, ceilTo(since, next))
  return [
    ...coarser({ from: period.from, through: cut }, levels.slice(1), kept),
    ...cover({ from: cut, through: period.through }, [level], kept),
  ]
}

/** @param levels the coarsest first */
function cover({ from, through }: { from: number; through: number }, levels: readonly (Level | 0)[], kept: Kept): Segment[] {
  if (through <= from) return []
  const [level, ...finer] = levels
  if (level === undefined) return []
  if (level === 0) return [{ level, from, through }]
  const start = ceilTo(from, level)
  const end = Math.floor(through / level) * level
  const isFiner = (at: number): boolean => finer.length > 0 && at >= keptSince(kept, finer[0]!)
  if (start >= end && isFiner(from)) return cover({ from, through }, finer, kept)
  const last = isFiner(Math.max(start, end)) ? Math.max(start, end) : ceilTo(through, level)
  const middle: Segment[] = start < last ? [{ level, from: start, through: last }] : []
  const left = isFiner(from) ? cover({ from, through: start }, finer, kept) : []
  const right = last < through ? cover({ from: last, through }, finer, kept) : []
  return [...left, ...middle, ...right]
}

/** From when on a level is whole. Days are never removed. */
function keptSince(kept: Kept, level: Level | 0): number {
  return kept.get(level) ?? Number.NEGATIVE_INFINITY
}

function ceilTo(at: number, level: number): number {
  return Math.ceil(at / level) * level
}
