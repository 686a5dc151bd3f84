import { consoleCatalog } from '../../../shared/metrics/console-catalog.ts'
import { histograms, numbers, type Family, type Labels } from '../../../shared/metrics/family.ts'
import type { BackupKeeper } from '../backup/keeper.ts'
import type { HubProcess } from '../hub/hub-process.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { StoreFacts } from '../store/telemetry/store-facts.ts'
import type { AccuracyOfDay } from './accuracy.ts'
import type { FleetTraffic } from './fleet-traffic.ts'

type Name = keyof typeof consoleCatalog

/** One series without labels; null: not known. */
export function single(name: Name, value: number | null): Family {
  return numbers(consoleCatalog, name, [{ labels: {}, value }])
}

/** What devices told of their inference, and what labels say of it. */
export function trafficFamilies(traffic: FleetTraffic, accuracy: readonly AccuracyOfDay[]): Family[] {
  const bundles = traffic.all()
  return [
    numbers(consoleCatalog, 'muster_fleet_inference_requests_total', valuesOf(bundles, 'requests')),
    numbers(consoleCatalog, 'muster_fleet_inference_errors_total', valuesOf(bundles, 'errors')),
    numbers(consoleCatalog, 'muster_fleet_inference_not_finite_total', valuesOf(bundles, 'notFinite')),
    histograms(
      consoleCatalog,
      'muster_fleet_inference_duration_seconds',
      bundles.map(({ labels, durations }) => ({ labels, histogram: durations.state() })),
    ),
    numbers(consoleCatalog, 'muster_model_accuracy_ratio', valuesOf(accuracy, 'accuracy')),
    numbers(consoleCatalog, 'muster_model_labels', valuesOf(accuracy, 'classified')),
  ]
}

function valuesOf<Key extends string>(
  all: readonly ({ labels: Labels } & Record<Key, number | null>)[],
  key: Key,
): { labels: Labels; value: number | null }[] {
  return all.map((one) => ({ labels: one.labels, value: one[key] }))
}

/** How the hub and the way of telemetry into the store are. */
export function hubFamilies({ broker, counters }: Pick<HubProcess, 'broker' | 'counters'>): Family[] {
  return [
    single('muster_broker_up', broker.state === 'running' ? 1 : 0),
    single('muster_ingest_records_total', counters.records),
    single('muster_ingest_batches_total', counters.batches),
    single('muster_ingest_duplicates_total', counters.duplicates),
    single('muster_ingest_quarantined_total', counters.quarantined),
    single('muster_ingest_refused_total', counters.refused),
    single('muster_ingest_pending_records', counters.pending),
  ]
}

/** How it goes where data goes out, and where models come from. */
export function outsideFamilies(store: Pick<FleetStore, 'forwards' | 'forwardEvents' | 'sources'>): Family[] {
  const out = store.forwards
    .all()
    .filter(({ state, problem }) => state === 'running' || problem !== null)
    .map((one) => ({ ...one, labels: { forward: one.forward, kind: one.settings.kind } }))
  const sources = store.sources.all().filter(({ settings }) => settings.isEnabled)
  return [
    numbers(
      consoleCatalog,
      'muster_forward_up',
      out.map(({ labels, state, problem }) => ({ labels, value: state === 'running' && problem === null ? 1 : 0 })),
    ),
    numbers(
      consoleCatalog,
      'muster_forward_waiting_events',
      out.map(({ labels, forward }) => ({ labels, value: store.forwardEvents.waiting(forward) })),
    ),
    numbers(
      consoleCatalog,
      'muster_source_up',
      sources.map(({ source, settings, problem }) => ({ labels: { source, kind: settings.kind }, value: problem === null ? 1 : 0 })),
    ),
  ]
}

/** How the stores and their backups are. */
export function storeFamilies(
  store: Pick<FleetStore, 'outbox' | 'writeProblem'>,
  of: { facts: StoreFacts; ingestProblem: unknown; backups: Pick<BackupKeeper, 'since' | 'failure'> },
): Family[] {
  const isWritable = store.writeProblem() === null && of.ingestProblem === null
  return [
    single('muster_outbox_messages', store.outbox.waiting()),
    single('muster_telemetry_store_bytes', of.facts.fileBytes),
    single('muster_telemetry_store_free_bytes', of.facts.freeBytes),
    single('muster_store_writable', isWritable ? 1 : 0),
    single('muster_backup_last_good_timestamp_seconds', of.backups.since / 1000),
    single('muster_backup_failed', of.backups.failure === null ? 0 : 1),
  ]
}
