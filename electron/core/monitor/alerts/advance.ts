import type { AlertRule } from '../../../../shared/domain/alert.ts'
import type { AlertRow } from '../../store/fleet/alerts.ts'
import type { Reading } from './reading.ts'

/** What advancing needs of an alert that is open. */
export type OpenAlert = Pick<AlertRow, 'state' | 'startedAt' | 'firedAt' | 'lastSeenAt' | 'clearSince' | 'blindSince' | 'notBefore'>

/** What becomes of an alert. `keep`: it goes on as it is, with newer facts. */
export type Step =
  | { do: 'nothing' }
  | { do: 'open'; alert: OpenAlert }
  | { do: 'keep'; alert: OpenAlert }
  | { do: 'fire'; alert: OpenAlert }
  | { do: 'resolve'; alert: OpenAlert }
  | { do: 'forget' }

/** A pending alert of which nothing was heard for so long is forgotten: nobody was told of it. */
const FORGET_BLIND_MS = 86_400_000

/** How a rule counts time. */
export type Timing = Pick<AlertRule, 'forMs' | 'clearMs'>

/**
 * The life of an alert, pure. The condition must hold for `forMs` before it fires, and be over for `clearMs` before it is resolved; a
 * reading in between (`easing`) keeps a firing one and starts that time anew. Too little data neither fires nor resolves: a firing alert
 * stays and says since when nothing is known, a pending one waits.
 * @param notBefore end of the cool-down of the alert before, until which a new one stays pending
 */
export function advance(open: OpenAlert | null, state: Reading['state'], timing: Timing, at: { now: number; notBefore: number }): Step {
  const { now } = at
  if (open === null) {
    if (state !== 'met') return { do: 'nothing' }
    const fresh: OpenAlert = {
      ...{ state: 'pending', startedAt: now, firedAt: null, lastSeenAt: now, clearSince: null, blindSince: null },
      notBefore: at.notBefore,
    }
    return isDue(fresh, timing, now) ? { do: 'fire', alert: fired(fresh, now) } : { do: 'open', alert: fresh }
  }
  return open.state === 'pending' ? advancePending(open, state, timing, now) : advanceFiring(open, state, timing, now)
}

function advancePending(open: OpenAlert, state: Reading['state'], timing: Timing, now: number): Step {
  if (state === 'insufficient data') {
    const blindSince = open.blindSince ?? now
    return now - blindSince >= FORGET_BLIND_MS ? { do: 'forget' } : { do: 'keep', alert: { ...open, blindSince } }
  }
  if (state !== 'met') return { do: 'forget' }
  const seen = { ...open, lastSeenAt: now, blindSince: null }
  return isDue(seen, timing, now) ? { do: 'fire', alert: fired(seen, now) } : { do: 'keep', alert: seen }
}

function advanceFiring(open: OpenAlert, state: Reading['state'], timing: Timing, now: number): Step {
  if (state === 'insufficient data') return { do: 'keep', alert: { ...open, clearSince: null, blindSince: open.blindSince ?? now } }
  if (state !== 'clear') {
    return { do: 'keep', alert: { ...open, clearSince: null, blindSince: null, lastSeenAt: state === 'met' ? now : open.lastSeenAt } }
  }
  // A clock that was set back must not keep an alert for ever.
  const clearSince = Math.min(open.clearSince ?? now, now)
  const alert = { ...open, clearSince, blindSince: null }
  return now - clearSince >= timing.clearMs ? { do: 'resolve', alert: { ...alert, state: 'resolved' } } : { do: 'keep', alert }
}

function isDue({ startedAt, notBefore }: OpenAlert, { forMs }: Timing, now: number): boolean {
  return now - startedAt >= forMs && now >= notBefore
}

function fired(alert: OpenAlert, now: number): OpenAlert {
  return { ...alert, state: 'firing', firedAt: now }
}
