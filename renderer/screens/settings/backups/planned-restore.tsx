import { Alert, Group } from '@mantine/core'
import type { BackupsShown } from '../../../../shared/rpc/contract/backups.ts'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'

/** A restore that the next start makes, or that failed at the last one. */
export function PlannedRestore({ shown: { planned } }: { shown: BackupsShown }) {
  const plan = useCommand('backups.planRestore')
  if (planned === null) return null
  const { backup, problem } = planned
  const takeBack = (): void => void plan.run({ name: null }).catch(() => undefined)
  return (
    <Alert color={problem === null ? 'yellow' : 'red'} title={problem === null ? 'A restore is planned' : 'The restore could not be made'}>
      <p>
        {problem === null
          ? `The backup ${backup} is put in the place of these data when the console starts next. Close the console and start it again.`
          : `The backup ${backup} was not restored, and the data are as they were: ${problem.message}`}
      </p>
      <Group>
        <MayButton method="backups.planRestore" loading={plan.isRunning} onClick={takeBack}>
          {problem === null ? 'Do not restore' : 'I have read it'}
        </MayButton>
      </Group>
    </Alert>
  )
}
