import type { TelemetryQueries } from '../store/telemetry/queries.ts'

/** A device that gave records up counts as dropping for so long. */
const LOOK_BACK_MS = 3_600_000
const ASK_EVERY_MS = 5000

/** Watches which devices gave records up of late. The set stays the same one while nothing changes, so that nobody need compare. */
export function watchDropping(telemetry: Pick<TelemetryQueries, 'dropping'>, now: () => number): () => ReadonlySet<string> {
  let known: ReadonlySet<string> = new Set()
  let askedAt: number | null = null
  return () => {
    const at = now()
    // Also after a clock that was set back.
    if (askedAt !== null && at >= askedAt && at - askedAt < ASK_EVERY_MS) return known
    askedAt = at
    const found = telemetry.dropping(at - LOOK_BACK_MS)
    if (found.size !== known.size || [...found].some((device) => !known.has(device))) known = found
    return known
  }
}
