import { agentCatalog } from '../../../shared/metrics/agent-catalog.ts'
import { histograms, numbers, type Family, type Labels } from '../../../shared/metrics/family.ts'
import type { BundleMetrics } from '../metrics.ts'
import type { Served } from '../served.ts'

/** What a scrape tells. */
export interface Scrape {
  agentVersion: string
  served: readonly Served[]
  bundles: readonly BundleMetrics[]
  usage: { rssBytes: number; cpuMicros: number }
  startedAt: number
  openConnections: number
  inFlight: number
}

/** The metrics of the local API; counters start again with each generation, which `rate()` knows how to take. */
export function agentFamilies(scrape: Scrape): Family[] {
  const { bundles, usage } = scrape
  const single = (name: keyof typeof agentCatalog, value: number): Family => numbers(agentCatalog, name, [{ labels: {}, value }])
  const perBundle = (name: keyof typeof agentCatalog, value: (of: BundleMetrics) => number): Family =>
    numbers(
      agentCatalog,
      name,
      bundles.map((bundle) => ({ labels: labelsOf(bundle), value: value(bundle) })),
    )
  return [
    numbers(agentCatalog, 'muster_build_info', [{ labels: { version: scrape.agentVersion }, value: 1 }]),
    numbers(agentCatalog, 'muster_model_loaded', loaded(scrape.served)),
    numbers(
      agentCatalog,
      'muster_inference_requests_total',
      bundles.flatMap((bundle) => [...bundle.requests].map(([code, value]) => ({ labels: { ...labelsOf(bundle), code }, value }))),
    ),
    histograms(
      agentCatalog,
      'muster_inference_duration_seconds',
      bundles.map((bundle) => ({ labels: labelsOf(bundle), histogram: bundle.durations.state() })),
    ),
    perBundle('muster_prediction_cache_hits_total', ({ cacheHits }) => cacheHits),
    perBundle('muster_inference_not_finite_total', ({ notFinite }) => notFinite),
    single('muster_inference_in_flight', scrape.inFlight),
    single('muster_open_connections', scrape.openConnections),
    single('process_resident_memory_bytes', usage.rssBytes),
    single('process_cpu_seconds_total', usage.cpuMicros / 1e6),
    single('process_start_time_seconds', scrape.startedAt / 1000),
  ]
}

function labelsOf({ deployment, model, version }: { deployment: string; model: string; version: string }): Labels {
  return { deployment, model, version }
}

/** Two bundles of one version in one role would be one series twice: loaded is then whether each of them is. */
function loaded(served: readonly Served[]): { labels: Labels; value: number }[] {
  const readings = new Map<string, { labels: Labels; value: number }>()
  for (const { subject, role, model } of served) {
    const labels = { ...labelsOf(subject), role: role.kind }
    const key = JSON.stringify(labels)
    const value = model === null ? 0 : 1
    readings.set(key, { labels, value: Math.min(readings.get(key)?.value ?? 1, value) })
  }
  return [...readings.values()]
}
