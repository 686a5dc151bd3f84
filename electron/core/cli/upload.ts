import { openAsBlob, statSync } from 'node:fs'
import { basename } from 'node:path'
import { messageOf, Problem, problemFrom, type ProblemReport } from '../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'

/** Sends a file to the console and returns its ticket. @throws Problem `usage` if the file cannot be read */
export async function uploadFile(
  rpc: RpcClient,
  address: { url: string; token: string },
  path: string,
  method: 'models.beginUpload' | 'reports.beginUpload' = 'models.beginUpload',
): Promise<string> {
  let sizeBytes: number
  try {
    const stat = statSync(path)
    if (!stat.isFile()) throw new Problem('usage', `${path} is no file.`)
    sizeBytes = stat.size
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem('usage', `${path} cannot be read: ${messageOf(error)}`, { hint: 'Check the path.', cause: error })
  }
  if (sizeBytes === 0) throw new Problem(method === 'reports.beginUpload' ? 'report.invalid' : 'model.invalid', `${path} is empty.`)
  const begun = await rpc.call(method, { fileName: basename(path), sizeBytes })
  const response = await fetch(`${address.url}${begun.path}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${address.token}`, origin: address.url },
    body: await openAsBlob(path),
  })
  if (!response.ok) {
    const body = (await response.json()) as { error: ProblemReport }
    throw problemFrom(body.error)
  }
  return begun.ticket
}
