import type { AlertRule } from '../../../../shared/domain/alert.ts'
import type { AlertRow } from '../../store/fleet/alerts.ts'
import { resolveAlert } from './apply-readings.ts'
import type { Sight } from './look.ts'
import { orderedBundles } from './slices.ts'
import type { TellTime } from './tell.ts'

/** A firing alert of which nothing was heard for so long is closed. */
const BLIND_MS = 30 * 86_400_000
/** Resolved alerts and their notices are kept for so long. */
export const ALERTS_KEPT_MS = 400 * 86_400_000

/**
 * Ends alerts on what is no more: a device that was taken out, a version that runs nowhere, a rule that is off. Call it in a transaction.
 * @returns true if one was ended
 */
export function sweepAlerts(sight: Pick<Sight, 'store'>, rules: readonly AlertRule[], time: TellTime): boolean {
  const { store } = sight
  const open = store.alerts.open()
  if (open.length === 0) return false
  const ordered = orderedBundles(sight)
  let hasChanged = false
  for (const alert of open) {
    const message = whyOver(alert, rules, time.now) ?? whyGone(alert, sight, ordered)
    if (message === null) continue
    resolveAlert(store, alert, { by: 'Muster', message }, time)
    hasChanged = true
  }
  return hasChanged
}

function whyOver({ rule, blindSince }: AlertRow, rules: readonly AlertRule[], now: number): string | null {
  const mine = rules.find((one) => one.rule === rule)
  if (mine === undefined) return 'Its rule was removed.'
  if (!mine.isEnabled) return 'Its rule was switched off.'
  return blindSince !== null && now - blindSince >= BLIND_MS ? 'Nothing was heard of it for 30 days.' : null
}

function whyGone({ subject }: AlertRow, { store }: Pick<Sight, 'store'>, ordered: ReadonlySet<string>): string | null {
  const { device, deployment, digest, version } = subject
  if (device !== null && store.roster.entry(device) === null) return `${device} is no longer in the fleet.`
  if (deployment === null || digest === null || ordered.has(`${deployment}\n${digest}`)) return null
  return `No device runs ${version ?? 'this version'} in ${deployment} any more.`
}

/** Forgets what is very old. Call it in a transaction. */
export function pruneAlerts({ store }: Pick<Sight, 'store'>, now: number): void {
  store.alerts.prune(now - ALERTS_KEPT_MS)
  store.notices.prune(now - ALERTS_KEPT_MS)
}
