import { useLink } from '../../../data/link-context.ts'
import { useMutation } from '@tanstack/react-query'
import type { Problem } from '../../../../shared/domain/problem.ts'
import type { Act, ActChoice } from './act-words.ts'

/** What the core says of it: how the rollout stands, and if this changed anything. */
export interface ActDone {
  isChanged: boolean
  sentence: string
}

/** Does what a person confirmed; the problem is shown in the dialog. */
export function useAct(rollout: number) {
  const link = useLink()
  return useMutation<ActDone, Problem, { act: Act; choice: ActChoice }>({
    async mutationFn({ act, choice: { why, halt, despiteAlerts } }) {
      const { verb } = act
      switch (verb) {
        case 'start':
          return link.call('rollouts.start', { rollout, despiteAlerts })
        case 'pause':
          return link.call('rollouts.pause', { rollout, why, halt })
        case 'halt':
          return link.call('rollouts.pause', { rollout, why, halt: true })
        case 'letThrough':
          return link.call('rollouts.letThrough', { rollout, wave: act.wave ?? 0, why })
        case 'retry':
          return link.call('rollouts.retry', { rollout, query: act.query ?? '' })
        case 'remove':
          await link.call('rollouts.remove', { rollout })
          return { isChanged: true, sentence: 'The draft was removed.' }
        case 'approve':
        case 'refuse':
        case 'resume':
        case 'stop':
        case 'revert':
        case 'promote':
        case 'discard':
          return link.call(`rollouts.${verb}`, { rollout, why })
      }
    },
  })
}
