import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import type { RolloutRun } from '../rollout-run.ts'
import type { DeviceFacts, Offer } from './facts.ts'
import { gatePhase, isTwoStep } from './gate.ts'

/** True if a version that replaces another one is downloaded in one window and activated in another one. */
export function isStagedFirst({ method, windows }: Pick<RolloutPlan, 'method' | 'windows'>): boolean {
  const { download, activation } = windows
  return method === 'replace' && activation !== null && JSON.stringify(download) !== JSON.stringify(activation)
}

/** Where the next order of a device that waits puts the version. */
export function slotOfOffer(run: RolloutRun, of: { wave: number; facts: DeviceFacts; now: number }): Offer['slot'] {
  const { wave, facts, now } = of
  if (isTwoStep(run.plan)) return gatePhase(run, wave) === 'beside' ? 'beside' : 'active'
  if (!isStagedFirst(run.plan)) return 'active'
  // Nothing can stand beside nothing; and where both windows are open, one order does.
  return facts.standing === null || facts.activationFrom <= now ? 'active' : 'beside'
}
