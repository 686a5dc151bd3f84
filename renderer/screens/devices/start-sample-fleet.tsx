import { ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Progress } from '../../components/progress.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useJob } from '../../data/use-job.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './devices.module.css'

/** Starts the sample fleet, says how far it is, and why it could not be started. */
export function StartSampleFleet() {
  const fleet = useQuery('sampleFleet.show', {}).data
  const start = useCommand('sampleFleet.start', { isShownInPlace: true })
  const job = useJob(fleet?.job ?? null)
  const problem = start.problem ?? fleet?.problem ?? null
  const isStarting = fleet?.state === 'starting' || start.isRunning
  return (
    <>
      <MayButton method="sampleFleet.start" loading={isStarting} onClick={() => void start.run({}).catch(() => undefined)}>
        Start the sample fleet
      </MayButton>
      <CopyAsCommand command="npm run -s muster -- sample start" isIcon />
      {isStarting && (
        <div className={styles.starting} role="status">
          <Progress share={job.data?.progress ?? null} label="Start of the sample fleet" />
          <span className="dim foreign">{job.data?.note ?? 'Starting'}</span>
        </div>
      )}
      {problem !== null && !isStarting && <ProblemBox problem={problem} />}
    </>
  )
}
