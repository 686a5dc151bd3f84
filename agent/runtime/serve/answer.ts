import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem, reportOf } from '../../../shared/domain/problem.ts'
import { problems } from '../../../shared/domain/problems.ts'

/** How long the rest of a refused body is read and thrown away, so that the client comes to read the answer, ms. */
const LINGER_MS = 2000

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  end(response, status, { type: 'application/json', body: JSON.stringify(body) })
}

/** Answers with text or bytes of some other type. */
export function answerBody(response: ServerResponse, content: { type: string; body: string | Uint8Array }): void {
  end(response, 200, content)
}

function end(response: ServerResponse, status: number, { type, body }: { type: string; body: string | Uint8Array }): void {
  response.statusCode = status
  response.setHeader('Content-Type', type)
  response.setHeader('Content-Length', Buffer.byteLength(body))
  const { req: request } = response
  if (request.complete || !hasBody(request)) {
    response.end(body)
    return
  }
  // The body is not read to its end. Closing now would reset the connection under the client, before it reads the answer.
  if (!response.headersSent) response.setHeader('Connection', 'close')
  response.write(body)
  const finish = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(finish, LINGER_MS)
  request.once('end', finish).once('close', finish).resume()
}

/** Answers with a problem: `{error, code}` and the status of its code. */
export function answerProblem(response: ServerResponse, thrown: unknown): void {
  const { code, message } = reportOf(thrown)
  const status = thrown instanceof Problem ? problems[thrown.code].http : problems.internal.http
  if (status === 503) response.setHeader('Retry-After', '1')
  answerJson(response, status, { error: message, code })
}

function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
}
