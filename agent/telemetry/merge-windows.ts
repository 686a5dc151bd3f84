import { windowBody, type WindowBody } from '../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../shared/stats/latency-sketch.ts'

/** A merged window spans at most a day: older news than that is better dropped than blurred. */
export const MAX_SPAN_MS = 86_400_000

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
  return {
    ...b,
    ...a,
    startedAt,
    endedAt,
    coveredMs: a.coveredMs + b.coveredMs,
    requests: a.requests + b.requests,
    rows: a.rows + b.rows,
    errors: added(a.errors, b.errors),
    latencyMs: sketch.state(),
    ...(a.validation === undefined && b.validation === undefined ? {} : { validation: added(a.validation ?? {}, b.validation ?? {}) }),
    ...sums(a, b),
  }
}

/** Counts that a window has only where there is something to count. */
const optionalCounts = ['notFinite', 'cacheHits', 'cpuMs', 'samplesTooLarge'] as const

function sums(a: WindowBody, b: WindowBody): Record<string, number> {
  return Object.fromEntries(
    optionalCounts.flatMap((name) => {
      const [one, other] = [a[name], b[name]]
      return typeof one === 'number' || typeof other === 'number' ? [[name, numberOr0(one) + numberOr0(other)]] : []
    }),
  )
}

function numberOr0(value: unknown): number {
  return typeof value === 'number' ? value : 0
}

function added(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...a }
  for (const [key, count] of Object.entries(b)) sum[key] = (Object.hasOwn(sum, key) ? sum[key]! : 0) + count
  return sum
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
