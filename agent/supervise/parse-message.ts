import { z } from 'zod'
import type { FromRuntime } from '../runtime/messages.ts'
import { distributionBody, labelsBody, sampleBody, shadowBody, windowBody } from '../../shared/protocol/telemetry.ts'

/** A generation runs code of others; what it says is parsed like anything from outside. */
const count = z.number().nonnegative()
const problem = z.object({ code: z.string().max(64), message: z.string().max(10_000), hint: z.string().max(10_000).optional() })
const record = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('window'), measuredAt: z.number(), body: windowBody }),
  z.object({ kind: z.literal('labels'), measuredAt: z.number(), body: labelsBody }),
  z.object({ kind: z.literal('sample'), measuredAt: z.number(), body: sampleBody }),
  z.object({ kind: z.literal('shadow'), measuredAt: z.number(), body: shadowBody }),
  z.object({ kind: z.literal('distribution'), measuredAt: z.number(), body: distributionBody }),
])
const records = z.array(record).max(50_000)
const predictions = z.array(z.object({ deployment: z.string().max(64), id: z.string().max(4096), token: z.string().max(4096) })).max(20_000)
const result = z.object({
  deployment: z.string().max(64),
  digest: z.string().max(64),
  problem: problem.nullable(),
  cases: count,
  medianMs: count.nullable(),
  memoryBytes: count,
  uncounted: problem.optional(),
})

const vitals = z
  .array(
    z.object({
      deployment: z.string().max(64),
      digest: z.string().max(64),
      inferences: count,
      failed: count,
      notFinite: count,
      medianMs: count.nullable(),
    }),
  )
  .max(1000)
/** What may be asked of the supervisor, from a generation or the control socket. */
export const localAsk = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('status') }),
  z.object({ kind: z.literal('lock'), lock: z.object({ reason: z.string().max(500), until: count }) }),
  z.object({ kind: z.literal('unlock') }),
  z.object({ kind: z.literal('revert'), deployment: z.string().max(64), reason: z.string().max(500) }),
])

const fromRuntime = z.discriminatedUnion('type', [
  z.object({ type: z.literal('booted') }),
  z.object({ type: z.literal('loading'), deployment: z.string().max(64) }),
  z.object({ type: z.literal('probed'), result }),
  z.object({ type: z.literal('loaded') }),
  z.object({ type: z.literal('accepted'), key: z.number() }),
  z.object({ type: z.literal('records'), id: z.number(), records }),
  z.object({ type: z.literal('carried'), predictions }),
  z.object({ type: z.literal('drained'), unsent: records }),
  z.object({ type: z.literal('heartbeat'), rssBytes: count, cpuMicros: count, openConnections: count, inFlight: count, vitals }),
  z.object({ type: z.literal('ask'), id: count, ask: localAsk }),
  z.object({ type: z.literal('inferred'), id: count, status: count, body: z.looseObject({}) }),
])

/** A message of a generation; `null` if it is none, which no sound generation sends. */
export function parseFromRuntime(message: unknown): FromRuntime | null {
  const parsed = fromRuntime.safeParse(message)
  if (!parsed.success) return null
  // The schema is as strict as the type, except that it lets an absent hint be undefined.
  return parsed.data as FromRuntime
}
