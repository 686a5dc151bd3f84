import type { ProblemCode } from '../../shared/domain/problems.ts'
import { DurationHistogram } from '../../shared/metrics/duration-histogram.ts'
import type { Served } from './served.ts'

/** What was counted for one bundle since its generation started. */
export interface BundleMetrics {
  deployment: string
  model: string
  version: string
  /** Requests by `ok` or the code of the problem. */
  requests: Map<ProblemCode | 'ok', number>
  durations: DurationHistogram
  cacheHits: number
  notFinite: number
}

/** Counts for Prometheus; the labels are those of the bundles that are loaded, so they are bounded. */
export class Metrics {
  readonly #bundles = new Map<Served, BundleMetrics>()

  answered(served: Served, of: { latencyMs: number; isCacheHit: boolean; isFinite: boolean }): void {
    const bundle = this.#of(served)
    bundle.requests.set('ok', (bundle.requests.get('ok') ?? 0) + 1)
    bundle.durations.add(of.latencyMs / 1000)
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
      const { deployment, model, version } = served.subject
      // Two bundles of one version would be one series twice.
      const same = this.all().find((one) => one.deployment === deployment && one.model === model && one.version === version)
      bundle = same ?? {
        ...{ deployment, model, version, requests: new Map(), durations: new DurationHistogram(), cacheHits: 0, notFinite: 0 },
      }
      this.#bundles.set(served, bundle)
    }
    return bundle
  }
}
