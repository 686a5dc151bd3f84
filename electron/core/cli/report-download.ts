import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { ReportFormat } from '../../../shared/domain/report/kinds.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { awaitJob } from './jobs.ts'

/** A file of a report that was brought here. */
export interface Downloaded {
  file: string
  bytes: number
  sha256: string
}

interface Wanted {
  report: number
  format: ReportFormat
}

type Piece = OutputOf<'reports.file'>

/**
 * Brings a report to a file, piece by piece; a format that is not there yet, or not as it was written, is written first. A file that is cut off is none.
 * @param file null: the name that the report gives itself, in the working directory, where nothing is written over
 * @throws Problem `input.invalid` if it cannot be written, `report.*`
 */
export async function downloadReport(rpc: RpcClient, of: Wanted, file: string | null): Promise<Downloaded> {
  const first = await firstPiece(rpc, of)
  const path = file ?? ownName(first.name)
  const partial = `${path}.part`
  try {
    const sha256 = await takeDown(rpc, { of, first, partial })
    if (sha256 !== first.sha256) throw new Problem('report.invalid', 'The file changed while it was read.', { hint: 'Open it again.' })
    renameSync(partial, path)
    return { file: path, bytes: first.bytes, sha256 }
  } catch (error) {
    rmSync(partial, { force: true })
    if (error instanceof Problem) throw error
    throw new Problem('input.invalid', `${path} cannot be written: ${messageOf(error)}`, { cause: error })
  }
}

async function firstPiece(rpc: RpcClient, of: Wanted): Promise<Piece> {
  const { files } = await rpc.call('reports.show', { report: of.report })
  if (files.some(({ format }) => format === of.format)) {
    try {
      return await rpc.call('reports.file', of)
    } catch (error) {
      // The last writing was cut off, or the file is gone: the report itself is still there.
      if (!(error instanceof Problem) || !['report.invalid', 'report.not-found'].includes(error.code)) throw error
    }
  }
  const { job } = await rpc.call('reports.write', of)
  await awaitJob(rpc, job, `write ${of.format}`)
  return rpc.call('reports.file', of)
}

/** The name is a text of the console: it may say what the file is called, and not where it lies. */
function ownName(name: string): string {
  const own = basename(name.replaceAll('\\', '/'))
  if (own === '' || own.startsWith('.'))
    throw new Problem('input.invalid', 'The console names no file.', { hint: 'Say where: --output FILE' })
  if (existsSync(own)) throw new Problem('input.invalid', `${own} is there already.`, { hint: `To write over it: --output ${own}` })
  return own
}

async function takeDown(rpc: RpcClient, { of, first, partial }: { of: Wanted; first: Piece; partial: string }): Promise<string> {
  const hash = createHash('sha256')
  const out = openSync(partial, 'w', 0o600)
  try {
    for (let now = first; ; now = await rpc.call('reports.file', { ...of, offset: now.next })) {
      const piece = Buffer.from(now.piece, 'base64')
      hash.update(piece)
      writeSync(out, piece)
      if (now.next === null) return hash.digest('hex')
    }
  } finally {
    closeSync(out)
  }
}
