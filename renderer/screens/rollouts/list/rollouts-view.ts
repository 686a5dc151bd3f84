import { z } from 'zod'
import { shellWord } from '../../../components/copy.tsx'
import type { RolloutState } from '../../../../shared/domain/rollout/life.ts'
import type { InputOf } from '../../../../shared/rpc/contract.ts'
import type { RolloutSummary } from '../../../../shared/rpc/contract/rollouts.ts'

/** Which rollouts are shown, in the order of the switch. */
export const shownChoices = {
  all: { title: 'All', states: null },
  live: { title: 'Live', states: ['awaiting-approval', 'scheduled', 'running', 'paused', 'reverting'] },
  drafts: { title: 'Drafts', states: ['draft'] },
  ended: { title: 'Ended', states: ['completed', 'stopped', 'reverted'] },
} as const satisfies Record<string, { title: string; states: readonly RolloutState[] | null }>
export type Shown = keyof typeof shownChoices
export const shownNames = Object.keys(shownChoices) as Shown[]

/** What the address of the list holds. */
export const rolloutsView = z.object({
  show: z.enum(['all', 'live', 'drafts', 'ended']).default('all'),
  deployment: z.string().max(64).default(''),
  model: z.string().max(64).default(''),
  kind: z.enum(['any', 'comparisons', 'releases']).default('any'),
  text: z.string().max(200).default(''),
  rollout: z.coerce.number().int().min(0).default(0),
})
export type RolloutsView = z.output<typeof rolloutsView>

/** What the core is asked for: a part of all rollouts, narrowed by the filters that it knows. */
export function rolloutsQuestion(
  { deployment, model, kind }: RolloutsView,
  states: readonly RolloutState[] | null,
): Omit<InputOf<'rollouts.list'>, 'before' | 'limit'> {
  return {
    ...(states === null ? {} : { state: [...states] }),
    ...(deployment === '' ? {} : { deployment }),
    ...(model === '' ? {} : { model }),
    ...(kind === 'any' ? {} : { isComparison: kind === 'comparisons' }),
  }
}

/** Rollouts that a text finds: each of its words in the number, the name, the version, the deployment, the person or the query. */
export function findRollouts(rollouts: readonly RolloutSummary[], text: string): RolloutSummary[] {
  const words = text.toLowerCase().replaceAll('@', ' ').split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...rollouts]
  return rollouts.filter(({ rollout, name, model, version, deployment, createdBy, query, state }) => {
    const said = [`#${rollout}`, name, model, version, deployment, createdBy, query, state].join(' ').toLowerCase()
    return words.every((word) => said.includes(word))
  })
}

/** True if the list is narrowed by anything but the switch of states. */
export function isNarrowed({ deployment, model, kind, text }: RolloutsView): boolean {
  return deployment !== '' || model !== '' || kind !== 'any' || text !== ''
}

/** The list as a line of a shell. */
export function rolloutsCommand({ show, deployment, model, kind }: RolloutsView): string {
  const { states } = shownChoices[show]
  const flags = [
    ...(states === null ? [] : [`--state ${states.join(',')}`]),
    ...(deployment === '' ? [] : [`--deployment ${shellWord(deployment)}`]),
    ...(model === '' ? [] : [`--model ${shellWord(model)}`]),
    ...(kind === 'comparisons' ? ['--comparisons'] : []),
  ]
  return ['npm run -s muster -- rollouts list', ...flags].join(' ')
}
