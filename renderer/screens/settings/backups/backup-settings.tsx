import { Group, Stack } from '@mantine/core'
import { Answered, ProblemBox } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatBytes } from '../../../components/format.ts'
import { Progress } from '../../../components/progress.tsx'
import { Section } from '../../../components/screen.tsx'
import { StateMark, type State } from '../../../components/state-mark.tsx'
import { Ago, Ahead } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useJob } from '../../../data/use-job.ts'
import { useQuery } from '../../../data/use-query.ts'
import type { BackupsShown } from '../../../../shared/rpc/contract/backups.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from '../settings.module.css'
import { BackupList } from './backup-list.tsx'
import { KeyForm } from './key-form.tsx'
import { PlannedRestore } from './planned-restore.tsx'
import { ScheduleForm } from './schedule-form.tsx'

const marks: Record<BackupsShown['state'], { state: State; word: string }> = {
  good: { state: 'ok', word: 'Good' },
  attention: { state: 'attention', word: 'Attention' },
  bad: { state: 'failed', word: 'Needs you' },
}

/** Backups: how they stand, the list, when they are made, and what they hold. */
export function BackupSettings() {
  const answer = useQuery('backups.show', {}, { everyMs: 15_000, keepsPrevious: true })
  return (
    <Answered answer={answer}>
      {(shown) => (
        <Stack gap="lg">
          <PlannedRestore shown={shown} />
          <Standing shown={shown} />
          <BackupList shown={shown} />
          <ScheduleForm shown={shown} />
          <KeyForm shown={shown} />
          {shown.copies.length > 0 && <SchemaCopies copies={shown.copies} />}
        </Stack>
      )}
    </Answered>
  )
}

function Standing({ shown }: { shown: BackupsShown }) {
  const make = useCommand('backups.make')
  const cancel = useCommand('jobs.cancel')
  const job = useJob(shown.running)
  const { running, failure, restored } = shown
  return (
    <Section
      title="Backups"
      actions={
        <>
          <CopyAsCommand command="npm run -s muster -- backup" isIcon />
          <MayButton
            method="backups.make"
            variant="filled"
            loading={make.isRunning}
            disabled={running !== null}
            onClick={() => void make.run({}).catch(() => undefined)}
          >
            Back up now
          </MayButton>
        </>
      }
    >
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <StateMark {...marks[shown.state]} />
        <span>{shown.sentence}</span>
      </Group>
      {running !== null && job.data?.state === 'running' && (
        <Stack gap={4} mt="sm">
          <Progress share={job.data.progress} label={job.data.title} />
          <Group gap="sm">
            <span className="dim">{job.data.note}</span>
            <MayButton method="jobs.cancel" size="compact-xs" onClick={() => void cancel.run({ job: running }).catch(() => undefined)}>
              Cancel the backup
            </MayButton>
          </Group>
        </Stack>
      )}
      {failure !== null && <ProblemBox problem={failure.problem} />}
      <Facts
        rows={[
          ['Next', shown.nextAt === null ? 'none by itself' : <Ahead at={shown.nextAt} />],
          ['Folder', <span className="mono foreign">{shown.folder}</span>],
          ['Reports', 'their list, hashes and schedules; files of reports are saved by hand'],
          ['Needs', `${formatBytes(shown.neededBytes)}${shown.freeBytes === null ? '' : ` of ${formatBytes(shown.freeBytes)} free`}`],
          ...(restored === null
            ? []
            : ([
                [
                  'These data',
                  <>
                    were restored from {restored.backup} <Ago at={restored.at} /> by <span className="foreign">{restored.actor}</span>
                    {restored.aside !== null && (
                      <>
                        ; what stood there is kept in <span className="mono">{restored.aside}</span>
                      </>
                    )}
                  </>,
                ],
              ] as const)),
        ]}
      />
    </Section>
  )
}

function SchemaCopies({ copies }: { copies: BackupsShown['copies'] }) {
  return (
    <Section title="Copies from before an update">
      <p className="dim">A store is copied before its schema is changed. An older version of Muster opens such a copy as it is.</p>
      <table className={styles.table} aria-label="Copies from before an update">
        <tbody>
          {copies.map((copy) => (
            <tr key={copy.file}>
              <td>
                <Ago at={copy.madeAt} />
              </td>
              <td className="mono foreign">{copy.file}</td>
              <td>{formatBytes(copy.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}
