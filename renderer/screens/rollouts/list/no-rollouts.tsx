import { Button } from '@mantine/core'
import { IconStairsUp } from '@tabler/icons-react'
import { Link as RouteLink } from 'wouter'
import { EmptyState } from '../../../components/answered.tsx'
import { paths } from '../../../data/paths.ts'
import { useQuery } from '../../../data/use-query.ts'
import { isNarrowed, type RolloutsView } from './rollouts-view.ts'
import { MayButton } from '../../../shell/may-button.tsx'

const emptyWords: Record<Exclude<RolloutsView['show'], 'all'>, string> = {
  live: 'No rollout is live',
  drafts: 'There is no draft',
  ended: 'No rollout has ended yet',
}

/** Why the list is empty, and what leads on. */
export function NoRollouts({ view, onView }: { view: RolloutsView; onView(change: Partial<RolloutsView>): void }) {
  const versions = useQuery('models.list', {}).data?.versions
  if (isNarrowed(view))
    return (
      <EmptyState
        title="No rollout is like that"
        actions={
          <Button onClick={() => onView({ deployment: '', model: '', kind: 'any', text: '', show: 'all' })}>Show all rollouts</Button>
        }
      >
        Others are hidden by the filters.
      </EmptyState>
    )
  const start = (
    <MayButton method="rollouts.create" href={paths.newRollout()} variant="filled" leftSection={<IconStairsUp size={14} />}>
      New rollout
    </MayButton>
  )
  if (view.show !== 'all')
    return (
      <EmptyState
        title={emptyWords[view.show]}
        actions={
          <>
            {start}
            <Button onClick={() => onView({ show: 'all' })}>Show all rollouts</Button>
          </>
        }
      />
    )
  return (
    <EmptyState
      title="No version was rolled out yet"
      actions={
        versions?.length === 0 ? (
          <Button component={RouteLink} href={paths.importModel} variant="filled">
            Import a model
          </Button>
        ) : (
          start
        )
      }
    >
      A rollout offers a version to many devices wave by wave. The next wave begins when enough devices of the last one have committed it
      and it is no worse than what they ran, by errors, latency, agreement and labels. A bad version is stopped and taken back without you.
      {versions?.length === 0 && ' It needs a model first.'}
    </EmptyState>
  )
}
