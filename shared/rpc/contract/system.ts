import { z } from 'zod'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const empty = z.strictObject({})

const jobSummary = z.object({
  job: text(64),
  kind: text(64),
  title: text(300).describe('For people: `Import digits-1.1.0.onnx`.'),
  state: z.enum(['running', 'done', 'failed', 'cancelled']).describe('A job that waits for another one is running, too; its note says so.'),
  progress: z.number().min(0).max(1).nullable(),
  note: text(500),
  startedAt: epochMs.describe('When it was asked for.'),
  endedAt: epochMs.nullable(),
  problem: z.object({ code: text(64), message: text(2000), hint: text(500).optional() }).nullable(),
})
export type JobSummary = z.infer<typeof jobSummary>

export const systemMethods = {
  'system.status': query(
    'State of the console: broker, stores, ingest, devices.',
    empty,
    z.object({
      version: text(64),
      fleet: text(64),
      fleetName: text(200),
      dataDirectory: text(4096),
      startedAt: epochMs,
      broker: z.object({
        kind: z.enum(['embedded', 'external']),
        url: text(512),
        state: z.enum(['starting', 'running', 'unreachable', 'stopped']),
        problem: z.object({ code: text(64), message: text(2000) }).nullable(),
      }),
      setupDone: z.boolean(),
      disk: z
        .object({ freeBytes: count, totalBytes: count })
        .nullable()
        .describe('The file system of the data directory; null where the system does not tell.'),
      memory: z.object({ coreBytes: count, hubBytes: count.nullable() }).describe('Resident memory of the two processes.'),
      hub: z.object({ pid: z.int().nullable(), restarts: count }),
      ingest: z.object({
        batches: count,
        records: count,
        duplicates: count,
        quarantined: count.describe('Records that could not be read; they are kept aside.'),
        refused: count.describe('Batches that could not be read at all.'),
        pending: count,
        recordsPerSecond: z.number().nonnegative().describe('Measured over the last ten seconds.'),
        problem: z.object({ code: text(64), message: text(2000) }).nullable(),
      }),
      devices: z.object({ enrolled: count, online: count }),
      outbox: z.object({ waiting: count }),
    }),
  ),
  'system.methods': query(
    'Every method of this interface.',
    empty,
    z.array(
      z.object({
        method: text(64),
        kind: z.enum(['query', 'command', 'entrance']),
        role: text(16),
        summary: text(500),
        input: z.unknown(),
      }),
    ),
  ),
  'transfers.list': query(
    'Transfers of this run of the hub: who fetches what, and bytes published.',
    empty,
    z.object({
      limitBytesPerSecond: z.int().positive().nullable(),
      transfers: z.array(
        z.object({
          artifact: text(64),
          sizeBytes: count,
          blocks: count,
          publishedBytes: count.describe('Payload bytes of blocks that the console published.'),
          publishedBlocks: count,
          sharedBlocks: count,
          startedAt: epochMs,
          endedAt: epochMs.nullable(),
          devices: z.array(z.object({ device: text(64), missingBlocks: count, done: z.boolean() })),
        }),
      ),
    }),
  ),
  'transfers.setLimit': command(
    'Caps the bytes per second that blocks may use, for the whole fleet; null: no cap.',
    z.strictObject({ bytesPerSecond: z.int().min(1024).nullable() }),
    z.object({ limitBytesPerSecond: z.int().positive().nullable() }),
  ),
  'jobs.show': query('Progress of a long piece of work.', z.strictObject({ job: text(64) }), jobSummary.extend({ result: z.unknown() })),
  'jobs.list': query(
    'Long pieces of work of this run of the console: those that run or wait first, then the ended ones, newest first; 50 at most.',
    empty,
    z.object({ jobs: z.array(jobSummary) }),
  ),
  'jobs.cancel': command('Stops a long piece of work.', z.strictObject({ job: text(64) }), z.object({ cancelled: z.boolean() })),
} as const
