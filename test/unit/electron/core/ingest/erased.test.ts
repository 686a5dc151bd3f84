import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openBallast } from '../../../../../electron/core/ingest/ballast.ts'
import type { FromWriter } from '../../../../../electron/core/ingest/messages.ts'
import { IngestWriter } from '../../../../../electron/core/ingest/writer.ts'
import { openTelemetryWriter } from '../../../../../electron/core/store/telemetry/open.ts'
import { openTelemetryQueries } from '../../../../../electron/core/store/telemetry/queries.ts'
import { temporaryDirectory } from '../../../../harness/fleet.ts'
import { telemetryBatch, telemetryRecord } from '../../../../harness/telemetry.ts'

const RECEIVED = 1_700_000_060_000
const [ANNA, BERT] = ['a'.repeat(32), 'b'.repeat(32)]

test('what comes about somebody who was erased is acknowledged and not stored; what others send is', async () => {
  const directory = temporaryDirectory()
  const file = join(directory, 'telemetry.db')
  const posted: FromWriter[] = []
  const writer = new IngestWriter({
    ...{ file, open: () => openTelemetryWriter(file), ballast: openBallast(join(directory, 'telemetry.ballast'), 4096) },
    clock: { now: () => RECEIVED, monotonic: () => 0 },
    post: (message) => posted.push(message),
  })
  onTestFinished(() => writer.take({ type: 'stop' }))
  const give = async (from: number, records: unknown[]): Promise<void> => {
    const payload = new Uint8Array(telemetryBatch({ device: 'cam-1', from, through: from + records.length - 1, records }))
    writer.take({ type: 'batch', device: 'cam-1', payload, receivedAt: RECEIVED })
    const through = from + records.length - 1
    await vi.waitFor(() =>
      expect(posted).toContainEqual(expect.objectContaining({ acks: [{ device: 'cam-1', spool: 'spool-1', through }] })),
    )
  }
  const sample = (seq: number, id: string, subject: string) => telemetryRecord({ seq, kind: 'sample', body: { id, subjects: [subject] } })
  const item = (id: string, subject: string) => ({ id, row: 0, predictedAt: 1500, predicted: '3', actual: '3', confidence: null, subject })
  const labels = (seq: number, items: object[]) => telemetryRecord({ seq, kind: 'labels', body: { items } })
  await give(1, [sample(1, 's-anna', ANNA), sample(2, 's-bert', BERT), labels(3, [item('l-anna', ANNA), item('l-bert', BERT)])])
  writer.take({ type: 'erase', id: 7, subjects: [ANNA], predictions: [] })
  expect(posted.at(-1)).toMatchObject({ type: 'erased', id: 7, answer: { samples: 1, labels: 1, isLogEmpty: true } })
  // It waited on a device that was away.
  await give(4, [
    sample(4, 's-anna-late', ANNA),
    labels(5, [item('l-anna-late', ANNA), item('l-bert-late', BERT)]),
    sample(6, 's-bert-late', BERT),
  ])
  const queries = openTelemetryQueries(file)
  onTestFinished(() => queries.close())
  expect([queries.subjects.samples(ANNA, 10), queries.subjects.labels(ANNA, 10)]).toEqual([[], []])
  expect(queries.subjects.samples(BERT, 10).map(({ body }) => body.id)).toEqual(['s-bert-late', 's-bert'])
  expect(
    queries.subjects
      .labels(BERT, 10)
      .map(({ prediction }) => prediction)
      .sort(),
  ).toEqual(['l-bert', 'l-bert-late'])
})
