import type { Labels } from '../../../shared/metrics/family.ts'
import type { TelemetryQueries } from '../store/telemetry/queries.ts'

/** Measured accuracy of one bundle in one deployment. */
export interface AccuracyOfDay {
  labels: Labels
  /** null: no label of a class is there yet. */
  accuracy: number | null
  classified: number
}

const HOUR_MS = 3_600_000
const DAY_HOURS = 24
/** More bundles in deployments than this are no dashboard. */
const MOST = 500

/** Accuracy over the 24 hours up to the running one, by labels that have come so far. */
export function accuracyOfDay(telemetry: Pick<TelemetryQueries, 'fleetSeries'>, now: number): AccuracyOfDay[] {
  const through = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS
  const grid = { from: through - DAY_HOURS * HOUR_MS, bucketMs: HOUR_MS, buckets: DAY_HOURS, through }
  const sums = new Map<string, { labels: Labels; classified: number; correct: number }>()
  for (const { deployment, model, version, totals } of telemetry.fleetSeries(grid, { by: 'version' })) {
    if (totals.classified === 0 || deployment === null || model === null || version === null) continue
    const key = JSON.stringify([deployment, model, version])
    const sum = sums.get(key) ?? { labels: { deployment, model, version }, classified: 0, correct: 0 }
    sum.classified += totals.classified
    sum.correct += totals.correct
    sums.set(key, sum)
  }
  return [...sums.values()]
    .slice(0, MOST)
    .map(({ labels, classified, correct }) => ({ labels, classified, accuracy: Math.min(1, correct / classified) }))
}
