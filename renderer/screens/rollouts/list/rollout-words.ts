import type { RolloutMethod } from '../../../../shared/domain/rollout/plan.ts'
import type { RolloutSummary } from '../../../../shared/rpc/contract/rollouts.ts'

/** What a version does on a device before it is the active one: a word, and a sentence below it. */
export const methodWords: Record<RolloutMethod, { title: string; does: string }> = {
  replace: { title: 'Replace', does: 'Takes the place of what runs once it passed its trial on the device. What ran is kept warm.' },
  shadow: { title: 'Shadow first', does: 'Sees the same inputs and answers nobody, is compared, then takes over.' },
  split: { title: 'Split first', does: 'Answers a share of the keys, is compared, then takes over.' },
  stage: { title: 'Stage first', does: 'Is downloaded and checked everywhere in the wave, and activated by a later order.' },
}

/** The method of a rollout in a word; a comparison says so. */
export function methodOf({ method, isComparison }: Pick<RolloutSummary, 'method' | 'isComparison'>): string {
  if (!isComparison) return methodWords[method].title.toLowerCase()
  return method === 'split' ? 'A/B comparison' : 'shadow comparison'
}

/** How long it ran, or has run: from its start to its end. `null`: it was not started. */
export function lastedMs({ startedAt, endedAt }: Pick<RolloutSummary, 'startedAt' | 'endedAt'>, now: number): number | null {
  return startedAt === null ? null : Math.max(0, (endedAt ?? now) - startedAt)
}
