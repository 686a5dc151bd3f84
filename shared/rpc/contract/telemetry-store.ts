import { z } from 'zod'
import { retentionDays, retentionKinds, type RetentionKind } from '../../domain/retention.ts'
import { count, epochMs, text } from '../../protocol/message.ts'
import { command, query } from '../method.ts'

const storeShown = z.object({
  fileBytes: count.describe('Size of telemetry.db.'),
  freeBytes: count.describe('Of these, pages that are free: what comes next is written there. The file does not shrink by itself.'),
  waiting: z
    .object({ windows: count, distributions: count, hoursOfLabels: count.describe('At most 1000 are counted.') })
    .describe('What no sum holds yet; questions read it beside the sums.'),
  kinds: z.array(
    z.object({
      kind: z.enum(retentionKinds as [RetentionKind, ...RetentionKind[]]),
      what: text(200),
      days: retentionDays,
      usualDays: retentionDays,
      rows: count.nullable().describe('About; null: not counted.'),
      oldestAt: epochMs.nullable().describe('When the oldest came, or the begin of the oldest sum; null: there is none.'),
    }),
  ),
})

const chosenDays = z.strictObject(
  Object.fromEntries(retentionKinds.map((kind) => [kind, retentionDays.nullable().optional()])) as Record<
    RetentionKind,
    z.ZodOptional<z.ZodNullable<typeof retentionDays>>
  >,
)

export const telemetryStoreMethods = {
  'telemetry.store': query(
    'Telemetry that is stored: its size, what waits to be summed up, and how many days each kind is kept. Sums per day are kept for ever.',
    z.strictObject({}),
    storeShown,
  ),
  'telemetry.setRetention': command(
    'Days that kinds of telemetry are kept; null: the usual ones. What is older is taken away in small steps, and what was taken away is answered from coarser sums.',
    z.strictObject({ days: chosenDays }),
    storeShown,
    'admin',
  ),
} as const
