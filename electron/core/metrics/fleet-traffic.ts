import { DurationHistogram } from '../../../shared/metrics/duration-histogram.ts'
import type { Labels } from '../../../shared/metrics/family.ts'
import { SketchReader } from '../../../shared/stats/packed-sketch.ts'
import type { ArrivedWindow } from '../store/telemetry/arrivals.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'

/** What devices told of one bundle in one deployment since the console started. */
export interface BundleTraffic {
  labels: Labels
  requests: number
  errors: number
  notFinite: number
  durations: DurationHistogram
}

/** Counts of the whole fleet that only grow, as Prometheus wants them. */
export interface FleetTraffic {
  /** Counts from here on: the store is there, and has the schema of this version. */
  begin(): void
  /** Reads what has arrived since the last time; false: more waits. */
  read(): boolean
  all(): BundleTraffic[]
}

interface TrafficParts {
  telemetry: Pick<TelemetryQueries, 'arrivedWindows' | 'newestArrival'>
  /** What the registry calls a bundle; null: it does not know it. */
  nameOf(digest: string): { model: string; version: string } | null
}

/** Rows of one step: about ten milliseconds. */
const MOST_ROWS = 2000
/** Names of deployments in records are words of devices: beyond so many bundles in deployments, the rest counts together. */
const MOST_SERIES = 500
const OTHER = 'other'

/**
 * Opens the counts.
 *
 * INVARIANTS
 * 1. A window is counted once, when it arrives, however late that is: a counter never goes back.
 * 2. What arrived before the start is not counted.
 * 3. Names of models and versions are those of the registry, not those that a device gives; what it does not know counts as `other`.
 */
export function openFleetTraffic({ telemetry, nameOf }: TrafficParts): FleetTraffic {
  const known = new Map<string, BundleTraffic>()
  /** null: not begun. */
  let place: number | null = null

  const seriesOf = (deployment: string, digest: string): BundleTraffic => {
    const name = nameOf(digest) ?? { model: OTHER, version: OTHER }
    const key = JSON.stringify([deployment, name.model, name.version])
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size >= MOST_SERIES && deployment !== OTHER) return seriesOf(OTHER, '')
    const made: BundleTraffic = {
      labels: { deployment, model: name.model, version: name.version },
      ...{ requests: 0, errors: 0, notFinite: 0, durations: new DurationHistogram() },
    }
    known.set(key, made)
    return made
  }

  return {
    begin: () => void (place = telemetry.newestArrival('window')),
    read() {
      if (place === null) return true
      // A store that was put back to an earlier state, as after a restore, begins again where it ends.
      place = Math.min(place, telemetry.newestArrival('window'))
      const windows = telemetry.arrivedWindows({ after: place, limit: MOST_ROWS })
      for (const window of windows) add(seriesOf(window.deployment, window.digest), window)
      place = windows.at(-1)?.place ?? place
      return windows.length < MOST_ROWS
    },
    all: () => [...known.values()],
  }
}

function add(into: BundleTraffic, { requests, errors, notFinite, latency }: ArrivedWindow): void {
  into.requests += requests
  into.errors += errors
  into.notFinite += notFinite
  try {
    addSketch(into.durations, new SketchReader(latency))
  } catch {
    // A latency that cannot be read measures nothing; the counts of its window stand.
  }
}

/** Adds each bin of a sketch at its middle, which is within its accuracy (1 %) of every value in it. */
function addSketch(into: DurationHistogram, sketch: SketchReader): void {
  const { accuracy, zero, sum } = sketch.head
  const gamma = (1 + accuracy) / (1 - accuracy)
  if (zero > 0) into.count(0, zero)
  while (sketch.next()) into.count((2 * gamma ** sketch.index) / (gamma + 1) / 1000, sketch.weight)
  into.addToSum(sum / 1000)
}
