import { Group, Stack } from '@mantine/core'
import { ProblemBox } from '../../../components/answered.tsx'
import { Progress } from '../../../components/progress.tsx'
import { useCommand } from '../../../data/use-command.ts'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { MayButton } from '../../../shell/may-button.tsx'

/** How an export or an import goes: its progress with a way to cancel, what failed, or its result. */
export function CarryJob({ job, children }: { job: OutputOf<'jobs.show'> | undefined; children(result: unknown): React.ReactNode }) {
  const cancel = useCommand('jobs.cancel')
  if (job === undefined) return null
  if (job.state === 'running')
    return (
      <Stack gap={4}>
        <Progress share={job.progress} label={job.title} />
        <Group gap="sm">
          <span className="dim foreign">{job.note}</span>
          <MayButton method="jobs.cancel" size="compact-xs" onClick={() => void cancel.run({ job: job.job }).catch(() => undefined)}>
            Cancel
          </MayButton>
        </Group>
      </Stack>
    )
  if (job.problem !== null) return <ProblemBox problem={job.problem} />
  return <div role="status">{job.state === 'done' ? children(job.result) : 'It was cancelled; what is done stays.'}</div>
}
