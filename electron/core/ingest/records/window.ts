import { messageOf } from '../../../../shared/domain/problem.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import { packSketch } from '../../../../shared/stats/packed-sketch.ts'
import type { WindowBody } from '../../../../shared/protocol/telemetry.ts'
import type { WriteDb } from '../../store/open.ts'
import { countedAt } from '../../store/telemetry/counted-at.ts'
import type { Names } from '../../store/telemetry/names.ts'
import type { RollUp } from '../roll-up.ts'
import type { InsertRecord } from './record-context.ts'

/**
 * Prepares the insert of windows: errors as a sum and by cause, the latency sketch in its short form; what an older agent does not count
 * is 0. `started_at` is when the window counts; what the device said stands in `claimed_at` where that was in the future.
 */
export function prepareWindow(db: WriteDb, names: Names, rollUp: Pick<RollUp, 'window'>): InsertRecord<WindowBody> {
  const insert = db.prepare(`INSERT OR IGNORE INTO window (spool, seq, device, subject, boot, started_at, ended_at, claimed_at, covered_ms,
    requests, rows, errors, not_finite, cache_hits, cpu_ms, received_at, errors_by_cause, validation, latency)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  return ({ spool, deviceId, receivedAt }, { seq, boot }, body) => {
    const errors = Object.values(body.errors).reduce((sum, count) => sum + count, 0)
    const startedAt = countedAt(body.startedAt, receivedAt)
    const isNew =
      insert.run(
        ...[spool, seq, deviceId, names.subject(body), names.boot(boot), startedAt, countedAt(body.endedAt, receivedAt)],
        ...[startedAt === body.startedAt ? null : body.startedAt, body.coveredMs, body.requests, body.rows, errors],
        ...[body.notFinite ?? 0, body.cacheHits ?? 0, body.cpuMs ?? 0, receivedAt],
        ...[JSON.stringify(body.errors), JSON.stringify(body.validation ?? {}), packSketch(body.latencyMs)],
      ).changes === 1
    if (isNew) rollUp.window({ ...body, startedAt })
    return isNew
  }
}

/** A full spool merges windows, so one may stand for weeks; still no device answers more in it. */
const MOST_REQUESTS = 1e12
const MOST_COVERED_MS = 400 * 86_400_000
const MOST_CPU_MS = 1e15

/** Why a window cannot be true, or cannot be merged with the others, or `null`. One that is taken must never make a query fail. */
export function windowFault({ requests, rows, coveredMs, errors, latencyMs, ...more }: WindowBody): string | null {
  const { validation = {}, notFinite = 0, cacheHits = 0, cpuMs = 0 } = more
  const found = [...Object.values(errors), ...Object.values(validation)]
  const most = Math.max(requests, rows, latencyMs.count, notFinite, cacheHits, ...found)
  if (most > MOST_REQUESTS) return `a window with a count of ${most}`
  if (cpuMs > MOST_CPU_MS) return `a window with ${cpuMs} ms of computing`
  if (coveredMs > MOST_COVERED_MS) return `a window that covers ${coveredMs} ms`
  try {
    LatencySketch.empty().merge(LatencySketch.fromState(latencyMs))
    return null
  } catch (error) {
    return messageOf(error)
  }
}
