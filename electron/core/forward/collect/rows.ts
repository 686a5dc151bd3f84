import type { SpoolRecord } from '../../../../shared/protocol/telemetry.ts'
import type { CopiedTable } from '../../../../shared/domain/forward.ts'
import type { ReadBatch } from '../../ingest/read-batch.ts'
import { countedAt } from '../../store/telemetry/counted-at.ts'
import { latencyColumns, type CopyRow } from '../../store/telemetry/copies.ts'
import type { CopyBatch } from '../postgres/write.ts'

/** The records of a message as rows of the copy: the same rows as a console makes of them, so that both may write to one database. */
export function rowsOfBatch({ device, spool, receivedAt, records }: ReadBatch): CopyBatch {
  const batch: Partial<Record<CopiedTable, CopyRow[]>> = {}
  for (const one of records) {
    const made =
      'record' in one ? rowOf(one.record, receivedAt) : { table: 'quarantine' as const, columns: { reason: one.reason.slice(0, 2000) } }
    if (made === null) continue
    const seq = 'record' in one ? one.record.seq : one.seq
    ;(batch[made.table] ??= []).push({ device, spool, seq, received_at: receivedAt, ...made.columns })
  }
  return batch
}

interface Made {
  table: CopiedTable
  columns: Record<string, unknown>
}

/** @returns null for what is not copied: samples, labels and distributions */
function rowOf(record: SpoolRecord, receivedAt: number): Made | null {
  const { measuredAt } = record
  switch (record.kind) {
    case 'window':
      return { table: 'windows', columns: { boot: record.boot, ...windowColumns(record.body, receivedAt) } }
    case 'event': {
      const { name, severity, code, message, detail } = record.body
      return { table: 'events', columns: { at: measuredAt, name, severity, code, message, detail } }
    }
    case 'resources':
      return { table: 'resources', columns: { at: measuredAt, body: record.body } }
    case 'ledger': {
      const { startedAt, endedAt, bytesIn, bytesOut, inferences, cpuSeconds, storedBytes } = record.body
      return {
        table: 'ledgers',
        columns: {
          ...{ started_at: startedAt, ended_at: endedAt, bytes_in: bytesIn, bytes_out: bytesOut },
          ...{ inferences, cpu_seconds: cpuSeconds, stored_bytes: storedBytes },
        },
      }
    }
    case 'drop': {
      const { from, through, records, reason } = record.body
      return { table: 'drops', columns: { from_seq: from, through_seq: through, records, reason, at: measuredAt } }
    }
    case 'shadow': {
      const { deployment, digest, against, startedAt } = record.body
      return { table: 'shadows', columns: { deployment, digest, against, started_at: startedAt, body: record.body } }
    }
    case 'sample':
    case 'labels':
    case 'distribution':
      return null
  }
}

/** A window counts at its arrival where the clock of the device runs ahead, as in the store of the console. */
function windowColumns(body: Extract<SpoolRecord, { kind: 'window' }>['body'], receivedAt: number): Record<string, unknown> {
  const { deployment, digest, model, version, startedAt, endedAt, coveredMs, requests, rows, errors, latencyMs } = body
  const counted = countedAt(startedAt, receivedAt)
  return {
    ...{ deployment, digest, model, version, started_at: counted, ended_at: countedAt(endedAt, receivedAt) },
    ...{ claimed_at: counted === startedAt ? null : startedAt, covered_ms: coveredMs, requests, rows },
    ...{ errors: Object.values(errors).reduce((sum, count) => sum + count, 0), errors_by_cause: errors, validation: body.validation ?? {} },
    ...{ not_finite: body.notFinite ?? 0, cache_hits: body.cacheHits ?? 0, cpu_ms: body.cpuMs ?? 0, ...latencyColumns(latencyMs) },
  }
}
