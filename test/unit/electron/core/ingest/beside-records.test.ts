import { describe, expect, onTestFinished, test } from 'vitest'
import { prepareApply } from '../../../../../electron/core/ingest/apply-batch.ts'
import { openGapWatch } from '../../../../../electron/core/ingest/gap-watch.ts'
import { readBatch } from '../../../../../electron/core/ingest/read-batch.ts'
import { openRollUp } from '../../../../../electron/core/ingest/roll-up.ts'
import { deviceSeries } from '../../../../../electron/core/store/telemetry/device-series.ts'
import { fleetSeries } from '../../../../../electron/core/store/telemetry/fleet-series.ts'
import { gridOf } from '../../../../../electron/core/store/telemetry/grid.ts'
import type { ReadDb } from '../../../../../electron/core/store/open.ts'
import { openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import { shadowComparisons } from '../../../../../electron/core/store/telemetry/shadows.ts'
import { usageOfDevice, usageOfFleet, wholeDays } from '../../../../../electron/core/store/telemetry/usage.ts'
import { wilsonInterval } from '../../../../../shared/stats/proportion-interval.ts'
import { telemetryBatch, telemetryRecord, type RecordPart } from '../../../../harness/telemetry.ts'

function desk() {
  const db = openTelemetryWriter(':memory:')
  onTestFinished(() => void db.close())
  const rollUp = openRollUp(db)
  const apply = prepareApply(db, openGapWatch(), rollUp)
  return {
    // The questions are asked of the writer: in memory there is no second connection.
    db: db as unknown as ReadDb,
    /** Takes records of a device in, as one transaction. */
    take(device: string, parts: readonly RecordPart[]) {
      const records = parts.map(telemetryRecord)
      const payload = telemetryBatch({ device, from: parts[0]!.seq, through: parts.at(-1)!.seq, records })
      return db.transaction(() => {
        rollUp.clear()
        const applied = apply(readBatch(device, payload, 5000), 0)
        rollUp.write()
        return applied
      })()
    },
  }
}

const everyone = { deployment: 'digits', devices: null }

describe('comparisons of a shadow', () => {
  test('add up over windows and devices; a resend adds nothing', () => {
    const { db, take } = desk()
    const batch: RecordPart[] = [
      { seq: 1, kind: 'shadow' },
      { seq: 2, kind: 'shadow', body: { startedAt: 2000, endedAt: 3000, compared: 3, agreed: 2, pairs: [['1', '7', 1]] } },
    ]
    take('cam-1', batch)
    expect(take('cam-1', batch)).toMatchObject({ records: 0, duplicates: 2 })
    take('cam-2', [{ seq: 1, kind: 'shadow', body: { compared: 90, agreed: 90, pairs: [] } }])
    const [one, ...more] = shadowComparisons(db, everyone)
    expect(more).toEqual([])
    expect(one).toMatchObject({
      ...{ version: '1.0.0', againstVersion: '0.9.0', firstAt: 1000, lastAt: 3000, isEnough: true, totalDevices: 2, difference: null },
      sums: { offered: 30, skipped: 6, failed: 3, compared: 100, agreed: 97, agreement: 0.97, cpuMs: 9 },
      pairs: [
        { active: '3', shadow: '5', rows: 2 },
        { active: '1', shadow: '7', rows: 1 },
      ],
      devices: [
        { device: 'cam-1', compared: 10, agreed: 7 },
        { device: 'cam-2', compared: 90, agreement: 1 },
      ],
    })
    const interval = wilsonInterval(97, 100)!
    expect([one!.sums.agreementLow, one!.sums.agreementHigh]).toEqual([interval.low, interval.high])
    const [mine] = shadowComparisons(db, { ...everyone, devices: new Set(['cam-1']) })
    expect([mine!.sums.compared, mine!.isEnough]).toEqual([10, false])
  })

  test('of values tell mean and greatest difference', () => {
    const { db, take } = desk()
    take('cam-1', [
      { seq: 1, kind: 'shadow', body: { pairs: [], difference: { count: 2, sum: 4, sumOfSquares: 10, max: 3 } } },
      { seq: 2, kind: 'shadow', body: { pairs: [], difference: { count: 2, sum: 2, sumOfSquares: 6, max: 2 } } },
    ])
    expect(shadowComparisons(db, everyone)[0]!.difference).toEqual({ mean: 1.5, rms: 2, max: 3 })
  })

  test.each<[string, Record<string, unknown>]>([
    ['more that agree than were compared', { agreed: 8 }],
    ['more skipped than there were', { skipped: 11 }],
    ['more pairs than differ', { pairs: [['1', '2', 3]] }],
    ['a count that nobody reaches', { offered: 1e13 }],
    ['a sum beyond numbers', { difference: { count: 1, sum: 1e200, sumOfSquares: 1, max: 1 } }],
    [
      'a sketch that cannot be merged',
      { latencyMs: { accuracy: 0.5, count: 0, zero: 0, sum: 0, min: null, max: null, collapsed: false, bins: [] } },
    ],
    [
      'a sketch of the active bundle that cannot be merged',
      { activeLatencyMs: { accuracy: 0.5, count: 0, zero: 0, sum: 0, min: null, max: null, collapsed: false, bins: [] } },
    ],
    [
      'a sketch of the active bundle that nobody reaches',
      { activeLatencyMs: { accuracy: 0.01, count: 1e13, zero: 1e13, sum: 0, min: 0, max: 0, collapsed: false, bins: [] } },
    ],
  ])('with %s are kept aside', (_, body) => {
    const { db, take } = desk()
    expect(take('cam-1', [{ seq: 1, kind: 'shadow', body }])).toMatchObject({ records: 0, quarantined: 1, through: 1 })
    expect(shadowComparisons(db, everyone)).toEqual([])
  })
})

describe('ledgers', () => {
  const day = 86_400_000
  test('add up by cause, per device exactly and for the fleet in whole days', () => {
    const { db, take } = desk()
    const entry = (seq: number, endedAt: number, bytes: number): RecordPart => ({
      ...{ seq, kind: 'ledger' },
      body: { startedAt: endedAt - 1000, endedAt, bytesIn: { model: bytes, order: 1 }, storedBytes: bytes },
    })
    take('cam-1', [entry(1, 1000, 100), entry(2, day + 5000, 10), entry(3, day + 1000, 7)])
    take('cam-1', [entry(3, day + 1000, 7)])
    take('cam-2', [entry(1, 2000, 1000)])
    const fleet = usageOfFleet(db, { devices: null, ...wholeDays({ from: 500, through: 1500 }), limit: 10 })
    expect(fleet).toMatchObject({
      bytesIn: [
        { cause: 'model', bytes: 1100 },
        { cause: 'order', bytes: 2 },
      ],
      ...{ inferences: 24, cpuSeconds: 1, storedBytes: 1100, totalDevices: 2 },
      devices: [{ device: 'cam-2', bytesIn: 1001, bytesOut: 50 }, { device: 'cam-1' }],
    })
    const mine = usageOfDevice(db, 'cam-1', { from: day, through: day + 4000, limit: 10 })
    expect(mine).toMatchObject({ bytesIn: [{ cause: 'model', bytes: 7 }, { cause: 'order' }], inferences: 12, storedBytes: 7 })
    // What is stored is what the newest entry says, whichever came last.
    const both = usageOfFleet(db, { devices: new Set(['cam-1']), ...wholeDays({ from: 0, through: 2 * day }), limit: 0 })
    expect([both.storedBytes, both.inferences, both.devices]).toEqual([10, 36, []])
  })

  test.each<[string, Record<string, unknown>]>([
    ['bytes', { bytesOut: { telemetry: 1e16 } }],
    ['inferences', { inferences: 1e13 }],
    ['computing', { cpuSeconds: 1e13 }],
  ])('with impossible %s are kept aside', (_, body) => {
    expect(desk().take('cam-1', [{ seq: 1, kind: 'ledger', body }])).toMatchObject({ records: 0, quarantined: 1 })
  })
})

test('what a window says beside its counts is in the series of the device and of the fleet', () => {
  const { db, take } = desk()
  const extras = { validation: { 'feature.missing.flag': 3 }, notFinite: 2, cacheHits: 4, cpuMs: 1.5 }
  take('cam-1', [
    { seq: 1, kind: 'window', body: extras },
    { seq: 2, kind: 'window', body: extras },
    { seq: 3, kind: 'window' },
  ])
  const grid = gridOf({ from: 0, through: 60_000, buckets: 1 }, 60_000)
  for (const [series] of [deviceSeries(db, grid, { devices: ['cam-1'], by: 'all' }), fleetSeries(db, grid, { by: 'all' })]) {
    expect(series).toMatchObject({
      ...{ cacheHits: [8], notFinite: [4], validation: [{ cause: 'feature.missing.flag', counts: [6] }] },
      totals: { requests: 36, cacheHits: 8, notFinite: 4, cpuMs: 3 },
    })
  }
  expect(take('cam-1', [{ seq: 4, kind: 'window', body: { cacheHits: 1e13 } }])).toMatchObject({ quarantined: 1 })
})
