import { Progress } from '../../components/progress.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useJob } from '../../data/use-job.ts'
import { MayButton } from '../../shell/may-button.tsx'
import type { Report } from './reports-view.ts'
import styles from './reports.module.css'

/** How far a report is; it can be cancelled, and then leaves nothing. */
export function MakingReport({ report }: { report: Report }) {
  const job = useJob(report.job).data
  const cancel = useCommand('jobs.cancel')
  const id = report.job
  return (
    <div className={styles.running}>
      <Progress share={job?.progress ?? null} label={`Report ${report.report}`} />
      <div className={styles.line}>
        <span className="dim foreign" role="status">
          {job?.note === undefined || job.note === '' ? 'waiting' : job.note}
        </span>
        <MayButton
          method="jobs.cancel"
          size="compact-xs"
          disabled={id === null}
          loading={cancel.isRunning}
          onClick={() => void (id !== null && cancel.run({ job: id }).catch(() => undefined))}
        >
          Cancel
        </MayButton>
      </div>
      <span className="dim">It goes on if you leave this page.</span>
    </div>
  )
}
