import { onTestFinished } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareApply } from '../../electron/core/ingest/apply-batch.ts'
import { openGapWatch } from '../../electron/core/ingest/gap-watch.ts'
import { openRollUp } from '../../electron/core/ingest/roll-up.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import { openTelemetryQueries, type TelemetryQueries } from '../../electron/core/store/telemetry/queries.ts'
import type { SliceReader } from '../../electron/core/store/telemetry/slice.ts'
import { spoolRecord, type SpoolRecord } from '../../shared/protocol/telemetry.ts'
import { packDistribution, type Distribution } from '../../shared/stats/reference/distribution.ts'

/** A record of any kind, with the time at which it was measured. */
export interface Given {
  kind: SpoolRecord['kind']
  at: number
  body: object
}

/** Telemetry in a real file, taken in like that of devices. */
export interface MonitoredStore {
  slices: SliceReader
  queries: TelemetryQueries
  /** Takes records of a device, in order, all received at `receivedAt`; the same call twice is a resend. */
  give(
    device: string,
    records: readonly Given[],
    receivedAt: number,
    spool?: string,
  ): { records: number; duplicates: number; quarantined: number }
}

/** Writes batches to a telemetry file as the ingest writer does. */
export function openGiver(file: string): { give: MonitoredStore['give']; close(): void } {
  const db = openTelemetryWriter(file)
  const rollUp = openRollUp(db)
  const apply = prepareApply(db, openGapWatch(), rollUp)
  const through = new Map<string, number>()
  const sent = new Map<readonly Given[], number>()
  return {
    give(device, records, receivedAt, spool = `spool-${device}`) {
      const from = sent.get(records) ?? (through.get(spool) ?? 0) + 1
      sent.set(records, from)
      through.set(spool, Math.max(through.get(spool) ?? 0, from + records.length - 1))
      const parsed = records.map(({ kind, at, body }, i) => ({
        record: spoolRecord.parse({ seq: from + i, kind, boot: 'boot-1', measuredAt: at, monotonicMs: i, body }),
      }))
      return db
        .transaction(() => {
          rollUp.clear()
          const applied = apply(
            { device, spool, from, through: from + records.length - 1, receivedAt, sentAt: receivedAt, records: parsed },
            0,
          )
          rollUp.write()
          return applied
        })
        .immediate()
    },
    close: () => void db.close(),
  }
}

/** A store in a temporary directory, closed when the test ends. */
export function monitoredStore(): MonitoredStore {
  const directory = mkdtempSync(join(tmpdir(), 'muster-monitored-'))
  const file = join(directory, 'telemetry.db')
  const giver = openGiver(file)
  const queries = openTelemetryQueries(file)
  onTestFinished(() => {
    queries.close()
    giver.close()
    rmSync(directory, { recursive: true, force: true })
  })
  return { slices: queries.slices, queries, give: giver.give }
}

/** The record of what was counted in a span. */
export function distributionGiven(of: { subject: object; at: number; lengthMs: number; counts: Distribution }): Given {
  const { subject, at, lengthMs, counts } = of
  return {
    kind: 'distribution',
    at: at + lengthMs,
    body: { ...subject, startedAt: at, endedAt: at + lengthMs, ...packDistribution(counts) },
  }
}
