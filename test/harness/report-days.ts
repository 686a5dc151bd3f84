import { join } from 'node:path'
import { prepareApply } from '../../electron/core/ingest/apply-batch.ts'
import { openGapWatch } from '../../electron/core/ingest/gap-watch.ts'
import { readBatch } from '../../electron/core/ingest/read-batch.ts'
import { openRollUp } from '../../electron/core/ingest/roll-up.ts'
import { openTelemetryWriter } from '../../electron/core/store/telemetry/open.ts'
import type { SpoolRecord } from '../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'
import { fillCostDays } from './cost-days.ts'
import { telemetryBatch, telemetryRecord } from './telemetry.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Windows per day and device: a report of days needs no more. */
const WINDOWS = 8

const versions = [
  { deployment: 'quality-check', digest: 'a'.repeat(64), model: 'digits', version: '1.0.0' },
  { deployment: 'quality-check', digest: 'b'.repeat(64), model: 'digits', version: '1.1.0' },
] as const

/** What was written, added up: reports must say the same. */
export interface WrittenDays {
  devices: string[]
  requests: number
  errors: number
  labelled: number
  right: number
  /** Before the first of the windows, and after the last. */
  from: number
  through: number
}

/** Fills an empty data directory with what a fleet did in its last days: ledgers, traffic of two versions, failures, labels, events. The same for every run, but for the moment. */
export function fillReportDays(directory: string, of: { devices: number; days: number; now: number }): WrittenDays {
  const devices = fillCostDays(directory, of)
  const today = Math.floor(of.now / DAY) * DAY
  const written: WrittenDays = { devices, requests: 0, errors: 0, labelled: 0, right: 0, from: today - of.days * DAY, through: today }
  const db = openTelemetryWriter(join(directory, 'telemetry.db'))
  try {
    const rollUp = openRollUp(db)
    const apply = prepareApply(db, openGapWatch(), rollUp)
    for (const [i, device] of devices.entries()) {
      const records = recordsOf(i, { ...of, today }, written)
      db.transaction(() => {
        rollUp.clear()
        const payload = telemetryBatch({ device, spool: 'traffic', from: 1, through: records.length, records })
        apply(readBatch(device, payload, of.now), 0)
        rollUp.write()
      })()
    }
  } finally {
    db.close()
  }
  return written
}

function recordsOf(number: number, { days, today }: { days: number; today: number }, written: WrittenDays): Record<string, unknown>[] {
  const records: Record<string, unknown>[] = []
  const put = (at: number, kind: SpoolRecord['kind'], body: Record<string, unknown>): void =>
    void records.push({ ...telemetryRecord({ seq: records.length + 1, kind, body }), measuredAt: at })
  for (let step = 0; step < days * WINDOWS; step += 1) {
    const day = Math.floor(step / WINDOWS)
    const startedAt = today - (days - day) * DAY + (step % WINDOWS) * 3 * HOUR + number * 60_000
    // The newer version comes to half of the fleet in the middle of the time.
    const place = versions[day * 2 >= days && number % 2 === 0 ? 1 : 0]
    const requests = 400 + ((step * 37 + number * 13) % 120)
    const errors = (step + number) % 9 === 0 ? 3 : 0
    put(startedAt + 60_000, 'window', windowOf({ place, startedAt, requests, errors, step, number }))
    const labels = labelsOf({ place, startedAt, step, number })
    put(startedAt + 61_000, 'labels', { ...place, items: labels.items })
    written.requests += requests
    written.errors += errors
    written.labelled += labels.items.length
    written.right += labels.right
    if ((step + number) % 61 === 0)
      put(startedAt + 62_000, 'event', { name: 'model.reverted', severity: 'warning', message: 'digits 1.1.0 was taken back' })
  }
  return records
}

type Place = (typeof versions)[number]

function windowOf({
  place,
  startedAt,
  requests,
  errors,
  step,
  number,
}: { place: Place } & Record<'startedAt' | 'requests' | 'errors' | 'step' | 'number', number>) {
  const latency = LatencySketch.empty()
  const middle = (place.version === '1.1.0' ? 6.5 : 8) + ((step * 7 + number) % 5) / 4
  for (let i = 0; i < 40; i += 1) latency.add(middle * (0.7 + ((i * 37 + step) % 40) / 50), Math.floor((requests - errors) / 40))
  latency.add(middle * 4, (requests - errors) % 40)
  return {
    ...{ ...place, startedAt, endedAt: startedAt + 60_000, coveredMs: 60_000, requests, rows: requests - errors, cpuMs: 900 },
    ...{ errors: errors === 0 ? {} : { 'inference.failed': errors - 1, 'inference.bad-input': 1 }, latencyMs: latency.state() },
  }
}

function labelsOf({ place, startedAt, step, number }: { place: Place; startedAt: number; step: number; number: number }) {
  const items = Array.from({ length: 6 }, (_, row) => {
    const actual = String((step + row) % 10)
    const isWrong = (step * 5 + row * 3 + number) % (place.version === '1.1.0' ? 31 : 17) === 0
    const predicted = isWrong ? String((step + row + 1) % 10) : actual
    return { id: `p-${number}-${step}`, row, predictedAt: startedAt + 1000, predicted, actual, confidence: 0.9 }
  })
  return { items, right: items.filter(({ predicted, actual }) => predicted === actual).length }
}
