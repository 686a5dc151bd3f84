import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import type { PartKey, TrafficState } from '../../store/telemetry/slice.ts'
import { mergeSketch } from '../../store/telemetry/minute-sums.ts'
import type { ShadowArm } from '../../store/telemetry/shadow-arms.ts'
import type { EvidenceParts } from './evidence-parts.ts'
import type { EvidenceQuestion } from './evidence.ts'
import { sliceOf, windowLength, type Scope } from './scope.ts'

/** So many sums of a device and window are merged for one look. */
const MOST_ROWS = 5000

/** How long a version runs on a device before its latency counts. */
const WARM_UP_MS = 30_000
/** Windows from here on are kept whole: what they would take with them is more than what they hide. */
const SHORTEST_KEPT_MS = 300_000

/** What one device did with one side in one window. */
export interface TrafficCell {
  device: string
  digest: string
  /** Begin of the first record in it. */
  firstAt: number
  requests: number
  errors: number
  /** Of the errors, inputs that did not fit the model. */
  badInputs: number
  latency: LatencySketch
}

/** Both sides in the same time. */
export interface TrafficWindow {
  at: number
  candidate: TrafficCell[]
  incumbent: TrafficCell[]
}

/** Traffic of both sides, window by window; of a split each device is compared with itself. */
export function readTraffic({ slices }: Pick<EvidenceParts, 'slices'>, question: EvidenceQuestion, scope: Scope): TrafficWindow[] {
  const { candidate, method } = question
  const all = [...new Set([...scope.devices, ...scope.baseline])]
  const bucketMs = trafficWindowMs(question, scope)
  const windows = new Map<string, TrafficWindow>()
  const windowOf = ({ bucket, device }: PartKey): TrafficWindow => {
    const name = method === 'split' ? `${bucket} ${device}` : String(bucket)
    const window = windows.get(name) ?? { at: bucket, candidate: [], incumbent: [] }
    windows.set(name, window)
    return window
  }
  for (const digest of [candidate.digest, ...scope.incumbents]) {
    const isCandidate = digest === candidate.digest
    const slice = sliceOf(question, digest, isCandidate ? scope.devices : all)
    for (const { key, state } of slices.traffic(slice, { bucketMs, by: 'device' })) {
      const window = windowOf(key)
      window[isCandidate ? 'candidate' : 'incumbent'].push(cellOf(key.device!, digest, state))
    }
  }
  return [...windows.values()].sort((a, b) => a.at - b.at)
}

/** Length of the windows that traffic is read in, ms. */
function trafficWindowMs(question: EvidenceQuestion, { devices, baseline }: Scope): number {
  return windowLength(question, new Set([...devices, ...baseline]).size, MOST_ROWS)
}

/**
 * Windows without the first half minute of the version on each device: caches are cold, the generation before is being drained, and the machine was busy
 * with the switch. Longer windows hold so little of that time that they are kept.
 */
export function afterWarmUp(windows: readonly TrafficWindow[], question: EvidenceQuestion, scope: Scope): readonly TrafficWindow[] {
  if (trafficWindowMs(question, scope) >= SHORTEST_KEPT_MS) return windows
  const begun = new Map<string, number>()
  for (const { at, candidate } of windows)
    for (const { device } of candidate) begun.set(device, Math.min(at, begun.get(device) ?? Number.POSITIVE_INFINITY))
  const isWarm = (device: string, at: number): boolean => at >= begun.get(device)! + WARM_UP_MS
  return windows.map((window) => ({ ...window, candidate: window.candidate.filter(({ device }) => isWarm(device, window.at)) }))
}

function cellOf(device: string, digest: string, { firstAt, requests, errors, causes, latency }: TrafficState): TrafficCell {
  // What a device claims may not fit together: a share is never above one.
  const failed = Math.min(errors, requests)
  return { device, digest, firstAt, requests, errors: failed, badInputs: Math.min(failed, causes['inference.bad-input'] ?? 0), latency }
}

/** True where both sides answered: else the window says nothing. */
export function isTwoSided({ candidate, incumbent }: TrafficWindow): boolean {
  return candidate.some(({ requests }) => requests > 0) && incumbent.some(({ requests }) => requests > 0)
}

/**
 * A shadow beside what the active bundle did on the same devices while the shadow did not serve. An input that did not fit never reached the shadow, so
 * it is left out on the other side too. Its times are elsewhere (`runTimesOf`). Null without a shadow.
 */
export function shadowWindow(from: number, windows: readonly TrafficWindow[], shadows: readonly ShadowArm[]): TrafficWindow | null {
  if (shadows.length === 0) return null
  const devices = new Set(shadows.map(({ device }) => device))
  const candidate = shadows.map(({ device, against, sums }): TrafficCell => {
    const tried = Math.max(0, sums.offered - sums.skipped)
    const counts = { requests: tried, errors: Math.min(tried, sums.failed), badInputs: 0 }
    return { device, digest: against, firstAt: sums.firstAt, ...counts, latency: LatencySketch.empty() }
  })
  const sums = new Map<string, TrafficCell>()
  for (const cell of windows.filter((window) => !isTwoSided(window)).flatMap(({ incumbent }) => incumbent)) {
    if (!devices.has(cell.device)) continue
    const sum = sums.get(cell.device)
    const own = {
      ...cell,
      requests: cell.requests - cell.badInputs,
      errors: cell.errors - cell.badInputs,
      badInputs: 0,
      latency: LatencySketch.empty(),
    }
    sums.set(cell.device, sum === undefined ? own : added(sum, own))
  }
  return { at: from, candidate, incumbent: [...sums.values()] }
}

function added(sum: TrafficCell, cell: TrafficCell): TrafficCell {
  const firstAt = Math.min(sum.firstAt, cell.firstAt)
  return { ...sum, firstAt, requests: sum.requests + cell.requests, errors: sum.errors + cell.errors }
}

/** The latencies of cells as one. */
export function mergedLatency(cells: readonly TrafficCell[]): LatencySketch {
  return mergedSketches(cells.map(({ latency }) => latency))
}

/** Sketches as one. */
export function mergedSketches(sketches: readonly LatencySketch[]): LatencySketch {
  const sum = LatencySketch.empty()
  for (const sketch of sketches) if (sketch.count > 0) mergeSketch(sum, sketch.state())
  return sum
}
