import type { SpoolRecord } from '../../shared/protocol/telemetry.ts'

const DIGEST = 'a'.repeat(64)

/** Parts of a record that tests vary; the rest is sound. */
export type RecordPart = { seq: number; kind?: SpoolRecord['kind']; body?: Record<string, unknown> }

const subject = { deployment: 'digits', digest: DIGEST, model: 'digits', version: '1.0.0' }

const bodies: Record<SpoolRecord['kind'], Record<string, unknown>> = {
  window: {
    ...subject,
    ...{
      startedAt: 1000,
      endedAt: 2000,
      coveredMs: 1000,
      requests: 12,
      rows: 10,
      errors: { 'inference.bad-input': 2, 'inference.failed': 1 },
    },
    latencyMs: { accuracy: 0.01, count: 1, zero: 0, sum: 2, min: 2, max: 2, collapsed: false, bins: [[35, 1]] },
  },
  labels: { ...subject, items: [{ id: 'p1', row: 0, predictedAt: 1500, predicted: '3', actual: '3', confidence: 0.9 }] },
  sample: { ...subject, id: 'p1', predictedAt: 1500, weight: 2, inputs: [], outputs: [] },
  event: { name: 'model.activated', severity: 'info', message: 'digits 1.0.0 is active', code: null, detail: { slot: 'a' } },
  resources: {
    ...{ cpuShare: 0.5, agentRssBytes: 1, memoryFreeBytes: 2, memoryTotalBytes: 3, diskFreeBytes: 4, diskTotalBytes: 5 },
    ...{ temperatureCelsius: null, spoolRecords: 6 },
  },
  drop: { from: 1, through: 3, records: 2, reason: 'spool-full' },
  shadow: {
    ...subject,
    ...{ against: 'b'.repeat(64), againstVersion: '0.9.0', startedAt: 1000, endedAt: 2000 },
    ...{ offered: 10, skipped: 2, failed: 1, compared: 7, agreed: 5, notFinite: 0, pairs: [['3', '5', 2]], difference: null, cpuMs: 3 },
    latencyMs: { accuracy: 0.01, count: 1, zero: 0, sum: 2, min: 2, max: 2, collapsed: false, bins: [[35, 1]] },
  },
  ledger: {
    ...{ startedAt: 1000, endedAt: 61_000, bytesIn: { model: 100 }, bytesOut: { telemetry: 50 } },
    ...{ inferences: 12, cpuSeconds: 0.5, storedBytes: 1000 },
  },
  distribution: {
    ...subject,
    ...{ startedAt: 0, endedAt: 300_000, rows: 10, every: 1, features: [], omitted: 0, outcome: null, confidence: null, estimate: null },
  },
}

/** A sound record as it travels. */
export function telemetryRecord({ seq, kind = 'event', body = {} }: RecordPart): Record<string, unknown> {
  return { seq, kind, boot: 'boot-1', measuredAt: 1_700_000_000_000 + seq, monotonicMs: seq, body: { ...bodies[kind], ...body } }
}

/** A telemetry message with the records `from..through`, all events unless `records` says otherwise. */
export function telemetryBatch(batch: {
  device: string
  spool?: string
  from: number
  through: number
  records?: readonly unknown[]
  sentAt?: number
}): Buffer {
  const { device, spool = 'spool-1', from, through, sentAt = 1_700_000_000_000 } = batch
  const records = batch.records ?? Array.from({ length: through - from + 1 }, (_, i) => telemetryRecord({ seq: from + i }))
  return Buffer.from(JSON.stringify({ v: 1, sentAt, device, spool, from, through, records }))
}
