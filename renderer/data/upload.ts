import { Problem, problemFrom } from '../../shared/domain/problem.ts'
import type { Link } from '../transport/link.ts'
import { takeKey } from '../transport/key.ts'

interface UploadOptions {
  signal: AbortSignal
  onProgress(share: number): void
  onTicket?(ticket: string): void
  /** What the file is for; left out: a model. */
  method?: 'models.beginUpload' | 'reports.beginUpload'
}

/**
 * Sends a file to the core beside RPC and returns its ticket.
 * @param onProgress share from 0 to 1
 * @param onTicket told before the first byte, so that an upload which is broken off can be discarded
 * @param method opens the upload: who may send what for which purpose differs
 * @throws Problem
 */
export async function uploadFile(
  link: Link,
  file: File,
  { signal, onProgress, onTicket, method = 'models.beginUpload' }: UploadOptions,
): Promise<string> {
  const { ticket, path } = await link.call(method, { fileName: file.name, sizeBytes: file.size })
  onTicket?.(ticket)
  await put(path, file, { signal, onProgress })
  return ticket
}

/** `fetch` tells nothing of the bytes that left; XMLHttpRequest does. */
function put(path: string, file: File, { signal, onProgress }: { signal: AbortSignal; onProgress(share: number): void }): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', path)
    const key = takeKey()
    if (key !== null) request.setRequestHeader('authorization', `Bearer ${key}`)
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total))
    request.addEventListener('error', () =>
      reject(new Problem('console.unreachable', `${file.name} could not be sent: the console does not answer.`)),
    )
    request.addEventListener('abort', () => reject(new Problem('cancelled', `${file.name} was not sent.`)))
    request.addEventListener('load', () => (request.status < 300 ? resolve() : reject(refusalOf(request, file.name))))
    signal.addEventListener('abort', () => request.abort())
    if (signal.aborted) reject(new Problem('cancelled', `${file.name} was not sent.`))
    else request.send(file)
  })
}

function refusalOf(request: XMLHttpRequest, name: string): Problem {
  try {
    const { error } = JSON.parse(request.responseText) as { error: { code: string; message: string; hint?: string } }
    return problemFrom(error)
  } catch {
    return new Problem('internal', `${name} was refused with status ${request.status}.`)
  }
}
