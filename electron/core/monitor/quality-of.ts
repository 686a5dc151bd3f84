import { mergeQuality, emptyQuality, type QualityState } from '../../../shared/stats/quality/quality-state.ts'
import type { Distribution } from '../../../shared/stats/reference/distribution.ts'
import type { Cut, PartKey, Slice } from '../store/telemetry/slice.ts'
import type { MonitorParts } from './monitor-parts.ts'
import type { QualityAnswer, Subject } from './monitor.ts'
import { accuracyFigure, estimateFigure, labelScores, weightedFigure } from './quality.ts'
import type { WatchedBundle } from './watched-bundle.ts'

/** Only the estimate is read of distributions where quality is asked for. */
const nothingCounted = { features: [], outcome: null, confidence: null }

export interface QualityPart {
  key: PartKey
  state: QualityState
}

/** Sums of all parts. */
export function mergedQuality(parts: readonly { state: QualityState }[]): QualityState {
  return parts.reduce((sum, { state }) => mergeQuality(sum, state), emptyQuality())
}

/** Labels of devices and of the desk for a slice, together and by their source. */
export function labelsOf({ slices, deskQuality }: MonitorParts, slice: Slice, cut: Cut): { feedback: QualityPart[]; desk: QualityPart[] } {
  return { feedback: slices.quality(slice, cut), desk: deskQuality(slice, cut) }
}

/** Expected outcomes of a slice, per bucket. */
export function estimatesOf({ slices }: MonitorParts, slice: Slice, cut: Cut): { key: PartKey; state: Distribution }[] {
  return slices.distributions(slice, cut, nothingCounted)
}

/** Quality of a period, from the same sums that all other figures come of. */
export function qualityOf(parts: MonitorParts, of: Subject & { from: number }): QualityAnswer {
  const slice: Slice = { devices: of.devices, deployment: of.deployment, digests: [of.digest], from: of.from, through: of.through }
  const whole: Cut = { bucketMs: null, by: 'all' }
  const { feedback, desk } = labelsOf(parts, slice, whole)
  const sources = { feedback: mergedQuality(feedback).rows, desk: mergedQuality(desk).rows }
  const state = mergedQuality([...feedback, ...desk])
  const bundle = parts.bundle(of.digest)
  const predicted = parts.slices.traffic(slice, whole).reduce((sum, { state: traffic }) => sum + traffic.rows, 0)
  const estimate = estimatesOf(parts, slice, whole)
    .map(({ state: counts }) => counts.estimate)
    .find((one) => one !== null)
  return {
    ...{ from: of.from, through: of.through, task: bundle?.task ?? 'other', labelled: state.rows, sources },
    coverage: predicted === 0 ? null : Math.min(1, state.rows / predicted),
    accuracy: accuracyFigure(state),
    weighted: weightedFigure(state),
    estimate: estimateFigure(estimate ?? null),
    ...labelScores(state, bundle?.labels ?? []),
    reference: referenceQuality(bundle),
  }
}

function referenceQuality(bundle: WatchedBundle | null): QualityAnswer['reference'] {
  const outcomes = bundle?.outcomes ?? null
  if (outcomes === null || outcomes.accuracy === null) return null
  const { rows, right } = outcomes.accuracy
  return { from: outcomes.from, rows, accuracy: right / rows }
}
