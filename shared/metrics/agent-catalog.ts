import type { MetricFacts } from './family.ts'

const bundle = ['deployment', 'model', 'version'] as const

/** Metrics that the local API of an agent exposes; its documents, dashboard and alert rules are made from this table. */
export const agentCatalog = {
  muster_build_info: { type: 'gauge', help: 'The program and its version; always 1.', labels: ['version'] },
  muster_model_loaded: { type: 'gauge', help: '1 if the bundle is loaded, by what it does.', labels: [...bundle, 'role'] },
  muster_inference_requests_total: {
    type: 'counter',
    help: 'Inference requests by outcome: ok, or the code of the problem.',
    labels: [...bundle, 'code'],
  },
  muster_inference_duration_seconds: {
    ...{ type: 'histogram', unit: 's' },
    help: 'Time from the parsed request to the made answer.',
    labels: bundle,
  },
  muster_prediction_cache_hits_total: { type: 'counter', help: 'Requests answered from the prediction cache.', labels: bundle },
  muster_inference_not_finite_total: {
    type: 'counter',
    help: 'Answered requests whose outputs had NaN or infinity.',
    labels: bundle,
  },
  muster_inference_in_flight: { type: 'gauge', help: 'Inference requests that are being worked on.', labels: [] },
  muster_open_connections: { type: 'gauge', help: 'Open connections of the local API.', labels: [] },
  process_resident_memory_bytes: { type: 'gauge', unit: 'By', help: 'Resident memory of the process.', labels: [] },
  process_cpu_seconds_total: { type: 'counter', unit: 's', help: 'CPU time of the process.', labels: [] },
  process_start_time_seconds: { type: 'gauge', unit: 's', help: 'Start of the process since the epoch.', labels: [] },
} as const satisfies Record<string, MetricFacts>
