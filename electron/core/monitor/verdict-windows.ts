import { addDistribution, emptyDistribution, type Distribution } from '../../../shared/stats/reference/distribution.ts'
import { countsOf, effectiveValues, type CountedThing } from './watched-bundle.ts'

/** Counts of one span of equal length; `at` is a multiple of that length, UTC. */
export interface Bucket {
  at: number
  counts: Distribution
}

/** A run of buckets that is judged as one. */
export interface VerdictWindow {
  from: number
  /** Exclusive. */
  through: number
  counts: Distribution
}

/** Windows of a slice, the oldest first, and what waits for more values or for its end. */
export interface Windows {
  closed: VerdictWindow[]
  open: { from: number; effective: number } | null
}

/** A verdict window never is longer than so many of its shortest length; runs begin anew at multiples of it, so that every question cuts alike. */
export const MOST_LENGTHS = 24

/** How windows are cut. */
export interface CutRule {
  /** Length of a bucket, ms. */
  windowMs: number
  /** Effective values from which a window closes. */
  needs: number
  /** Fewer are no evidence: what is left of a run at its latest end is a window only with so many, or if the run had no other. */
  leastValues: number
  /** Buckets that end after this time may still grow. */
  closedBy: number
}

/**
 * Effective values of everything that is counted, taken together: the (upper) median, so that one silent or very dependent feature does not keep all
 * others from being judged; it is "insufficient data" by itself then.
 */
export function effectiveOfAll(things: readonly CountedThing[], counts: Distribution): number {
  const values = things
    .map((thing) => countsOf(thing, counts))
    .filter((one) => one !== null)
    .map(effectiveValues)
    .sort((a, b) => a - b)
  return values[Math.floor(values.length / 2)] ?? 0
}

/** Start of the stretch of `MOST_LENGTHS` lengths that a time is in. */
export function stretchOf(at: number, windowMs: number): number {
  return Math.floor(at / (windowMs * MOST_LENGTHS)) * windowMs * MOST_LENGTHS
}

/**
 * Cuts buckets into verdict windows: the shortest runs that have enough effective values. A run begins with a bucket that has counts, goes on
 * over gaps, and ends at the latest with its stretch. A bucket that has enough by itself always ends a run.
 * @param buckets ascending, from the start of a stretch on, or from behind a bucket that has enough by itself
 */
export function cutWindows(buckets: readonly Bucket[], things: readonly CountedThing[], rule: CutRule): Windows {
  const windows: Windows = { closed: [], open: null }
  for (const [stretch, members] of Map.groupBy(buckets, ({ at }) => stretchOf(at, rule.windowMs))) {
    cutStretch(windows, { members, things, rule, endsAt: stretch + MOST_LENGTHS * rule.windowMs })
  }
  return windows
}

function cutStretch(
  windows: Windows,
  { members, things, rule, endsAt }: { members: readonly Bucket[]; things: readonly CountedThing[]; rule: CutRule; endsAt: number },
): void {
  const before = windows.closed.length
  let run: VerdictWindow | null = null
  for (const bucket of members) {
    const end = bucket.at + rule.windowMs
    run ??= { from: bucket.at, through: end, counts: emptyDistribution() }
    addDistribution(run.counts, bucket.counts)
    run.through = end
    if (end > rule.closedBy) continue
    const isEnough = effectiveOfAll(things, run.counts) >= rule.needs || effectiveOfAll(things, bucket.counts) >= rule.needs
    if (!isEnough) continue
    windows.closed.push(run)
    run = null
  }
  if (run === null) return
  const effective = effectiveOfAll(things, run.counts)
  if (endsAt > rule.closedBy) windows.open = { from: run.from, effective }
  else if (effective >= rule.leastValues || windows.closed.length === before) windows.closed.push(run)
}

/** So many buckets are read before the whole stretch: a busy slice closes a window with each of them. */
const SHALLOW = 8
/** Windows that a verdict looks at. */
const LOOKED_AT = 3
/** A slice that fills one window per stretch has enough of them in so many. */
const STRETCHES = 4

/**
 * The windows as of a time, cut like any other question would, while reading as little as will do.
 * @param read buckets of a period, ascending
 * @param from windows that end after it are wanted, beside the last few
 */
export function windowsAsOf(
  read: (from: number, through: number) => Bucket[],
  of: { things: readonly CountedThing[]; rule: CutRule; from: number; through: number },
): Windows {
  const { things, rule, from, through } = of
  const begun = Math.floor((through - 1) / rule.windowMs) * rule.windowMs
  const near = Math.max(0, begun - SHALLOW * rule.windowMs)
  const newest = from > near ? read(near, through) : null
  const shallow = newest === null ? null : behindWholeBucket(newest, of)
  if (shallow !== null && shallow.closed.length >= LOOKED_AT) return shallow
  const stretch = stretchOf(begun, rule.windowMs)
  const start = Math.max(0, Math.min(stretchOf(from, rule.windowMs), stretch - (STRETCHES - 1) * MOST_LENGTHS * rule.windowMs))
  const buckets = newest === null ? read(start, through) : [...read(start, near), ...newest]
  return cutWindows(buckets, things, rule)
}

/** The windows behind the first bucket that has enough by itself, as it ends a run wherever that began; null without one before `from`. */
function behindWholeBucket(
  buckets: readonly Bucket[],
  { things, rule, from }: { things: readonly CountedThing[]; rule: CutRule; from: number },
): Windows | null {
  const whole = buckets.findIndex(({ at, counts }) => at + rule.windowMs <= rule.closedBy && effectiveOfAll(things, counts) >= rule.needs)
  if (whole < 0 || buckets[whole]!.at + rule.windowMs > from) return null
  const { closed, open } = cutWindows(buckets.slice(whole), things, rule)
  return { closed: closed.slice(1), open }
}
