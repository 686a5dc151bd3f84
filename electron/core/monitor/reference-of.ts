import type { ReferenceKind } from '../../../shared/domain/alert.ts'
import type { DeviceBaseline } from '../store/fleet/device-baselines.ts'
import { readBuckets, readWindows, type Counted } from './counted-windows.ts'
import { scoreThings } from './drift.ts'
import { firstHealthyTime } from './freeze-baseline.ts'
import { withoutOne } from './leave-one-out.ts'
import type { MonitorParts } from './monitor-parts.ts'
import { baselineReference, peersReference, seasonReference, trainingReference, type Reference } from './references.ts'
import type { Bucket } from './verdict-windows.ts'
import { defaultDriftRule } from '../../../shared/stats/drift/score-window.ts'

/** Healthy windows are looked for in so many days. */
const BASELINE_DAYS = 30
const DAY_MS = 86_400_000

/** What a reference is asked for. */
export interface ReferenceQuestion {
  kind: ReferenceKind
  /** The time that will be compared. */
  from: number
  through: number
  windowMs: number
}

/** The reference of a kind for a slice; one that is not there says why. */
export function referenceOf(parts: MonitorParts, counted: Counted, of: ReferenceQuestion): Reference {
  const { bundle, devices } = counted
  const device = devices?.length === 1 ? devices[0]! : null
  const { windowMs } = of
  const span = { from: of.from, through: of.through }
  switch (of.kind) {
    case 'training':
      return trainingReference(bundle)
    case 'device-baseline':
      return baselineReference(device, device === null ? null : baselineOf(parts, counted, { device, windowMs, through: of.through }))
    case 'same-season':
      return seasonReference(bundle.digest, span, (from, through) => readBuckets(parts.slices, counted, { from, through, windowMs }))
    case 'peers': {
      const others = device === null ? [] : peersOf(parts, counted, { device, ...span })
      const read = (from: number, through: number): Bucket[] => readPeers(parts, counted, others, { from, through, windowMs })
      return peersReference({ device, digest: bundle.digest, peers: others.length, span, read })
    }
  }
}

/** What the others counted: the sums of the fleet without the device. */
function readPeers(
  { slices }: MonitorParts,
  counted: Counted,
  others: readonly string[],
  period: { from: number; through: number; windowMs: number },
): Bucket[] {
  const own = new Map(readBuckets(slices, counted, period).map(({ at, counts }) => [at, counts]))
  const rest = readBuckets(slices, { ...counted, devices: null }, period).map(({ at, counts }) => {
    const mine = own.get(at)
    return { at, counts: mine === undefined ? counts : withoutOne(counts, mine) }
  })
  const isWhole = rest.every((bucket): bucket is Bucket => bucket.counts !== null)
  // Sums of the fleet that do not hold the device are older than its records: the others are merged one by one.
  return isWhole ? rest.filter(({ counts }) => counts.rows > 0) : readBuckets(slices, { ...counted, devices: others }, period)
}

/** Other devices that counted something of the bundle in the time. */
function peersOf(
  { slices }: MonitorParts,
  { deployment, bundle }: Counted,
  of: { device: string; from: number; through: number },
): string[] {
  const { device, from, through } = of
  return slices.devicesOf({ devices: null, deployment, digests: [bundle.digest], from, through }).filter((one) => one !== device)
}

/**
 * The frozen baseline of a device; if there is none and the device was healthy for long enough, it is frozen now. It is the first healthy
 * time whoever asks first, so that a question makes it no other.
 */
function baselineOf(
  parts: MonitorParts,
  counted: Counted,
  of: { device: string; windowMs: number; through: number },
): DeviceBaseline | null {
  const { bundle, deployment } = counted
  const { device, windowMs, through } = of
  if (deployment === undefined || !parts.isEnrolled(device)) return null
  const key = { device, deployment, digest: bundle.digest }
  const frozen = parts.baselines.find(key, bundle.references)
  if (frozen !== null) return frozen
  const now = parts.now()
  const from = Math.max(parts.baselines.mayBeginAt(key) ?? 0, through - BASELINE_DAYS * DAY_MS, 0)
  const { closed } = readWindows(parts.slices, counted, { from, through, windowMs, now })
  const training = trainingReference(bundle)
  const things = bundle.things.filter(({ hasRows }) => hasRows)
  const scores =
    training.facts.state === 'ready' ? (window: (typeof closed)[number]) => scoreThings(things, window, training, defaultDriftRule) : null
  const found = firstHealthyTime(
    closed.filter((window) => window.from >= from),
    scores,
    !parts.isAlerted(device, deployment),
  )
  if (found === null) return null
  const baseline: DeviceBaseline = { ...key, ...found, setBy: null }
  parts.baselines.freeze(baseline, now)
  return parts.baselines.find(key, bundle.references)
}
