import type { ProblemCode } from '../../shared/domain/problems.ts'
import type { Served } from './served.ts'

/** Upper bounds of the classic buckets, seconds: a small model takes tens of microseconds, a large one seconds. */
export const durationBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const

/** What was counted for one bundle since its generation started. */
export interface BundleMetrics {
  deployment: string
  version: string
  /** Requests by `ok` or the code of the problem. */
  requests: Map<ProblemCode | 'ok', number>
  /** Per bucket, and beyond the last one. */
  buckets: Float64Array
  durationSum: number
  cacheHits: number
  notFinite: number
}

/** Counts for Prometheus; the labels are those of the bundles that are loaded, so they are bounded. */
export class Metrics {
  readonly #bundles = new Map<Served, BundleMetrics>()

  answered(served: Served, of: { latencyMs: number; isCacheHit: boolean; isFinite: boolean }): void {
    const bundle = this.#of(served)
    bundle.requests.set('ok', (bundle.requests.get('ok') ?? 0) + 1)
    const seconds = of.latencyMs / 1000
    let bucket = 0
    while (bucket < durationBuckets.length && seconds > durationBuckets[bucket]!) bucket += 1
    bundle.buckets[bucket]! += 1
    bundle.durationSum += seconds
    if (of.isCacheHit) bundle.cacheHits += 1
    if (!of.isFinite) bundle.notFinite += 1
  }

  failed(served: Served, code: ProblemCode): void {
    const { requests } = this.#of(served)
    requests.set(code, (requests.get(code) ?? 0) + 1)
  }

  /** What was counted, by bundle. */
  all(): BundleMetrics[] {
    return [...new Set(this.#bundles.values())]
  }

  #of(served: Served): BundleMetrics {
    let bundle = this.#bundles.get(served)
    if (bundle === undefined) {
      const { deployment, version } = served.subject
      const zeros = { buckets: new Float64Array(durationBuckets.length + 1), durationSum: 0, cacheHits: 0, notFinite: 0 }
      // Two bundles of one version would be one series twice.
      const same = this.all().find((one) => one.deployment === deployment && one.version === version)
      bundle = same ?? { deployment, version, requests: new Map(), ...zeros }
      this.#bundles.set(served, bundle)
    }
    return bundle
  }
}
