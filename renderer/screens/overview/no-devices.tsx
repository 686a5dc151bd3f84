import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Progress } from '../../components/progress.tsx'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import { useJob } from '../../data/use-job.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './overview.module.css'

/** A fleet without devices has no figures to show: it says how the first ones come. */
export function NoDevices({ models }: { models: number }) {
  const sample = useQuery('sampleFleet.show', {}, { everyMs: 2000 })
  const job = useJob(sample.data?.job ?? null)
  const start = useCommand('sampleFleet.start', { isShownInPlace: true })
  const problem = start.problem ?? sample.data?.problem ?? null
  const isStarting = sample.data?.state === 'starting' || start.isRunning
  return (
    <>
      {problem !== null && <ProblemBox problem={problem} />}
      <EmptyState
        title="This fleet has no devices yet"
        actions={
          <>
            <MayButton method="devices.createCode" href={paths.enrol} variant="filled">
              Enrol a device
            </MayButton>
            <MayButton method="sampleFleet.start" loading={isStarting} onClick={() => void start.run({}).catch(() => undefined)}>
              Start the sample fleet
            </MayButton>
            {models === 0 && (
              <MayButton method="models.import" href={paths.importModel}>
                Import a model
              </MayButton>
            )}
            <CopyAsCommand command="npm run -s muster -- sample start" isIcon />
          </>
        }
      >
        Enrol a device with a one-time code and one command, or start the sample fleet: five agents on this machine with sample models and
        real rows, which can be removed with one click. What devices report shows here as soon as the first one connects.
      </EmptyState>
      {isStarting && (
        <div className={styles.starting} role="status">
          <Progress share={job.data?.progress ?? null} label="Start of the sample fleet" />
          <span className="dim foreign">{job.data?.note ?? 'Starting'}</span>
        </div>
      )}
    </>
  )
}
