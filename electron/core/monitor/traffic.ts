import type { ResultOf } from '../../../shared/rpc/contract.ts'
import { wilsonInterval } from '../../../shared/stats/proportion-interval.ts'
import type { TrafficState } from '../store/telemetry/slice.ts'

/** Traffic as it is shown: rates are ratios of sums, quantiles those of the merged sketch. */
export function trafficFacts(state: TrafficState): ResultOf<'monitoring.health'>['rows'][number]['traffic'] {
  const { requests, errors, coveredMs, latency, notFinite } = state
  const interval = wilsonInterval(Math.min(errors, requests), requests)
  return {
    ...{ requests, errors, notFinite },
    errorRate: requests === 0 ? null : Math.min(1, errors / requests),
    errorRateLow: interval?.low ?? null,
    errorRateHigh: interval?.high ?? null,
    requestsPerSecond: coveredMs > 0 ? (requests * 1000) / coveredMs : null,
    latencyMs: latency.count === 0 ? null : { p50: latency.quantile(0.5)!, p95: latency.quantile(0.95)!, p99: latency.quantile(0.99)! },
  }
}
