import { defaultDriftRule } from '../../../shared/stats/drift/score-window.ts'
import { addDistribution, emptyDistribution, type Distribution } from '../../../shared/stats/reference/distribution.ts'
import type { MonitoredReferences } from '../../../shared/stats/reference/monitored.ts'
import type { Slice, SliceReader } from '../store/telemetry/slice.ts'
import { windowsAsOf, type Bucket, type CutRule, type Windows } from './verdict-windows.ts'
import type { WatchedBundle } from './watched-bundle.ts'

/** A device closes its window within the next one, so the counts of the last minutes of a bucket come that much later. */
const MOST_LATE_MS = 300_000
/** More buckets than this are no picture, and no verdict looks back so far. */
const MOST_BUCKETS = 2400

/** Which devices, deployment and bundle. */
export type Counted = Pick<Slice, 'devices' | 'deployment'> & { bundle: WatchedBundle }

/** Buckets of a slice, ascending, those without counts left out. */
export function readBuckets(slices: SliceReader, of: Counted, period: { from: number; through: number; windowMs: number }): Bucket[] {
  const { from, through, windowMs } = period
  if (through <= from) return []
  const slice: Slice = { devices: of.devices, deployment: of.deployment, digests: [of.bundle.digest], from, through }
  const parts = slices.distributions(slice, { bucketMs: windowMs, by: 'all' }, of.bundle.references)
  return parts
    .filter(({ state }) => state.rows > 0)
    .map(({ key, state }) => ({ at: key.bucket, counts: state }))
    .sort((a, b) => a.at - b.at)
}

/** Everything that a slice counted in a period. */
export function readWhole(
  slices: SliceReader,
  of: Counted,
  period: { from: number; through: number },
  references: MonitoredReferences = of.bundle.references,
): Distribution {
  const slice: Slice = { devices: of.devices, deployment: of.deployment, digests: [of.bundle.digest], ...period }
  const sum = emptyDistribution()
  for (const { state } of slices.distributions(slice, { bucketMs: null, by: 'all' }, references)) addDistribution(sum, state)
  return sum
}

/** The start of a period that verdict windows are listed of: not more of them than make a picture. */
export function boundedFrom(from: number, through: number, windowMs: number): number {
  return Math.max(0, from, through - MOST_BUCKETS * windowMs)
}

/** How the windows of a slice are asked for. */
export interface WindowsQuestion {
  from: number
  through: number
  windowMs: number
  /** Time of this console: what ended a moment ago may still come. */
  now: number
}

/** The verdict windows of a slice as of a time. */
export function readWindows(slices: SliceReader, counted: Counted, of: WindowsQuestion): Windows {
  const { from, through, windowMs, now } = of
  const rule: CutRule = {
    windowMs,
    needs: defaultDriftRule.warnFrom,
    leastValues: defaultDriftRule.leastValues,
    closedBy: Math.min(through, now - Math.min(windowMs, MOST_LATE_MS)),
  }
  const read = (start: number, end: number): Bucket[] => readBuckets(slices, counted, { from: start, through: end, windowMs })
  return windowsAsOf(read, { things: counted.bundle.things, rule, from, through })
}
