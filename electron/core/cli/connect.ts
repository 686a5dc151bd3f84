import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { createRpcClient, type RpcClient, type Transport } from '../../../shared/rpc/client.ts'
import type { ConsoleAddress } from '../core.ts'

export interface ConnectOptions {
  data: string
  url?: string | undefined
  token?: string | undefined
  /** Name of the person, for the audit log and decisions. */
  person?: string | undefined
}

/** A console that has just started, or serves thousands of devices, may take a while. */
const CONNECT_TIMEOUT_MS = 15_000

/** Finds the running console: by address and token, else by the file it left in its data directory. @throws Problem `console.unreachable` */
export function findConsole(options: ConnectOptions): { url: string; token: string } {
  if (options.url !== undefined && options.token !== undefined) return { url: options.url, token: options.token }
  const file = join(options.data, 'console.json')
  try {
    const address = JSON.parse(readFileSync(file, 'utf8')) as ConsoleAddress
    return { url: options.url ?? address.url, token: options.token ?? address.token }
  } catch (error) {
    throw new Problem('console.unreachable', `No console runs with the data directory ${options.data}.`, { cause: error })
  }
}

/** Connects to a running console. @throws Problem `console.unreachable`, `access.denied` */
export async function connectConsole(options: ConnectOptions): Promise<RpcClient> {
  const { url, token } = findConsole(options)
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/rpc`, { origin: url, handshakeTimeout: CONNECT_TIMEOUT_MS })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) =>
      reject(new Problem('console.unreachable', `The console at ${url} does not answer: ${messageOf(error)}`, { cause: error })),
    )
    socket.once('close', (code, reason) =>
      reject(new Problem(code === 4401 ? 'access.denied' : 'console.unreachable', `The console at ${url} refused: ${reason.toString()}`)),
    )
    socket.once('open', () =>
      socket.send(JSON.stringify({ token, client: 'cli', ...(options.person === undefined ? {} : { person: options.person }) })),
    )
    socket.once('message', () => resolve())
  })
  socket.removeAllListeners('close')
  return createRpcClient(transportOver(socket), randomUUID)
}

function transportOver(socket: WebSocket): Transport {
  return {
    send: (frame) => socket.send(JSON.stringify(frame)),
    onFrame: (handler) => void socket.on('message', (data: Buffer) => handler(JSON.parse(data.toString()))),
    onClose: (handler) => void socket.on('close', (_, reason) => handler(reason.toString() || 'it went away')),
    close: () => socket.close(),
  }
}
