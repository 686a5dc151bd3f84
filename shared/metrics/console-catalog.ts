import type { MetricFacts } from './family.ts'

const bundle = ['deployment', 'model', 'version'] as const

/** Metrics that the console exposes; its documents, dashboard and alert rules are made from this table. */
export const consoleCatalog = {
  muster_build_info: { type: 'gauge', help: 'The program and its version; always 1.', labels: ['version'] },
  muster_devices: { type: 'gauge', help: 'Devices by how they are: failed, attention, working, ok or offline.', labels: ['health'] },
  muster_devices_online: { type: 'gauge', help: 'Devices that are connected.', labels: [] },
  muster_site_devices: { type: 'gauge', help: 'Devices by the label site, and whether they are connected.', labels: ['site', 'state'] },
  muster_deployment_devices: {
    type: 'gauge',
    help: 'Devices that were ordered a version, and devices on which it is active.',
    labels: [...bundle, 'state'],
  },
  muster_fleet_inference_requests_total: {
    type: 'counter',
    help: 'Inference requests that devices told of since the console started.',
    labels: bundle,
  },
  muster_fleet_inference_errors_total: {
    type: 'counter',
    help: 'Inference requests that failed, of those that devices told of since the console started.',
    labels: bundle,
  },
  muster_fleet_inference_not_finite_total: {
    type: 'counter',
    help: 'Answers with NaN or infinity that devices told of since the console started.',
    labels: bundle,
  },
  muster_fleet_inference_duration_seconds: {
    ...{ type: 'histogram', unit: 's' },
    help: 'Time that answered requests took on the devices, of what they told since the console started.',
    labels: bundle,
  },
  muster_model_accuracy_ratio: { type: 'gauge', unit: '1', help: 'Measured accuracy over the last 24 hours, by labels.', labels: bundle },
  muster_model_labels: { type: 'gauge', help: 'Classified labels of the last 24 hours that the accuracy rests on.', labels: bundle },
  muster_alerts: {
    type: 'gauge',
    help: 'Open alerts of the console; those of no deployment have an empty one.',
    labels: ['severity', 'state', 'deployment'],
  },
  muster_rollouts: { type: 'gauge', help: 'Rollouts in force by state.', labels: ['state'] },
  muster_broker_up: { type: 'gauge', help: '1 while devices can reach the broker.', labels: [] },
  muster_ingest_records_total: { type: 'counter', help: 'Telemetry records that were stored.', labels: [] },
  muster_ingest_batches_total: { type: 'counter', help: 'Batches of telemetry that were stored.', labels: [] },
  muster_ingest_duplicates_total: { type: 'counter', help: 'Telemetry records that came again and were stored once.', labels: [] },
  muster_ingest_quarantined_total: { type: 'counter', help: 'Telemetry records that could not be read and were kept aside.', labels: [] },
  muster_ingest_refused_total: {
    type: 'counter',
    help: 'Batches that could not be read or spoke for another device; neither stored nor acknowledged.',
    labels: [],
  },
  muster_ingest_pending_records: { type: 'gauge', help: 'Telemetry records that wait for their commit.', labels: [] },
  muster_outbox_messages: { type: 'gauge', help: 'Messages to devices that wait to be published.', labels: [] },
  muster_telemetry_store_bytes: { type: 'gauge', unit: 'By', help: 'Size of the telemetry store.', labels: [] },
  muster_telemetry_store_free_bytes: { type: 'gauge', unit: 'By', help: 'Free space within the telemetry store.', labels: [] },
  muster_store_writable: { type: 'gauge', help: '1 while the stores of the console take what is written.', labels: [] },
  muster_backup_last_good_timestamp_seconds: {
    ...{ type: 'gauge', unit: 's' },
    help: 'When the newest good backup was made, or the first start of the console where there is none.',
    labels: [],
  },
  muster_backup_failed: { type: 'gauge', help: '1 if the last attempt to make a backup failed.', labels: [] },
  muster_forward_up: {
    type: 'gauge',
    help: '1 while data goes out there; 0 while attempts fail, or it stopped by itself. One that a person paused is not told.',
    labels: ['forward', 'kind'],
  },
  muster_forward_waiting_events: { type: 'gauge', help: 'Events that wait to go out there.', labels: ['forward', 'kind'] },
  muster_source_up: {
    type: 'gauge',
    help: '1 while a source of models can be asked; one that is off is not told.',
    labels: ['source', 'kind'],
  },
  muster_otlp_sent_total: { type: 'counter', help: 'Data points and log records that an OTLP receiver took.', labels: ['signal'] },
  muster_otlp_dropped_total: {
    type: 'counter',
    help: 'Data points and log records that were given up: the queue was full, or the receiver refused them.',
    labels: ['signal'],
  },
  process_resident_memory_bytes: { type: 'gauge', unit: 'By', help: 'Resident memory of the process.', labels: [] },
  process_cpu_seconds_total: { type: 'counter', unit: 's', help: 'CPU time of the process.', labels: [] },
  process_start_time_seconds: { type: 'gauge', unit: 's', help: 'Start of the process since the epoch.', labels: [] },
} as const satisfies Record<string, MetricFacts>
