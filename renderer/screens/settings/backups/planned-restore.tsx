import { Alert, Group } from '@mantine/core'
import type { BackupsShown } from '../../../../shared/rpc/contract/backups.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from '../settings.module.css'

/** A restore that the next start makes, or that failed at the last one. */
export function PlannedRestore({ shown: { planned } }: { shown: BackupsShown }) {
  const plan = useCommand('backups.planRestore')
  if (planned === null) return null
  const { backup, problem } = planned
  const takeBack = (): void => void plan.run({ name: null }).catch(() => undefined)
  return (
    <Alert
      variant="outline"
      color="gray"
      title={
        problem === null ? (
          <StateMark state="attention" word="A restore is planned" />
        ) : (
          <StateMark state="failed" word="The restore could not be made" />
        )
      }
    >
      <p className={styles.alertText}>
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
