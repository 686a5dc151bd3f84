import { useState } from 'react'
import { useCommand } from '../../../data/use-command.ts'
import { useJob } from '../../../data/use-job.ts'

/** What a person chose for an export. */
interface ExportChoice {
  file: string
  withHoldout: boolean
  replace: boolean
}

/** The job of an export, from its start to the file that it wrote. */
export function useExport(of: { model: string; version: string }) {
  const command = useCommand('models.export', { isShownInPlace: true })
  const cancel = useCommand('jobs.cancel')
  const [job, setJob] = useState<string | null>(null)
  const progress = useJob(job).data ?? null
  const isRunning = job !== null && (progress === null || progress.state === 'running')
  return {
    progress,
    isRunning,
    isBusy: isRunning || command.isRunning,
    result: progress?.state === 'done' ? progress.result : null,
    problem: command.problem ?? progress?.problem ?? null,
    start(choice: ExportChoice) {
      setJob(null)
      command.run({ ...of, ...choice }).then(
        (begun) => setJob(begun.job),
        // What was refused is shown in place.
        () => undefined,
      )
    },
    cancel() {
      if (job !== null) cancel.run({ job }).catch(() => undefined)
    },
    /** What went wrong is of another choice. */
    forget() {
      command.reset()
      setJob(null)
    },
  }
}
