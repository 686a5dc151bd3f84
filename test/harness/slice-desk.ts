import { onTestFinished } from 'vitest'
import { prepareApply } from '../../electron/core/ingest/apply-batch.ts'
import { openFolder } from '../../electron/core/ingest/fold/folder.ts'
import { openGapWatch } from '../../electron/core/ingest/gap-watch.ts'
import { readBatch } from '../../electron/core/ingest/read-batch.ts'
import { openRollUp } from '../../electron/core/ingest/roll-up.ts'
import type { ReadDb, WriteDb } from '../../electron/core/store/open.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import type { SliceReader } from '../../electron/core/store/telemetry/slice.ts'
import { lateSlices } from '../../electron/core/store/telemetry/slices.ts'
import type { SpoolRecord } from '../../shared/protocol/telemetry.ts'
import { telemetryBatch, telemetryRecord } from './telemetry.ts'

/** A store with its sums under the hand of a test. */
export interface SliceDesk {
  db: WriteDb
  slices: SliceReader
  /** Takes records of a device in, numbered on, as one batch. @returns how many were new, or kept aside */
  take(
    device: string,
    records: readonly { kind: SpoolRecord['kind']; body: object }[],
    receivedAt?: number,
  ): { records: number; quarantined: number }
  /** Brings sums up: so many steps, or all. */
  fold(steps?: number): void
}

export function sliceDesk(db: WriteDb = openTelemetryWriter(':memory:')): SliceDesk {
  onTestFinished(() => void db.close())
  const rollUp = openRollUp(db)
  const apply = prepareApply(db, openGapWatch(), rollUp)
  // Every look at the clock is a minute later: sums of labels are not put off.
  let time = 0
  const folder = openFolder(db, () => (time += 60_000))
  const next = new Map<string, number>()
  return {
    db,
    slices: lateSlices(() => db as unknown as ReadDb),
    take(device, parts, receivedAt = 1e13) {
      const from = next.get(device) ?? 1
      next.set(device, from + parts.length)
      const records = parts.map((part, i) => telemetryRecord({ seq: from + i, kind: part.kind, body: { ...part.body } }))
      const payload = telemetryBatch({ device, from, through: from + parts.length - 1, records })
      return db.transaction(() => {
        rollUp.clear()
        const applied = apply(readBatch(device, payload, receivedAt), 0)
        rollUp.write()
        return applied
      })()
    },
    fold(steps = Number.POSITIVE_INFINITY) {
      for (let i = 0; i < steps && folder.step(); i += 1);
    },
  }
}
