import { effectiveSize, lagOneCorrelation, repeatCorrelation } from '../../shared/stats/drift/effective-size.ts'
import type { Proportion } from '../../shared/stats/proportion-interval.ts'
import type { FeatureBaseline } from '../../shared/stats/reference-bins.ts'
import type { Distribution } from '../../shared/stats/reference/distribution.ts'
import { offeredTo, valuesOf, type FeatureCounts } from '../../shared/stats/reference/feature-counts.ts'
import { referenceCounts } from '../../shared/stats/reference/feature-window.ts'
import type { MonitoredReferences } from '../../shared/stats/reference/monitored.ts'
import { bernoulliCusumRule } from '../../shared/stats/sequential/bernoulli-cusum.ts'
import { featureRate, type DetectorName, type DetectorState } from './detector-state.ts'
import { knownMissing, knownOutside } from './known-rates.ts'
import { addWindow, isFreshRate, type RateAlarm } from './rate-detector.ts'
import { judge, LEAST_SAMPLES, scaled, type Alarm } from './traffic-detectors.ts'

/** Detectors of one feature. */
const PER_FEATURE = 2
/** Rows count as low that are in the lowest bins with about so many of the reference. */
const LOW_SHARE = 0.1
const LEAST_WINDOWS = 3

/** What is watched of a distribution. */
export interface WatchedDistribution {
  counted: Distribution
  endedAt: number
}

/**
 * Looks at a closed window of values. The detectors of all features share one chance of a false alarm: a model of many features is not noisier.
 * @param between rows between two false alarms
 */
export function watchDistribution(
  state: DetectorState,
  { counted, endedAt }: WatchedDistribution,
  of: { references: MonitoredReferences; between: number },
): Alarm[] {
  const { references } = of
  const between = of.between * Math.max(1, PER_FEATURE * references.features.length)
  const alarms: Alarm[] = []
  for (const reference of references.features) {
    const counts = counted.features.get(reference.name)
    if (counts === undefined || counts.kind !== reference.kind) continue
    for (const { detector, known, bad, trials } of ratesOf(reference, counts)) {
      const rule = known === null ? null : bernoulliCusumRule(known, between)
      if (rule === null || trials === 0) continue
      const rate = featureRate(state, detector, reference.name)
      const alarm = addWindow(rate.rate, rule, { bad, trials, at: endedAt })
      if (alarm !== null) alarms.push({ ...alarm, detector, feature: reference.name })
      if (isFreshRate(rate.rate)) state.features.delete(`${detector}\n${reference.name}`)
    }
  }
  const unsure = watchConfidence(
    state.confidence,
    { counts: counted.confidence, reference: references.confidence, at: endedAt },
    of.between,
  )
  return unsure === null ? alarms : [...alarms, { ...unsure, detector: 'confidence', feature: null }]
}

interface Rate {
  detector: DetectorName
  known: Proportion | null
  bad: number
  trials: number
}

function ratesOf(reference: FeatureBaseline, counts: FeatureCounts): Rate[] {
  const values = valuesOf(counts)
  // A range and the fences overlap: the larger of the two is counted.
  const outside = counts.kind === 'numeric' ? Math.max(counts.below + counts.above, counts.outliers) : (counts.bins.at(-1) ?? 0)
  const independent = scaled(
    { bad: outside, trials: values, at: 0 },
    values === 0 ? 1 : effectiveSize(values, correlationOf(counts)) / values,
  )
  return [
    { detector: 'missing', known: knownMissing(reference), bad: counts.missing + counts.wrongType, trials: offeredTo(counts) },
    { detector: counts.kind === 'numeric' ? 'out-of-range' : 'unseen', known: knownOutside(reference), ...independent },
  ]
}

function correlationOf(counts: FeatureCounts): number | null {
  return counts.kind === 'numeric' ? lagOneCorrelation(counts.lag) : repeatCorrelation(counts, counts.bins)
}

function watchConfidence(
  state: DetectorState['confidence'],
  { counts, reference, at }: { counts: FeatureCounts | null; reference: FeatureBaseline | null; at: number },
  between: number,
): RateAlarm | null {
  if (counts === null || reference === null || counts.kind !== 'numeric' || reference.kind !== 'numeric') return null
  const trials = valuesOf(counts)
  if (trials === 0) return null
  if (state.known !== null) {
    const bad = sum(counts.bins.slice(0, state.known.bin + 1))
    const share = effectiveSize(trials, correlationOf(counts)) / trials
    return judge({ ...state.known, rate: state.rate }, scaled({ bad, trials, at }, share), { most: Number.MAX_SAFE_INTEGER, between })
  }
  // The reference says what training or hold-out rows looked like; how sure the model is on this device, only the device can say.
  const learned = counts.bins.map((count, bin) => count + (state.learning?.[bin] ?? 0))
  state.windows += 1
  state.learning = learned
  if (sum(learned) < LEAST_SAMPLES || state.windows < LEAST_WINDOWS) return null
  const bin = lowBin(sum(referenceCounts(reference)) > 0 ? referenceCounts(reference) : learned)
  state.known = { bin, successes: sum(learned.slice(0, bin + 1)), trials: sum(learned) }
  state.learning = null
  return null
}

/** The last of the bins that together hold at least the low share. */
function lowBin(counts: readonly number[]): number {
  const total = sum(counts)
  let seen = 0
  for (const [bin, count] of counts.entries()) {
    seen += count
    if (seen >= LOW_SHARE * total) return bin
  }
  return 0
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
