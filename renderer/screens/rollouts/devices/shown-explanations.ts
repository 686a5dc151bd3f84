import type { State } from '../../../components/state-mark.tsx'
import type { ExplainReason } from '../../../../shared/domain/rollout/reason.ts'
import type { Explanation } from '../../../../shared/rpc/contract/rollouts.ts'

const calm: readonly ExplainReason[] = ['runs', 'no-order', 'not-in-target', 'reverted', 'other-order']
const failed: readonly ExplainReason[] = ['rejected', 'failed', 'timed-out', 'fell-back']
const onItsWay: readonly ExplainReason[] = ['ordered', 'fetching', 'preflight', 'probing', 'on-probation', 'shadowing', 'splitting', 'next']

/** How a reason is drawn. */
export function reasonState(reason: ExplainReason): State {
  if (failed.includes(reason)) return 'failed'
  if (onItsWay.includes(reason)) return 'working'
  return calm.includes(reason) ? 'ok' : 'attention'
}

/** Explanations that a rollout has a say in and that are worth a line: a device that has what is wanted needs none. */
export function shownExplanations(explanations: readonly Explanation[]): Explanation[] {
  return explanations.filter(({ rollout, reason }) => rollout !== null && !calm.includes(reason))
}
