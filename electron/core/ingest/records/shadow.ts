import { messageOf } from '../../../../shared/domain/problem.ts'
import type { ShadowBody } from '../../../../shared/protocol/telemetry.ts'
import { LatencySketch } from '../../../../shared/stats/latency-sketch.ts'
import type { WriteDb } from '../../store/open.ts'
import { openShadowTotals } from '../../store/telemetry/shadow-totals.ts'
import type { InsertRecord } from './record-context.ts'

/** Prepares the insert of what a shadow saw: the record as it came, and its part of the sum of its device and pair of bundles. */
export function prepareShadow(db: WriteDb): InsertRecord<ShadowBody> {
  const insert = db.prepare(`INSERT OR IGNORE INTO shadow (spool, seq, device, deployment, digest, against, started_at, body, received_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const totals = openShadowTotals(db)
  return ({ spool, device, receivedAt }, { seq }, body) => {
    const { deployment, digest, against, startedAt } = body
    const isNew = insert.run(spool, seq, device, deployment, digest, against, startedAt, JSON.stringify(body), receivedAt).changes === 1
    if (isNew) totals.add(device, body)
    return isNew
  }
}

/** No device answers more in one interval, however long it was without a console. */
const MOST_COUNT = 1e12
const MOST_CPU_MS = 1e15
/** A difference of values beyond this is no measurement, and its square leaves the range of sums. */
const MOST_SUM = 1e150

/** Why a comparison cannot be true, or cannot be added to the others, or `null`. */
export function shadowFault(body: ShadowBody): string | null {
  const { offered, skipped, failed, compared, agreed, notFinite, pairs, difference, latencyMs, activeLatencyMs, cpuMs } = body
  const differing = pairs.reduce((sum, [, , rows]) => sum + rows, 0)
  const most = Math.max(offered, compared, notFinite, latencyMs.count, activeLatencyMs?.count ?? 0, difference?.count ?? 0, differing)
  if (most > MOST_COUNT) return `a comparison with a count of ${most}`
  if (cpuMs > MOST_CPU_MS) return `a comparison with ${cpuMs} ms of computing`
  if (agreed > compared) return `a comparison with ${agreed} of ${compared} rows that agree`
  if (skipped + failed > offered) return `a comparison with ${skipped} skipped and ${failed} failed of ${offered} requests`
  if (differing > compared - agreed) return `a comparison with ${differing} rows in pairs where ${compared - agreed} differ`
  const sums = difference === null ? [] : [difference.sum, difference.sumOfSquares, difference.max]
  if (sums.some((sum) => sum < 0 || sum > MOST_SUM)) return 'a comparison with an impossible difference of values'
  try {
    for (const state of activeLatencyMs === undefined ? [latencyMs] : [latencyMs, activeLatencyMs])
      LatencySketch.empty().merge(LatencySketch.fromState(state))
    return null
  } catch (error) {
    return messageOf(error)
  }
}
