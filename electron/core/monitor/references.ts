import type { ReferenceKind } from '../../../shared/domain/alert.ts'
import type { ReferenceFacts } from '../../../shared/rpc/contract/monitoring.ts'
import { addDistribution, emptyDistribution, type Distribution } from '../../../shared/stats/reference/distribution.ts'
import type { DeviceBaseline } from '../store/fleet/device-baselines.ts'
import type { Bucket, VerdictWindow } from './verdict-windows.ts'
import type { WatchedBundle } from './watched-bundle.ts'

/** A reference that windows are compared with. */
export interface Reference {
  facts: ReferenceFacts
  /** True: the training rows of the bundle itself. */
  isTraining: boolean
  /** Counts to compare a span with; null: none for this span. */
  countsFor(span: Pick<VerdictWindow, 'from' | 'through'>): Distribution | null
}

/** Reads the buckets of other devices or of another time, ascending. */
export type ReadBuckets = (from: number, through: number) => Bucket[]

/** So many other devices make peers. */
export const LEAST_PEERS = 3
/** A season needs so many earlier weeks, and looks at no more than so many. */
const LEAST_WEEKS = 2
const MOST_WEEKS = 4
const WEEK_MS = 7 * 86_400_000

const none = (kind: ReferenceKind, name: string, why: string, state: ReferenceFacts['state'] = 'none'): Reference => ({
  facts: { kind, id: `${kind}:none`, name, rows: 0, state, why },
  isTraining: false,
  countsFor: () => null,
})

/** Nothing is known of the bundle. */
export function unknownBundle(kind: ReferenceKind): Reference {
  return none(kind, 'unknown bundle', 'This registry does not have the bundle that the devices run. Import it.')
}

/** The rows that came with the bundle. */
export function trainingReference(bundle: WatchedBundle): Reference {
  if (!bundle.things.some(({ hasRows }) => hasRows)) {
    const why = 'No training rows came with the bundle. Import it with --train, or compare with the device itself, the season or the peers.'
    return none('training', 'training', why)
  }
  const rows = bundle.rows > 0 ? bundle.rows : (bundle.outcomes?.rows ?? 0)
  return {
    facts: {
      ...{ kind: 'training', id: `training:${bundle.digest}`, name: `training (${rowsText(rows)})`, rows, state: 'ready', why: null },
    },
    isTraining: true,
    countsFor: () => null,
  }
}

/** The frozen baseline of the one device of a slice. */
export function baselineReference(device: string | null, frozen: DeviceBaseline | null): Reference {
  if (device === null) {
    return none('device-baseline', 'device baseline', 'A baseline belongs to one device. Choose a device, or the reference training.')
  }
  if (frozen === null) {
    const why =
      'No baseline yet: it takes 500 values in 2 verdict windows without an alarm. It is frozen by itself then, or set with `muster monitor baseline`.'
    return none('device-baseline', 'device baseline', why, 'insufficient data')
  }
  const { digest, from, through, counts } = frozen
  const name = `${device}, ${dateText(from)} to ${dateText(through)} (${rowsText(counts.rows)})`.slice(0, 200)
  const id = `device-baseline:${device}:${digest.slice(0, 16)}:${from}-${through}`
  return {
    facts: { kind: 'device-baseline', id, name, rows: counts.rows, state: 'ready', why: null },
    isTraining: false,
    countsFor: () => counts,
  }
}

/** The same hours of earlier weeks of the same slice. `span` is what will be compared. */
export function seasonReference(digest: string, span: { from: number; through: number }, read: ReadBuckets): Reference {
  const weeks: Bucket[][] = []
  for (let week = 1; week <= MOST_WEEKS; week += 1) {
    if (span.from - week * WEEK_MS < 0) break
    weeks.push(read(span.from - week * WEEK_MS, span.through - week * WEEK_MS))
  }
  const filled = weeks.filter((buckets) => buckets.length > 0)
  if (filled.length < LEAST_WEEKS) {
    const why = `The same hours of ${LEAST_WEEKS} earlier weeks are needed; there ${filled.length === 1 ? 'is 1' : `are ${filled.length}`}.`
    return none('same-season', 'same hours of earlier weeks', why, 'insufficient data')
  }
  const rows = filled.reduce((sum, buckets) => sum + buckets.reduce((total, { counts }) => total + counts.rows, 0), 0)
  const name = `same hours of ${filled.length} earlier weeks (${rowsText(rows)})`
  const id = `same-season:${digest.slice(0, 16)}:${filled.length}`
  return {
    facts: { kind: 'same-season', id, name, rows, state: 'ready', why: null },
    isTraining: false,
    countsFor({ from, through }) {
      const parts = weeks
        .map((buckets, i) => within(buckets, from - (i + 1) * WEEK_MS, through - (i + 1) * WEEK_MS))
        .filter((part) => part !== null)
      return parts.length < LEAST_WEEKS ? null : merged(parts)
    },
  }
}

/** All other devices that run the bundle in the same time. */
export function peersReference(of: {
  device: string | null
  digest: string
  peers: number
  span: { from: number; through: number }
  read: ReadBuckets
}): Reference {
  const { device, digest, peers, span, read } = of
  if (device === null) return none('peers', 'peers', 'Peers are the others of one device. Choose a device, or the reference training.')
  if (peers < LEAST_PEERS) {
    const why = `At least ${LEAST_PEERS} other devices must run the same version in the same time; there ${peers === 1 ? 'is 1' : `are ${peers}`}.`
    return none('peers', 'peers', why, 'insufficient data')
  }
  const buckets = read(span.from, span.through)
  const rows = buckets.reduce((sum, { counts }) => sum + counts.rows, 0)
  return {
    facts: {
      ...{ kind: 'peers', id: `peers:${digest.slice(0, 16)}:without-${device}:${peers}` },
      ...{ name: `${peers} peers in the same time (${rowsText(rows)})`, rows, state: 'ready', why: null },
    },
    isTraining: false,
    countsFor: ({ from, through }) => within(buckets, from, through),
  }
}

function within(buckets: readonly Bucket[], from: number, through: number): Distribution | null {
  const parts = buckets.filter(({ at }) => at >= from && at < through).map(({ counts }) => counts)
  return parts.length === 0 ? null : merged(parts)
}

/** The sum of distributions, as a new one. */
export function merged(parts: readonly Distribution[]): Distribution {
  const sum = emptyDistribution()
  for (const part of parts) addDistribution(sum, part)
  return sum
}

function rowsText(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`
}

/** Minutes in UTC: a reference is named the same wherever it is read. */
function dateText(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}
