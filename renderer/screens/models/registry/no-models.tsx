import { useState } from 'react'
import { EmptyState, ProblemBox } from '../../../components/answered.tsx'
import { Progress } from '../../../components/progress.tsx'
import { paths } from '../../../data/paths.ts'
import { useCommand } from '../../../data/use-command.ts'
import { useJob } from '../../../data/use-job.ts'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'

/** The registry before the first import: what to do, and the samples. */
export function NoModels() {
  const start = useCommand('sampleFleet.start', { isShownInPlace: true })
  const fleet = useQuery('sampleFleet.show', {})
  const [started, setStarted] = useState<string | null>(null)
  const job = useJob(started ?? fleet.data?.job ?? null)
  const problem = start.problem ?? job.data?.problem ?? null
  return (
    <EmptyState
      title="No model is imported yet"
      actions={
        <>
          <MayButton method="models.import" href={paths.importModel} variant="filled">
            Import a model
          </MayButton>
          <MayButton
            method="sampleFleet.start"
            loading={start.isRunning || job.data?.state === 'running'}
            onClick={() => {
              start.run({}).then(
                (begun) => setStarted(begun.job),
                () => undefined,
              )
            }}
          >
            Start the sample fleet
          </MayButton>
        </>
      }
    >
      <p>
        Drop an .onnx file anywhere on this page, or choose it. With train.csv and holdout.csv beside it, the version also gets a schema, a
        baseline, a golden set and metrics.
      </p>
      <p>
        The sample fleet imports models for digits and wine, enrols five agents on this machine, deploys to them and sends them real rows.
        It can be removed on the settings page with one click.
      </p>
      {job.data?.state === 'running' && (
        <>
          <Progress share={job.data.progress} label={job.data.title} />
          <span>{job.data.note}</span>
        </>
      )}
      {problem !== null && <ProblemBox problem={problem} />}
    </EmptyState>
  )
}
