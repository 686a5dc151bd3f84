import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { errorCodeOf, messageOf, Problem, reportOf } from '../../../shared/domain/problem.ts'
import { reaches } from '../../../shared/domain/people.ts'
import { problems } from '../../../shared/domain/problems.ts'
import { contract } from '../../../shared/rpc/contract.ts'
import type { AnswerFrame, ChangedFrame } from '../../../shared/rpc/frames.ts'
import type { Caller } from '../../../shared/rpc/dispatch.ts'
import type { Access } from '../people/access.ts'
import { bearerOf, checkHost, checkOrigin } from './loopback.ts'
import { answerPage, wantsHtml } from './page.ts'
import type { PageFiles } from './page-files.ts'
import type { Uploads } from './uploads.ts'
import { serveConnection, type Known } from './websocket.ts'

export interface ServeOptions {
  host: string
  port: number
  /** Who may come in. */
  access: Pick<Access, 'greet' | 'isCurrent'>
  dispatch(frame: unknown, caller: Caller): Promise<AnswerFrame>
  uploads: Uploads
  /** The built UI; without it only programs are served. */
  page?: PageFiles
  /** What a scraper is answered at `/metrics`; left out: nothing is scraped here. */
  scrape?(accept: string | undefined): { type: string; body: string | Uint8Array }
  log(level: 'warn', message: string, detail: Record<string, unknown>): void
}

export interface Served {
  url: string
  broadcast(frame: ChangedFrame): void
  /** Ends connections whose caller may no longer come in. */
  recheck(): void
  stop(): Promise<void>
}

/** A frame of RPC is small: files go through uploads. */
const MAX_FRAME_BYTES = 1024 * 1024
/** Far more than the windows and commands of one user; whoever opens more must not take the file handles that the stores need. */
const MAX_CONNECTIONS = 512

/** Serves RPC, uploads and the UI on loopback. @throws Problem `port.in-use` */
export async function serve(options: ServeOptions): Promise<Served> {
  const server = createServer({ requestTimeout: 30 * 60_000, headersTimeout: 10_000 })
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, clientTracking: true })
  // Connections whose caller is known; only they are told what changes, and of them only those who may see it.
  const known = new Set<Known>()
  server.maxConnections = MAX_CONNECTIONS
  server.on('request', (request, response) => {
    answer(options, request, response, portOf(server)).catch((error: unknown) => refuse(response, error))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    try {
      checkHost(request, portOf(server))
      checkOrigin(request, portOf(server))
      if (request.url !== '/rpc') throw new Problem('access.denied', 'RPC is served at /rpc.')
    } catch (error) {
      options.log('warn', 'a connection was refused', { reason: messageOf(error) })
      forbid(socket)
      return
    }
    sockets.handleUpgrade(request, socket, head, (connection) => {
      serveConnection(connection, {
        greet: (hello) => options.access.greet(hello),
        dispatch: options.dispatch,
        onKnown(one) {
          known.add(one)
          limitGuests(known)
          connection.on('close', () => known.delete(one))
        },
      })
    })
  })
  await listen(server, options)
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${portOf(server)}`,
    broadcast(frame) {
      for (const one of known) if (one.caller.by !== 'guest') one.tell(frame.topics)
    },
    recheck() {
      for (const one of [...known]) {
        if (options.access.isCurrent(one.caller)) continue
        known.delete(one)
        one.end('the session has ended')
      }
    },
    async stop() {
      for (const connection of sockets.clients) connection.terminate()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** People at their sign-in pages at once; a program that opens more loses its first ones. */
const MAX_GUESTS = 64

function limitGuests(known: Set<Known>): void {
  const guests = [...known].filter(({ caller }) => caller.by === 'guest')
  for (const one of guests.slice(0, Math.max(0, guests.length - MAX_GUESTS))) {
    known.delete(one)
    one.end('too many wait to sign in')
  }
}

/**
 * Answers an upgrade that is refused. Node has taken its own error listener off this socket: without one here, a peer that resets the
 * connection would end the console.
 */
function forbid(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy())
  socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function listen(server: Server, { host, port }: ServeOptions): Promise<void> {
  const listening = once(server, 'listening')
  server.listen(port, host)
  try {
    await listening
  } catch (error) {
    if (errorCodeOf(error) === 'EADDRINUSE')
      throw new Problem('port.in-use', `Port ${port} on ${host} is in use, so the console cannot serve its interface there.`, {
        cause: error,
      })
    throw error
  }
}

async function answer(options: ServeOptions, request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
  checkHost(request, port)
  const path = request.url ?? '/'
  const ticket = /^\/uploads\/([a-z0-9]{32})$/.exec(path)?.[1]
  if (ticket !== undefined && request.method === 'PUT') {
    checkOrigin(request, port)
    checkUploader(options, bearerOf(request), ticket)
    await options.uploads.receive(ticket, request)
    send(response, 201, { ok: true })
    return
  }
  if (path === '/metrics' && options.scrape !== undefined && (request.method === 'GET' || request.method === 'HEAD')) {
    checkScraper(options, bearerOf(request))
    sendMetrics(request, response, options.scrape(request.headers.accept))
    return
  }
  if (request.method === 'GET' && (path === '/about' || (path === '/' && !(options.page !== undefined && wantsHtml(request))))) {
    send(response, 200, { name: 'muster', rpc: '/rpc' })
    return
  }
  if (options.page !== undefined && (await answerPage(options.page, request, response))) return
  throw new Problem('method.unknown', `${request.method ?? ''} ${path} is nothing here.`)
}

/** Whoever may begin an upload may send its bytes. @throws Problem `access.*` */
function checkUploader({ access, uploads }: ServeOptions, token: string, ticket: string): void {
  const { role, methods } = access.greet({ token, client: 'upload' })
  const method = uploads.methodOf(ticket) ?? 'models.beginUpload'
  const needed = contract[method].role
  if (!reaches(role, needed)) throw new Problem('access.denied', `Files are sent by ${needed}s; you have ${role}.`)
  if (methods !== undefined && !methods.includes(method))
    throw new Problem('access.denied', 'Sending files is none of what this token is for.')
}

/** Whoever may see the metrics may scrape them. @throws Problem `access.*` */
function checkScraper({ access }: ServeOptions, token: string): void {
  const { role, methods } = access.greet({ token, client: 'scraper' })
  if (!reaches(role, contract['metrics.show'].role))
    throw new Problem('access.denied', `Metrics are for ${contract['metrics.show'].role}s; you have ${role}.`)
  if (methods !== undefined && !methods.includes('metrics.show'))
    throw new Problem('access.denied', 'Scraping is none of what this token is for: it needs the method metrics.show.')
}

function sendMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  { type, body }: { type: string; body: string | Uint8Array },
): void {
  response.writeHead(200, {
    ...{ 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store', vary: 'accept' },
    ...{ 'content-security-policy': "default-src 'none'", 'x-content-type-options': 'nosniff' },
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function refuse(response: ServerResponse, error: unknown): void {
  const report = reportOf(error)
  const status = error instanceof Problem ? problems[error.code].http : 500
  if (response.headersSent) response.destroy()
  else send(response, status, { error: report })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
    // A refused upload leaves unread bytes behind: the connection cannot be used again.
    ...(status >= 400 ? { connection: 'close' } : {}),
  })
  response.end(JSON.stringify(body))
}
