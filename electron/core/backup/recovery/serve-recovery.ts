import { randomBytes } from 'node:crypto'
import Database from 'better-sqlite3'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { errorCodeOf, Problem, reportOf } from '../../../../shared/domain/problem.ts'
import { problems } from '../../../../shared/domain/problems.ts'
import { lockDirectory } from '../../../../shared/store/directory-lock.ts'
import { replaceFile } from '../../../../shared/store/durable-file.ts'
import { bearerOf, checkHost, checkOrigin, isToken } from '../../serve/loopback.ts'
import { restoreBackup } from '../restore/restore.ts'
import { restoreWords } from '../restore/words.ts'
import { adviceFor } from './advice.ts'
import { beginTelemetry } from './begin-telemetry.ts'
import { recoveryPage, recoveryScript, recoveryStyle } from './page.ts'

export interface RecoveryOptions {
  dataDirectory: string
  problem: Problem
  http: { host: string; port: number }
  actor: string
  now(): number
}

/** The page of recovery while it is served. */
export interface Recovery {
  url: string
  token: string
  /** Resolves when the console shall try to start again. */
  retry: Promise<void>
  stop(): Promise<void>
}

const MAX_BODY_BYTES = 4096
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
const files: Record<string, { type: string; body: string }> = {
  '/': { type: 'text/html; charset=utf-8', body: recoveryPage },
  '/recovery.js': { type: 'text/javascript; charset=utf-8', body: recoveryScript },
  '/recovery.css': { type: 'text/css; charset=utf-8', body: recoveryStyle },
}

/**
 * Serves the page of recovery on loopback, with a key of its own: the usual one lies in the store that cannot be opened. The data directory is
 * held only while something is done in it, so that the command line can do the same.
 * @throws Problem `port.in-use`
 */
export async function serveRecovery(options: RecoveryOptions): Promise<Recovery> {
  const token = randomBytes(32).toString('base64url')
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 })
  let goOn: () => void = () => undefined
  const retry = new Promise<void>((resolve) => {
    goOn = resolve
  })
  server.on('request', (request, response) => {
    answer(options, { request, response, token, port: portOf(server), goOn }).catch((error: unknown) => {
      const problem = error instanceof Problem ? error : null
      send(response, problem === null ? 500 : problems[problem.code].http, { error: reportOf(error) })
    })
  })
  await listen(server, options.http)
  const url = `http://${options.http.host.includes(':') ? `[${options.http.host}]` : options.http.host}:${portOf(server)}`
  const address = { url, token, pid: process.pid, isRecovery: true }
  replaceFile(fs, { directory: options.dataDirectory, name: 'console.json' }, Buffer.from(`${JSON.stringify(address)}\n`))
  return {
    ...{ url, token, retry },
    async stop() {
      fs.rmSync(join(options.dataDirectory, 'console.json'), { force: true })
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Asked {
  request: IncomingMessage
  response: ServerResponse
  token: string
  port: number
  goOn(): void
}

async function answer(options: RecoveryOptions, { request, response, token, port, goOn }: Asked): Promise<void> {
  checkHost(request, port)
  const path = request.url ?? '/'
  const file = files[path]
  if (request.method === 'GET' && file !== undefined) {
    response.writeHead(200, {
      'content-type': file.type,
      'content-security-policy': policy,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    response.end(file.body)
    return
  }
  if (request.method === 'GET' && path === '/about') return send(response, 200, { name: 'muster', recovery: true })
  if (request.method !== 'POST') throw new Problem('method.unknown', `${request.method ?? ''} ${path} is nothing here.`)
  checkOrigin(request, port)
  if (!isToken(bearerOf(request), token))
    throw new Problem('access.denied', 'The key is wrong.', { hint: 'Use the address that the console printed.' })
  const body = await bodyOf(request)
  if (path === '/recovery/state') return send(response, 200, stateOf(options))
  const lines = act(options, path, body)
  send(response, 200, { lines })
  // The answer goes out before this server ends.
  response.once('close', () => goOn())
}

function stateOf({ dataDirectory, problem }: RecoveryOptions): unknown {
  const { damaged, folder, backups, mayBeginTelemetry } = adviceFor(dataDirectory)
  return {
    ...{ problem: problem.toReport(), damaged, folder, mayBeginTelemetry },
    backups: backups.slice(0, 10).map(({ name, manifest }) => ({ name, madeAt: manifest.madeAt })),
  }
}

function act({ dataDirectory, actor, now }: RecoveryOptions, path: string, body: unknown): string[] {
  if (path === '/recovery/retry') return ['Starting again.']
  if (path !== '/recovery/restore' && path !== '/recovery/begin-telemetry')
    throw new Problem('method.unknown', `POST ${path} is nothing here.`)
  const release = lockDirectory((file) => new Database(file), join(dataDirectory, 'console.lock'), dataDirectory)
  try {
    if (path === '/recovery/begin-telemetry') {
      const aside = beginTelemetry(dataDirectory, { actor, now: now() })
      return [aside === null ? 'Telemetry begins anew.' : `Telemetry begins anew. The damaged file is kept in ${aside}.`]
    }
    const { name } = z.strictObject({ name: z.string().max(64) }).parse(body)
    // Only what is listed may be named: a page gives no paths.
    const backup = adviceFor(dataDirectory).backups.find((one) => one.name === name)
    if (backup === undefined) throw new Problem('backup.not-found', `There is no good backup '${name}'.`)
    const report = restoreBackup({ backup, dataDirectory, scope: 'damaged', passphrase: null, acceptedKey: null, actor, now: now() })
    return [`${report.stores.join(' and ')} restored from ${name}.`, ...restoreWords(report)]
  } finally {
    release()
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > MAX_BODY_BYTES) throw new Problem('input.too-large', 'The request is too large.')
    parts.push(part)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown
  } catch (error) {
    throw new Problem('input.invalid', 'The request is no JSON.', { cause: error })
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'",
    'x-content-type-options': 'nosniff',
    connection: 'close',
  })
  response.end(JSON.stringify(body))
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  const listening = once(server, 'listening')
  server.listen(port, host)
  try {
    await listening
  } catch (error) {
    if (errorCodeOf(error) === 'EADDRINUSE') throw new Problem('port.in-use', `Port ${port} on ${host} is in use.`, { cause: error })
    throw error
  }
}
