import { useCallback, useState } from 'react'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { reportVerification, type ReportVerification } from '../../../shared/rpc/contract/reports.ts'
import { useLink } from '../../data/link-context.ts'
import { uploadFile } from '../../data/upload.ts'
import { useCommand } from '../../data/use-command.ts'
import { useJob } from '../../data/use-job.ts'

/** A verification of a report, or of a file of one. */
export interface Check {
  /** The file that is looked at; null: a report of this console. */
  fileName: string | null
  /** Share of the file that is sent, or of the values that were made anew; null: not known. */
  share: number | null
  note: string
  isRunning: boolean
  problem: { code: string; message: string; hint?: string | undefined } | null
  result: ReportVerification | null
  startReport(report: number): void
  startFile(file: File): void
  cancel(): void
  reset(): void
}

/** Runs one verification at a time; a newer one takes the place of the one before. */
export function useCheck(): Check {
  const link = useLink()
  const verify = useCommand('reports.verify', { isShownInPlace: true })
  const cancelJob = useCommand('jobs.cancel')
  const [fileName, setFileName] = useState<string | null>(null)
  const [sending, setSending] = useState<{ share: number; abort: AbortController } | null>(null)
  const [refused, setRefused] = useState<Problem | null>(null)
  const [job, setJob] = useState<string | null>(null)
  const shown = useJob(job).data
  const reset = useCallback(() => {
    setFileName(null)
    setSending(null)
    setRefused(null)
    setJob(null)
  }, [])
  const begin = async (of: { report: number } | { upload: string }): Promise<void> => setJob((await verify.run(of)).job)
  const send = async (file: File): Promise<void> => {
    const abort = new AbortController()
    setSending({ share: 0, abort })
    const upload = await uploadFile(link, file, {
      ...{ method: 'reports.beginUpload', signal: abort.signal },
      onProgress: (share) => setSending({ share, abort }),
    })
    await begin({ upload })
    setSending(null)
  }
  const fail = (error: unknown): void => {
    setSending(null)
    setRefused(error instanceof Problem ? error : new Problem('internal', messageOf(error)))
  }
  const parsed = shown?.state === 'done' ? reportVerification.safeParse(shown.result) : null
  const isRunning = sending !== null || verify.isRunning || shown?.state === 'running' || (job !== null && shown === undefined)
  return {
    fileName,
    share: sending?.share ?? shown?.progress ?? null,
    note: sending === null ? (shown?.note ?? '') : 'sending the file',
    isRunning,
    problem: refused ?? shown?.problem ?? null,
    result: parsed?.success === true ? parsed.data : null,
    startReport(report) {
      reset()
      begin({ report }).catch(fail)
    },
    startFile(file) {
      reset()
      setFileName(file.name)
      send(file).catch(fail)
    },
    cancel() {
      sending?.abort.abort()
      if (job !== null) void cancelJob.run({ job }).catch(() => undefined)
    },
    reset,
  }
}
