import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Attention } from '../../../shared/rpc/contract/overview.ts'
import type { RolloutSummary } from '../../../shared/rpc/contract/rollouts.ts'

type Part = ResultOf<'overview.show'>['sentence'][number]

/** So many rollouts are named; the page of rollouts has the rest. */
const MOST_NAMED = 3

/** What a rollout that waits for a person asks for. */
const asks: Partial<Record<RolloutSummary['state'], string>> = {
  paused: 'Resume it, stop it or take it back',
  'awaiting-approval': 'Approve it, or refuse it',
}

/** Rollouts that do not go on by themselves. */
export function rolloutLines(rollouts: readonly RolloutSummary[]): Attention[] {
  return rollouts.flatMap(({ rollout, name, state, sentence, deployment, targeted }) => {
    const ask = asks[state]
    if (ask === undefined) return []
    const target = { page: 'rollout' as const, rollout }
    return [
      {
        ...({ kind: 'rollout', severity: 'warning', device: null, deployment, devices: targeted } as const),
        sentence: `${name}: ${sentence}`.slice(0, 4000),
        action: { text: ask, target },
      },
    ]
  })
}

/** How live rollouts stand, for the first line of the overview: "digits 1.1.0 in wave 2 of 4". */
export function rolloutParts(rollouts: readonly RolloutSummary[]): Part[] {
  return rollouts
    .filter(({ state }) => state === 'running' || state === 'paused' || state === 'reverting')
    .slice(0, MOST_NAMED)
    .map(({ rollout, model, version, state, wave, waves }) => {
      const place = wave === null ? '' : waves === 1 ? ' in its wave' : ` in wave ${wave + 1} of ${waves}`
      const how = state === 'reverting' ? ' going back' : state === 'paused' ? ` paused${place}` : place === '' ? ' rolling out' : place
      return { text: `${model} ${version}${how}`, target: { page: 'rollout', rollout } }
    })
}
