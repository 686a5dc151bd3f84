import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { errorCodeOf } from '../../../shared/domain/problem.ts'
import type { ServeLimits } from '../messages.ts'
import { freeTurn, type DeadlineBoard, type Turn } from '../deadline/board.ts'
import { answerProblem } from './answer.ts'

/** An HTTP server that never listens: its connections are handed to it. */
export interface HttpServer {
  accept(socket: Socket): void
  openConnections(): number
  /**
   * Answers every further request with `Connection: close`. Idle connections get `graceMs` to make a last request, then they are
   * closed; a request that is being answered is never cut. Resolves when no connection is left. May be called again to shorten the grace.
   */
  drain(graceMs: number): Promise<void>
  /** Ends connections like `drain`, until `resume`. */
  park(graceMs: number): void
  /** Connections stay open again. */
  resume(): void
}

/** Idle connections of clients stay open so long, ms: longer than the minute in which pollers and proxies come back. */
const KEEP_ALIVE_MS = 75_000
const HEADERS_TIMEOUT_MS = 10_000

/**
 * Starts the server.
 *
 * INVARIANTS
 * 1. Every accepted socket is in `sockets` until it is closed; `busy` holds the answers that are not finished.
 * 2. After `drain` or `park` began, no answer leaves without `Connection: close`; `resume` ends that.
 *
 * @param answer answers one request and never throws
 * @param board is told of connections and requests, so that they are answered even if this thread is not able to
 */
export function createHttpServer(
  answer: (request: IncomingMessage, response: ServerResponse, turn: Turn) => Promise<void>,
  limits: Pick<ServeLimits, 'maxBodyBytes' | 'maxConnections' | 'requestTimeoutMs'>,
  board: Pick<DeadlineBoard, 'open' | 'close' | 'entered' | 'left' | 'turnOf'> | null = null,
): HttpServer {
  const sockets = new Set<Socket>()
  const busy = new Set<ServerResponse>()
  let isDraining = false
  let onEmpty = (): void => undefined
  let idleTimer: NodeJS.Timeout | undefined

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request
    busy.add(response)
    board?.entered(socket)
    if (isDraining) response.setHeader('Connection', 'close')
    response.once('close', () => {
      busy.delete(response)
      board?.left(socket)
    })
    response.on('error', () => undefined)
    answer(request, response, board?.turnOf(socket) ?? freeTurn).catch((error: unknown) =>
      response.headersSent ? response.destroy() : answerProblem(response, error),
    )
  }
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: Math.min(HEADERS_TIMEOUT_MS, limits.requestTimeoutMs),
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: 1000,
      // The router says so itself, in the form of every other refusal.
      requireHostHeader: false,
    },
    handle,
  )
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // A body that would be refused is not asked for.
    if (Number(request.headers['content-length'] ?? 0) <= limits.maxBodyBytes) response.writeContinue()
    handle(request, response)
  })
  // Only 100-continue is defined; node:http would refuse any other with an empty body.
  server.on('checkExpectation', handle)
  server.on('clientError', (error, socket) => {
    if (socket.writable && errorCodeOf(error) !== 'ECONNRESET') socket.end(malformed(error))
    else socket.destroy()
  })
  // node:http starts its request timeouts on 'listening', which a server that is handed its connections never reaches.
  server.emit('listening')

  const isBusy = (socket: Socket): boolean => [...busy].some((response) => response.req.socket === socket)
  const closeAfter = (graceMs: number): NodeJS.Timeout => {
    isDraining = true
    for (const response of busy) if (!response.headersSent) response.setHeader('Connection', 'close')
    return setTimeout(() => {
      for (const socket of sockets) if (!isBusy(socket)) socket.destroy()
    }, graceMs)
  }
  return {
    accept(socket) {
      if (sockets.size >= limits.maxConnections) {
        socket.on('error', () => undefined)
        socket.end(refusal)
        return
      }
      sockets.add(socket)
      board?.open(socket)
      socket.once('close', () => {
        sockets.delete(socket)
        board?.close(socket)
        if (sockets.size === 0) onEmpty()
      })
      socket.setNoDelay(true)
      // As for sockets that node:http accepts itself.
      socket.allowHalfOpen = true
      server.emit('connection', socket)
      socket.resume()
    },
    openConnections: () => sockets.size,
    drain: (graceMs) =>
      new Promise((resolve) => {
        clearTimeout(idleTimer)
        const timer = closeAfter(graceMs)
        const before = onEmpty
        onEmpty = () => {
          clearTimeout(timer)
          before()
          resolve()
        }
        if (sockets.size === 0) onEmpty()
      }),
    park(graceMs) {
      clearTimeout(idleTimer)
      idleTimer = closeAfter(graceMs)
    },
    resume() {
      clearTimeout(idleTimer)
      isDraining = false
    },
  }
}

const refusal = rawAnswer('503 Service Unavailable', { error: 'Too many open connections.', code: 'inference.overloaded' })

function malformed(error: Error): string {
  const code = errorCodeOf(error)
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return rawAnswer('408 Request Timeout', { error: 'The request took too long to arrive.', code: 'inference.bad-input' })
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return rawAnswer('431 Request Header Fields Too Large', { error: 'The headers are too large.', code: 'inference.bad-input' })
  }
  return rawAnswer('400 Bad Request', { error: 'This is no valid HTTP request.', code: 'inference.bad-input' })
}

/** An answer for a connection on which no request could be read. */
function rawAnswer(status: string, body: object): string {
  const text = JSON.stringify(body)
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n`
  return head + text
}
