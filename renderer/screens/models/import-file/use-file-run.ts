import { useEffect, useState } from 'react'
import type { ProblemReport } from '../../../../shared/domain/problem.ts'
import { useCommand } from '../../../data/use-command.ts'
import { useJob } from '../../../data/use-job.ts'
import type { FileSender } from './sent-file.ts'

/** The job of an import of a .muster file, from its start to its result. */
export function useFileRun(sender: FileSender) {
  const command = useCommand('models.importFile', { isShownInPlace: true })
  const cancel = useCommand('jobs.cancel')
  const [job, setJob] = useState<string | null>(null)
  const progress = useJob(job).data ?? null
  const [ended, setEnded] = useState<ProblemReport | null>(null)
  const state = progress?.state ?? null
  const problem = progress?.problem ?? null
  useEffect(() => {
    if (state !== 'failed' && state !== 'cancelled') return
    const { code, message, hint } = problem ?? {
      code: 'cancelled',
      message: 'The import was cancelled; nothing was stored.',
      hint: undefined,
    }
    setEnded({ code, message, ...(hint === undefined ? {} : { hint }) })
    setJob(null)
    // The job has used the file up: it is chosen again.
    sender.clear()
  }, [state, problem, sender])
  return {
    job,
    isLocked: job !== null || command.isRunning,
    progress,
    result: state === 'done' ? progress?.result : null,
    problem: command.problem ?? ended,
    start(ticket: string, signedBy: string) {
      setEnded(null)
      command.run({ file: ticket, signedBy }).then(
        (begun) => {
          sender.handToJob()
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
      setEnded(null)
      command.reset()
      sender.clear()
    },
  }
}

export type FileRun = ReturnType<typeof useFileRun>
