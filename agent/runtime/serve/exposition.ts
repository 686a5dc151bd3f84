import { durationBuckets, type BundleMetrics } from '../metrics.ts'
import type { Served } from '../served.ts'

/** The text form of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

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

type Labels = Record<string, string>
type Sample = [suffix: string, labels: Labels, value: number]

/** Writes the metrics; counters start again with each generation, which `rate()` knows how to take. */
export function exposition(scrape: Scrape): string {
  const subject = ({ deployment, version }: BundleMetrics): Labels => ({ deployment, version })
  return [
    family('muster_build_info', 'gauge', 'The agent and its version.', [['', { version: scrape.agentVersion }, 1]]),
    family(
      'muster_model_loaded',
      'gauge',
      '1 if the bundle is loaded, by what it does.',
      scrape.served.map(({ subject: of, role, model }) => [
        '',
        { deployment: of.deployment, version: of.version, role: role.kind },
        model === null ? 0 : 1,
      ]),
    ),
    family(
      'muster_inference_requests_total',
      'counter',
      'Inference requests by outcome: ok, or the code of the problem.',
      scrape.bundles.flatMap((bundle) => [...bundle.requests].map(([code, count]): Sample => ['', { ...subject(bundle), code }, count])),
    ),
    family(
      'muster_inference_duration_seconds',
      'histogram',
      'Time from the parsed request to the made answer.',
      scrape.bundles.flatMap((bundle) => histogram(bundle, subject(bundle))),
    ),
    family(
      'muster_prediction_cache_hits_total',
      'counter',
      'Requests answered from the prediction cache.',
      scrape.bundles.map((bundle) => ['', subject(bundle), bundle.cacheHits]),
    ),
    family(
      'muster_inference_not_finite_total',
      'counter',
      'Answered requests whose outputs had NaN or infinity.',
      scrape.bundles.map((bundle) => ['', subject(bundle), bundle.notFinite]),
    ),
    family('muster_inference_in_flight', 'gauge', 'Inference requests that are being worked on.', [['', {}, scrape.inFlight]]),
    family('muster_open_connections', 'gauge', 'Open connections of the local API.', [['', {}, scrape.openConnections]]),
    family('process_resident_memory_bytes', 'gauge', 'Resident memory of the runtime.', [['', {}, scrape.usage.rssBytes]]),
    family('process_cpu_seconds_total', 'counter', 'CPU time of the runtime.', [['', {}, scrape.usage.cpuMicros / 1e6]]),
    family('process_start_time_seconds', 'gauge', 'Start of the runtime since the epoch.', [['', {}, scrape.startedAt / 1000]]),
  ].join('')
}

function histogram(bundle: BundleMetrics, labels: Labels): Sample[] {
  let count = 0
  const buckets = [...durationBuckets, Number.POSITIVE_INFINITY].map((bound, i): Sample => {
    count += bundle.buckets[i]!
    return ['_bucket', { ...labels, le: Number.isFinite(bound) ? String(bound) : '+Inf' }, count]
  })
  return [...buckets, ['_sum', labels, bundle.durationSum], ['_count', labels, count]]
}

function family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([suffix, labels, value]) => `${name}${suffix}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
