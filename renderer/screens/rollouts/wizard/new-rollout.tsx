import { z } from 'zod'
import { Link as RouteLink } from 'wouter'
import { Answered, EmptyState } from '../../../components/answered.tsx'
import { Screen } from '../../../components/screen.tsx'
import { paths } from '../../../data/paths.ts'
import { useUrlState } from '../../../data/url-state.ts'
import { useQuery } from '../../../data/use-query.ts'
import { rolloutMethods } from '../../../../shared/domain/rollout/plan.ts'
import { copyOf, freshDraft } from './plan/plan-draft.ts'
import { Wizard } from './wizard.tsx'

/** What the address of the wizard holds: what it writes from, and the first fields as they stand. */
const view = z.object({
  rollout: z.coerce.number().int().min(0).default(0),
  from: z.coerce.number().int().min(0).default(0),
  model: z.string().max(64).default(''),
  version: z.string().max(64).default(''),
  deployment: z.string().max(64).default(''),
  query: z.string().max(4000).default(''),
  method: z.enum(rolloutMethods).default('replace'),
})
export type WizardView = z.output<typeof view>

/** Writes a rollout: a new one, a copy, or a draft that is edited. */
export function NewRollout() {
  const [address, change] = useUrlState(view)
  const source = address.rollout !== 0 ? address.rollout : address.from
  if (source === 0) {
    const { model, version, deployment, query, method } = address
    return <Wizard key="new" first={{ ...freshDraft({ model, version, deployment, query }), method }} rollout={null} onAddress={change} />
  }
  return <FromRollout key={`${address.rollout}/${address.from}`} source={source} isEdit={address.rollout !== 0} onAddress={change} />
}

function FromRollout({ source, isEdit, onAddress }: { source: number; isEdit: boolean; onAddress(change: Partial<WizardView>): void }) {
  const answer = useQuery('rollouts.show', { rollout: source })
  const shown = answer.data
  if (shown === undefined || (isEdit && !shown.acts.edit)) {
    return (
      <Screen title={isEdit ? `Rollout ${source}` : 'New rollout'}>
        <Answered answer={answer}>
          {({ name, state }) => (
            <EmptyState
              title={`${name} is ${state}: its plan cannot be changed any more`}
              actions={
                <>
                  <RouteLink href={paths.rollout(source)}>Open the rollout</RouteLink>
                  <RouteLink href={paths.newRollout({ from: source })}>Write a new one from it</RouteLink>
                </>
              }
            >
              Only a draft is edited. What was started keeps the plan that it was started with.
            </EmptyState>
          )}
        </Answered>
      </Screen>
    )
  }
  return <Wizard first={isEdit ? shown.plan : copyOf(shown.plan)} rollout={isEdit ? source : null} onAddress={onAddress} />
}
