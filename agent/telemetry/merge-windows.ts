import { windowBody, type WindowBody } from '../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'

/** A merged window spans at most a day: older news than that is better dropped than blurred. */
const MAX_SPAN_MS = 86_400_000

/**
 * Two windows of one subject as one: counts add up, latency sketches merge.
 * `null` if they speak of different subjects, span more than a day, or their sketches do not merge.
 */
export function mergeWindows(a: WindowBody, b: WindowBody): WindowBody | null {
  if (a.deployment !== b.deployment || a.digest !== b.digest || a.latencyMs.accuracy !== b.latencyMs.accuracy) return null
  const startedAt = Math.min(a.startedAt, b.startedAt)
  const endedAt = Math.max(a.endedAt, b.endedAt)
  if (endedAt - startedAt > MAX_SPAN_MS) return null
  const sketch = LatencySketch.fromState(a.latencyMs)
  sketch.merge(LatencySketch.fromState(b.latencyMs))
  const errors: Record<string, number> = { ...a.errors }
  for (const [code, count] of Object.entries(b.errors)) errors[code] = (Object.hasOwn(errors, code) ? errors[code]! : 0) + count
  return {
    ...a,
    startedAt,
    endedAt,
    coveredMs: a.coveredMs + b.coveredMs,
    requests: a.requests + b.requests,
    rows: a.rows + b.rows,
    errors,
    latencyMs: sketch.state(),
  }
}

/** A stored body as a window; `null` if it is none. */
export function readWindow(body: string): WindowBody | null {
  try {
    const parsed = windowBody.safeParse(JSON.parse(body))
    return parsed.success ? parsed.data : null
  } catch {
    // A damaged record: the reader of the spool removes it and says so.
    return null
  }
}
