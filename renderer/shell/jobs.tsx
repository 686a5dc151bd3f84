import { ActionIcon, Button, Popover, Tooltip } from '@mantine/core'
import { IconLoader2, IconX } from '@tabler/icons-react'
import { Progress } from '../components/progress.tsx'
import { StateMark, type State } from '../components/state-mark.tsx'
import { Ago } from '../components/time.tsx'
import { useCommand } from '../data/use-command.ts'
import { useQuery } from '../data/use-query.ts'
import styles from './jobs.module.css'

const stateOf: Record<'running' | 'done' | 'failed' | 'cancelled', State> = {
  running: 'working',
  done: 'ok',
  failed: 'failed',
  cancelled: 'offline',
}

/** Long pieces of work: how many run, how far each is, and how the last ones ended. */
export function Jobs() {
  const answer = useQuery('jobs.list', {})
  const cancel = useCommand('jobs.cancel')
  const jobs = answer.data?.jobs ?? []
  const running = jobs.filter(({ state }) => state === 'running')
  return (
    <Popover position="bottom-end" shadow="md" width={380} trapFocus>
      <Popover.Target>
        <Tooltip label="Work in progress">
          {running.length === 0 ? (
            <ActionIcon aria-label="Work in progress: none">
              <IconLoader2 size={18} />
            </ActionIcon>
          ) : (
            <Button variant="subtle" leftSection={<IconLoader2 size={16} className={styles.turning} />}>
              {running[0]!.title.slice(0, 40)}
              {running.length > 1 ? ` and ${running.length - 1} more` : ''}
              {running[0]!.progress === null ? '' : ` · ${Math.floor(running[0]!.progress * 100)} %`}
            </Button>
          )}
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <h2>Work in progress</h2>
        {jobs.length === 0 && <p className="dim">Nothing has run since the console started. Imports and evaluations show here.</p>}
        <ul className={styles.list}>
          {jobs.slice(0, 12).map((job) => (
            <li key={job.job}>
              <div className={styles.line}>
                <StateMark state={stateOf[job.state]} word={job.state} />
                <span className="foreign">{job.title}</span>
                {job.state === 'running' ? (
                  <ActionIcon size="sm" aria-label={`Cancel ${job.title}`} onClick={() => void cancel.run({ job: job.job })}>
                    <IconX size={14} />
                  </ActionIcon>
                ) : (
                  <span className="dim">
                    <Ago at={job.endedAt} />
                  </span>
                )}
              </div>
              {job.state === 'running' && <Progress share={job.progress} label={job.title} />}
              <div className="dim foreign">{job.problem?.message ?? (job.state === 'running' ? job.note : '')}</div>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  )
}

/** How many jobs run; used by the status bar. */
export function useRunningJobs(): number {
  return useQuery('jobs.list', {}).data?.jobs.filter(({ state }) => state === 'running').length ?? 0
}
