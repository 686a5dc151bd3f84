import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem, reportOf } from '../../../shared/domain/problem.ts'
import { problems } from '../../../shared/domain/problems.ts'

/** How long the rest of a refused body is read and thrown away, so that the client comes to read the answer, ms. */
const LINGER_MS = 2000

/** Answers with JSON. */
export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  end(response, status, { type: 'application/json', text: JSON.stringify(body) })
}

/** Answers with a text of some other type. */
export function answerText(response: ServerResponse, type: string, text: string): void {
  end(response, 200, { type, text })
}

function end(response: ServerResponse, status: number, { type, text }: { type: string; text: string }): void {
  response.statusCode = status
  response.setHeader('Content-Type', type)
  response.setHeader('Content-Length', Buffer.byteLength(text))
  const { req: request } = response
  if (request.complete || !hasBody(request)) {
    response.end(text)
    return
  }
  // The body is not read to its end. Closing now would reset the connection under the client, before it reads the answer.
  if (!response.headersSent) response.setHeader('Connection', 'close')
  response.write(text)
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
