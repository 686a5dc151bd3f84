import { useEffect, useState } from 'react'
import { useCommand } from '../../../data/use-command.ts'
import { useJob } from '../../../data/use-job.ts'
import { showDone } from '../../../shell/notices.tsx'
import type { UploadDesk } from '../import/upload-desk.ts'

/** Evaluates a version as a job. @param onDone told once, when the metrics are stored */
export function useEvaluation({ model, version, desk, onDone }: { model: string; version: string; desk: UploadDesk; onDone(): void }) {
  const command = useCommand('models.evaluate', { isShownInPlace: true })
  const cancel = useCommand('jobs.cancel')
  const [job, setJob] = useState<string | null>(null)
  const progress = useJob(job).data ?? null
  const state = progress?.state ?? null
  useEffect(() => {
    // The job has used the file up.
    if (state === 'failed' || state === 'cancelled') desk.sendAgain()
  }, [state, desk])
  useEffect(() => {
    if (state !== 'done') return
    showDone(`${model} ${version} is evaluated.`)
    onDone()
  }, [state, model, version, onDone])
  return {
    progress,
    isRunning: state === 'running',
    isStarting: command.isRunning,
    problem: command.problem ?? progress?.problem ?? null,
    /** @param holdout ticket of the rows; `null`: those that came with the import */
    start(holdout: string | null) {
      command.run({ model, version, ...(holdout === null ? {} : { holdout }) }).then(
        (begun) => {
          desk.handToJob()
          setJob(begun.job)
        },
        // What was refused is shown in place.
        () => undefined,
      )
    },
    cancel() {
      if (job !== null) cancel.run({ job }).catch(() => undefined)
    },
  }
}
