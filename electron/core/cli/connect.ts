import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { createRpcClient, type RpcClient, type Transport } from '../../../shared/rpc/client.ts'
import type { ConsoleAddress } from '../setup/console-address.ts'
import { prefixes } from '../people/secrets.ts'
import { REFUSED } from '../serve/hello.ts'

export interface ConnectOptions {
  data: string
  url?: string | undefined
  token?: string | undefined
  /** Name of the person, for the audit log and decisions. */
  person?: string | undefined
  /** To sign in: no token is shown. */
  isGuest?: boolean
  /** Told how the console knows the caller. */
  onKnown?(by: string): void
}

/** A console that has just started, or serves thousands of devices, may take a while. */
const CONNECT_TIMEOUT_MS = 15_000

/** Finds the running console: by address and token, else by the file it left in its data directory. @throws Problem `console.unreachable` */
export function findConsole(options: ConnectOptions): { url: string; token: string } {
  const token = options.isGuest === true ? '' : options.token
  if (options.url !== undefined && token !== undefined) return { url: options.url, token }
  const file = join(options.data, 'console.json')
  try {
    const address = JSON.parse(readFileSync(file, 'utf8')) as ConsoleAddress
    return { url: options.url ?? address.url, token: token ?? address.token }
  } catch (error) {
    throw new Problem('console.unreachable', `No console runs with the data directory ${options.data}.`, { cause: error })
  }
}

/** Connects to a running console. @throws Problem `console.unreachable`, `access.denied` */
export async function connectConsole(options: ConnectOptions): Promise<RpcClient> {
  const { url, token } = findConsole(options)
  const hello = {
    client: 'cli',
    ...(options.isGuest === true ? {} : { token }),
    ...(options.person === undefined ? {} : { person: options.person }),
  }
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/rpc`, { origin: url, handshakeTimeout: CONNECT_TIMEOUT_MS })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) =>
      reject(new Problem('console.unreachable', `The console at ${url} does not answer: ${messageOf(error)}`, { cause: error })),
    )
    socket.once('close', (code, reason) => reject(refusal(url, hello.token, { code, reason: reason.toString() })))
    socket.once('open', () => socket.send(JSON.stringify(hello)))
    socket.once('message', (data: Buffer) => {
      options.onKnown?.(byOf(data))
      resolve()
    })
  })
  socket.removeAllListeners('close')
  return createRpcClient(transportOver(socket), randomUUID)
}

function refusal(url: string, token: string | undefined, { code, reason }: { code: number; reason: string }): Problem {
  if (code !== REFUSED) return new Problem('console.unreachable', `The console at ${url} refused: ${reason}`)
  const isSession = token?.startsWith(prefixes.session) === true
  return new Problem(isSession ? 'access.session-ended' : 'access.denied', `The console at ${url} refused: ${reason}`)
}

/** What the welcome says; a console of before says nothing. */
function byOf(data: Buffer): string {
  const frame = JSON.parse(data.toString()) as { by?: unknown }
  return typeof frame.by === 'string' ? frame.by : ''
}

function transportOver(socket: WebSocket): Transport {
  return {
    send: (frame) => socket.send(JSON.stringify(frame)),
    onFrame: (handler) => void socket.on('message', (data: Buffer) => handler(JSON.parse(data.toString()))),
    onClose: (handler) => void socket.on('close', (_, reason) => handler(reason.toString() || 'it went away')),
    close: () => socket.close(),
  }
}
