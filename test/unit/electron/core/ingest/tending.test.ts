import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startIngest } from '../../../../../electron/core/ingest/ingest.ts'
import { openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'
import { sliceDesk } from '../../../../harness/slice-desk.ts'
import { telemetryBatch, telemetryRecord } from '../../../../harness/telemetry.ts'

const DAY = 86_400_000

test('the writer thread brings sums up by itself and takes away what is too old, and new days count at once', async () => {
  const file = join(temporaryDirectory(), 'telemetry.db')
  const now = Date.now()
  const old = now - 20 * DAY
  const db = openTelemetryWriter(file)
  const windows = (at: number) =>
    Array.from({ length: 300 }, (_, i) => ({ kind: 'window' as const, body: { startedAt: at + i, endedAt: at + i, requests: 1 } }))
  const desk = sliceDesk(db)
  desk.take('cam-1', windows(old), old)
  desk.take('cam-2', windows(old), old + 15 * DAY)
  db.close()
  const acks: number[] = []
  const ingest = await startIngest({
    ...{ file, clock: { now: () => now, monotonic: () => performance.now() }, log: () => undefined },
    publishAck: (_device, _spool, through) => Promise.resolve(void acks.push(through)),
    onChange: () => undefined,
    onFatal: (problem) => {
      throw problem
    },
  })
  onTestFinished(() => ingest.stop())
  const reader = new Database(file, { readonly: true })
  onTestFinished(() => void reader.close())
  const ask = (sql: string): unknown => reader.prepare(sql).pluck().get()
  const sums = (): unknown => ask('SELECT sum(windows) FROM rollup_traffic WHERE level = 86400000 AND device = 0')
  await vi.waitFor(() => expect(sums()).toBe(600), { timeout: 30_000 })
  // Nothing came in this run yet: no time has passed for the store.
  expect(ask('SELECT count(*) FROM window')).toBe(600)
  const record = telemetryRecord({ seq: 1, kind: 'window', body: { startedAt: now - 1000, endedAt: now, requests: 1 } })
  ingest.take('cam-3', Buffer.from(telemetryBatch({ device: 'cam-3', from: 1, through: 1, records: [record] })))
  await vi.waitFor(() => expect([acks, ask('SELECT count(*) FROM window'), sums()]).toEqual([[1], 301, 601]), { timeout: 30_000 })
  ingest.setRetention({ windows: 1 })
  await vi.waitFor(() => expect([ask('SELECT count(*) FROM window'), sums()]).toEqual([1, 601]), { timeout: 30_000 })
}, 120_000)
