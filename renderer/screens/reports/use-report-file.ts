import { useEffect, useRef, useState } from 'react'
import { messageOf, Problem, problemFrom } from '../../../shared/domain/problem.ts'
import type { ReportFormat } from '../../../shared/domain/report/kinds.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { useLink } from '../../data/link-context.ts'
import { saveBytes } from '../../data/save-file.ts'
import type { Link } from '../../transport/link.ts'
import { showDone, showProblem } from '../../shell/notices.tsx'

const LOOK_EVERY_MS = 200

/** The bytes of a report in a format. */
export interface ReportFile {
  name: string
  bytes: Uint8Array<ArrayBuffer>
}

interface Work {
  signal: AbortSignal
  /** 0 to 1; null: it is being written. */
  onProgress(share: number | null): void
}

/** Brings a report here, piece by piece; a format that is not there yet is written first. @throws Problem, the reason of the signal */
export async function fetchReport(
  link: Link,
  of: { report: number; format: ReportFormat },
  { signal, onProgress }: Work,
): Promise<ReportFile> {
  const { files } = await link.call('reports.show', { report: of.report })
  if (!files.some(({ format }) => format === of.format)) {
    onProgress(null)
    await jobEnd(link, (await link.call('reports.write', of)).job, signal)
  }
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let got = 0
  for (let offset: number | null = 0, hash = ''; ;) {
    signal.throwIfAborted()
    const { name, bytes, sha256, piece, next }: OutputOf<'reports.file'> = await link.call('reports.file', { ...of, offset })
    if (hash !== '' && hash !== sha256) throw new Problem('report.invalid', 'The file changed while it was read.', { hint: 'Try again.' })
    hash = sha256
    const part = bytesOfBase64(piece)
    pieces.push(part)
    got += part.length
    onProgress(bytes === 0 ? 1 : got / bytes)
    offset = next
    if (offset === null) return { name, bytes: joined(pieces, got) }
  }
}

async function jobEnd(link: Link, job: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const { state, problem } = await link.call('jobs.show', { job })
    if (state === 'done') return
    if (problem !== null)
      throw problemFrom({ code: problem.code, message: problem.message, ...(problem.hint === undefined ? {} : { hint: problem.hint }) })
    if (state !== 'running') throw new Problem('cancelled', 'The file was not written.')
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (sign) => sign.codePointAt(0)!)
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

const types: Record<ReportFormat, string> = {
  html: 'text/html',
  pdf: 'application/pdf',
  csv: 'application/zip',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  parquet: 'application/vnd.apache.parquet',
  json: 'application/json',
  markdown: 'text/markdown',
}

/** Downloads of the formats of one report, one at a time. */
export function useDownload(report: number): {
  /** The one that is on its way. */
  running: { format: ReportFormat; share: number | null } | null
  start(format: ReportFormat): void
} {
  const link = useLink()
  const [running, setRunning] = useState<{ format: ReportFormat; share: number | null } | null>(null)
  const stopping = useRef<AbortController | null>(null)
  useEffect(() => () => stopping.current?.abort(), [])
  const run = async (format: ReportFormat): Promise<void> => {
    const controller = new AbortController()
    stopping.current = controller
    setRunning({ format, share: null })
    try {
      const { signal } = controller
      const file = await fetchReport(link, { report, format }, { signal, onProgress: (share) => setRunning({ format, share }) })
      saveBytes(file.name, file.bytes, types[format])
      showDone(`${file.name} was saved.`)
    } catch (error) {
      if (!controller.signal.aborted)
        showProblem(error instanceof Problem ? error : new Problem('internal', `It was not saved: ${messageOf(error)}`))
    } finally {
      if (!controller.signal.aborted) setRunning(null)
    }
  }
  return { running, start: (format) => void run(format) }
}
