import { Problem } from '../../../shared/domain/problem.ts'
import { sentenceOf } from '../monitor/alerts/alert-view.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { OrderRole } from '../store/fleet/terms.ts'

/** The alert that holds releases to a deployment, in brief; null: none does. */
export function heldBy(store: Pick<FleetStore, 'alerts'>, deployment: string): { alert: number; sentence: string } | null {
  const row = store.alerts.holding(deployment)
  return row === null ? null : { alert: row.alert, sentence: sentenceOf(row) }
}

/**
 * Refuses a release while an alert holds releases to its deployment. What answers nobody (a shadow, a staged version) is no release, and taking a
 * version back is never held.
 * @throws Problem `deployment.held`
 */
export function refuseHeld(
  store: Pick<FleetStore, 'alerts'>,
  release: { deployment: string; as: OrderRole; despiteAlerts: boolean },
): void {
  if (release.despiteAlerts || release.as === 'shadow' || release.as === 'staged') return
  const held = heldBy(store, release.deployment)
  if (held === null) return
  throw new Problem('deployment.held', `Alert ${held.alert} holds releases to ${release.deployment}: ${held.sentence} Nothing was ordered.`)
}
