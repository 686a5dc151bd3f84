import { useEffect, useState } from 'react'
import type { ProblemReport } from '../../../../shared/domain/problem.ts'
import { useCommand } from '../../../data/use-command.ts'
import { useJob } from '../../../data/use-job.ts'
import type { CheckedDraft } from './import-draft.ts'
import type { ticketsOf, UploadDesk } from './upload-desk.ts'

/** The job of an import, from its start to its result. */
export function useImportRun(desk: UploadDesk) {
  const command = useCommand('models.import', { isShownInPlace: true })
  const cancel = useCommand('jobs.cancel')
  const [job, setJob] = useState<string | null>(null)
  const [ended, setEnded] = useState<{ problem: ProblemReport | null; wasCancelled: boolean }>({ problem: null, wasCancelled: false })
  const progress = useJob(job).data ?? null
  const state = progress?.state ?? null
  const problem = progress?.problem ?? null
  useEffect(() => {
    if (state !== 'failed' && state !== 'cancelled') return
    // The job has used the files up; what was written stays, so that it can be corrected and started again.
    setEnded({ problem: state === 'failed' ? reportOf(problem) : null, wasCancelled: state === 'cancelled' })
    setJob(null)
    desk.sendAgain()
  }, [state, problem, desk])
  const forget = (): void => setEnded({ problem: null, wasCancelled: false })
  return {
    job,
    isLocked: job !== null || command.isRunning,
    progress,
    result: state === 'done' ? progress?.result : null,
    problem: command.problem ?? ended.problem,
    wasCancelled: ended.wasCancelled,
    start(tickets: ReturnType<typeof ticketsOf>, { checked, target }: { checked: CheckedDraft; target: string | null }) {
      const { model, ...others } = tickets
      if (model === undefined) return
      forget()
      const input = { files: { model, ...others }, model: checked.model, version: checked.version }
      command.run({ ...input, ...(target === null ? {} : { target }) }).then(
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
    reset() {
      setJob(null)
      forget()
      command.reset()
    },
  }
}

export type ImportRun = ReturnType<typeof useImportRun>

function reportOf(problem: { code: string; message: string; hint?: string | undefined } | null): ProblemReport | null {
  if (problem === null) return null
  const { code, message, hint } = problem
  return { code, message, ...(hint === undefined ? {} : { hint }) }
}
