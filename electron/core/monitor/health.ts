import { setImmediate } from 'node:timers/promises'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { CountedSubject, Slice, TrafficState } from '../store/telemetry/slice.ts'
import type { MonitorParts } from './monitor-parts.ts'
import { readWindows } from './counted-windows.ts'
import { countedOf, HOUR_MS, ratesOf, verdictsOf, type Monitor, type Rate, type Subject, type Verdict } from './monitor.ts'
import { accuracyFigure, estimateFigure, maeFigure, noFigure } from './quality.ts'
import { estimatesOf, labelsOf, mergedQuality } from './quality-of.ts'
import { trafficFacts } from './traffic.ts'

export type HealthRow = ResultOf<'monitoring.health'>['rows'][number]

/** What health is asked of. */
export interface HealthQuestion {
  slice: Slice
  by: 'version' | 'device'
  limit: number
}

/** What health is put together with. */
export interface HealthTools {
  monitor: Monitor
  countDevices(slice: Slice): number
}

interface Member {
  subject: CountedSubject
  device: string | null
  traffic: TrafficState
}

/** Findings that are told of one row. */
const MOST_FINDINGS = 10

/** Whoever asks about many devices lets others ask in between. */
const BREATH_MS = 20

/** How every version does, or every device of every version; the busiest first. */
export async function healthOf(
  parts: MonitorParts,
  { monitor, countDevices }: HealthTools,
  { slice, by, limit }: HealthQuestion,
): Promise<{ rows: HealthRow[]; total: number }> {
  const members = monitor.subjects(slice).flatMap((subject) => membersOf(monitor, slice, subject, by))
  const rows: HealthRow[] = []
  let since = performance.now()
  for (const member of members.slice(0, limit)) {
    if (performance.now() - since > BREATH_MS) {
      await setImmediate()
      since = performance.now()
    }
    rows.push(rowOf(parts, countDevices, slice, member))
  }
  return { rows, total: members.length }
}

function membersOf(monitor: Monitor, slice: Slice, subject: CountedSubject, by: HealthQuestion['by']): Member[] {
  const own = sliceOf(slice, subject)
  const traffic = monitor.traffic(own, { bucketMs: null, by: by === 'device' ? 'device' : 'all' })
  return traffic
    .map(({ key, state }) => ({ subject, device: by === 'device' ? key.device : null, traffic: state }))
    .sort((a, b) => b.traffic.requests - a.traffic.requests)
}

function sliceOf(slice: Slice, { deployment, digest }: CountedSubject): Slice {
  return { ...slice, deployment, digests: [digest] }
}

function rowOf(
  parts: MonitorParts,
  countDevices: HealthTools['countDevices'],
  slice: Slice,
  { subject, device, traffic }: Member,
): HealthRow {
  const own: Slice = { ...sliceOf(slice, subject), ...(device === null ? {} : { devices: [device] }) }
  const { deployment, model, version, digest } = subject
  const asked: Subject = { devices: own.devices, deployment, digest, through: slice.through }
  const task = parts.bundle(digest)?.task ?? 'other'
  const whole = { bucketMs: null, by: 'all' } as const
  const { feedback, desk } = labelsOf(parts, own, whole)
  const labels = mergedQuality([...feedback, ...desk])
  const estimate = task === 'classification' ? (estimatesOf(parts, own, whole)[0]?.state.estimate ?? null) : null
  const counted = countedOf(parts, asked)
  const { through } = asked
  const span = { from: through, through, windowMs: HOUR_MS, now: parts.now() }
  const windows = counted === null ? undefined : readWindows(parts.slices, counted, span)
  const drift = verdictsOf(parts, asked, { reference: 'training', windowMs: HOUR_MS }, windows)
  const rates = ratesOf(parts, asked, { reference: 'training', over: { windowMs: HOUR_MS } }, windows)
  return {
    ...{ deployment, model, version, digest, device, task },
    devices: device === null ? countDevices(own) : 1,
    traffic: trafficFacts(traffic),
    quality: task === 'regression' ? maeFigure(labels) : accuracyFigure(labels),
    qualityMeasure: task === 'regression' ? 'mae' : 'accuracy',
    labelled: labels.rows,
    estimate: task === 'classification' ? estimateFigure(estimate) : noFigure,
    drift: driftState(drift.features),
    dataQuality: rateState(rates.rates),
  }
}

/** The worst of all verdicts; without one that has enough data it is "insufficient data", never "ok". */
export function driftState(verdicts: readonly Verdict[]): HealthRow['drift'] {
  const worst = (['alarm', 'warn', 'ok'] as const).find((state) => verdicts.some((verdict) => verdict.state === state))
  const features = verdicts.filter(({ state }) => state === 'alarm' || state === 'warn').map(({ name }) => name)
  return { state: worst ?? 'insufficient data', features }
}

function rateState(rates: readonly Rate[]): HealthRow['dataQuality'] {
  const worst = (['alarm', 'ok'] as const).find((state) => rates.some((rate) => rate.state === state))
  const findings = rates.filter(({ state }) => state === 'alarm').map(({ sentence }) => sentence.slice(0, 300))
  return { state: worst ?? 'insufficient data', findings: findings.slice(0, MOST_FINDINGS) }
}
