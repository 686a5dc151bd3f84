import { request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { messageOf, type ProblemReport } from '../../shared/domain/problem.ts'

/** An answer of the core to an upload, as it goes back to the page. */
export interface UploadAnswer {
  status: number
  body: string
}

/** More than any answer of the core has. */
const MAX_ANSWER_BYTES = 64 * 1024

/**
 * Sends bytes to the core's loopback server as they come, with its own key and its own origin: the page knows neither, so one relative
 * address works in Electron and in a browser.
 */
export async function forwardUpload(
  core: { url: string; uploadKey: string } | null,
  ticket: string,
  body: ReadableStream<Uint8Array> | Readable | null,
): Promise<UploadAnswer> {
  if (core === null) {
    if (body !== null && 'destroy' in body) body.destroy()
    return refusal(503, { code: 'console.unreachable', message: 'The core is not running, so the file was not sent.' })
  }
  const sent = request(`${core.url}/uploads/${ticket}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${core.uploadKey}`, origin: core.url, 'content-type': 'application/octet-stream' },
  })
  const answered = new Promise<UploadAnswer>((resolve, reject) => {
    let hasAnswer = false
    // The core may refuse before it has read everything: its answer counts more than the pipe that it closes.
    sent.on('error', (error) => {
      if (!hasAnswer) reject(error)
    })
    sent.on('response', (response) => {
      hasAnswer = true
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 502, body: Buffer.concat(chunks).toString('utf8') }))
    })
  })
  try {
    const source = body === null ? Readable.from([]) : body instanceof Readable ? body : Readable.fromWeb(body as never)
    const [answer] = await Promise.all([answered, pipeline(source, sent).catch(() => undefined)])
    return answer
  } catch (error) {
    return refusal(502, { code: 'console.unreachable', message: `The file was not sent: ${messageOf(error)}` })
  }
}

function refusal(status: number, error: ProblemReport): UploadAnswer {
  return { status, body: JSON.stringify({ error }) }
}
