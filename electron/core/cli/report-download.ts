import { createHash } from 'node:crypto'
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { ReportFormat } from '../../../shared/domain/report/kinds.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import { awaitJob } from './jobs.ts'

/** A file of a report that was brought here. */
export interface Downloaded {
  file: string
  bytes: number
  sha256: string
}

/**
 * Brings a report to a file, piece by piece; a format that is not there yet is written first. A file that is cut off is none.
 * @param file null: the name that the report gives itself, in the working directory
 * @throws Problem `input.invalid` if it cannot be written, `report.*`
 */
export async function downloadReport(
  rpc: RpcClient,
  of: { report: number; format: ReportFormat },
  file: string | null,
): Promise<Downloaded> {
  const { files } = await rpc.call('reports.show', { report: of.report })
  if (!files.some(({ format }) => format === of.format)) {
    const { job } = await rpc.call('reports.write', of)
    await awaitJob(rpc, job, `write ${of.format}`)
  }
  const first = await rpc.call('reports.file', of)
  const path = file ?? first.name
  const partial = `${path}.part`
  const hash = createHash('sha256')
  try {
    const out = openSync(partial, 'w', 0o600)
    try {
      for (let now = first; ; now = await rpc.call('reports.file', { ...of, offset: now.next })) {
        const piece = Buffer.from(now.piece, 'base64')
        hash.update(piece)
        writeSync(out, piece)
        if (now.next === null) break
      }
    } finally {
      closeSync(out)
    }
    const sha256 = hash.digest('hex')
    if (sha256 !== first.sha256) throw new Problem('report.invalid', 'The file changed while it was read.', { hint: 'Open it again.' })
    renameSync(partial, path)
    return { file: path, bytes: first.bytes, sha256 }
  } catch (error) {
    rmSync(partial, { force: true })
    if (error instanceof Problem) throw error
    throw new Problem('input.invalid', `${path} cannot be written: ${messageOf(error)}`, { cause: error })
  }
}
