import type { IngestCounters } from './messages.ts'

/** Counters of a hub that has not told any. */
export const noCounters: IngestCounters = { batches: 0, records: 0, duplicates: 0, quarantined: 0, refused: 0, pending: 0, problem: null }

/** Counters go on over a restart of the hub; what waits and what is wrong are those of the living one. */
export function sumCounters(before: IngestCounters, now: IngestCounters): IngestCounters {
  return {
    batches: before.batches + now.batches,
    records: before.records + now.records,
    duplicates: before.duplicates + now.duplicates,
    quarantined: before.quarantined + now.quarantined,
    refused: before.refused + now.refused,
    pending: now.pending,
    problem: now.problem,
  }
}
