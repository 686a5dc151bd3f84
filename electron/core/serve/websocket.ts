import type { RawData, WebSocket } from 'ws'
import { z } from 'zod'
import type { AnswerFrame } from '../../../shared/rpc/frames.ts'
import type { Caller } from '../../../shared/rpc/dispatch.ts'
import { isToken } from './loopback.ts'

/** The first frame of a connection: it never stands in a URL, which would be logged. */
const helloFrame = z.strictObject({ token: z.string().max(256), client: z.string().max(64).optional() })

const HELLO_TIMEOUT_MS = 5000
/** Calls of one connection that may run at a time; more wait in the socket. */
const MAX_IN_FLIGHT = 64

/** Speaks RPC on one connection: a hello with the token first, then calls. */
export function serveConnection(
  connection: WebSocket,
  options: { token: string; dispatch(frame: unknown, caller: Caller): Promise<AnswerFrame>; onTrusted(): void },
): void {
  let caller: Caller | null = null
  let inFlight = 0
  const timer = setTimeout(() => connection.close(4401, 'no token came'), HELLO_TIMEOUT_MS)
  connection.on('close', () => clearTimeout(timer))
  connection.on('error', () => connection.terminate())

  const greet = (frame: unknown): void => {
    const hello = helloFrame.safeParse(frame)
    if (!hello.success || !isToken(hello.data.token, options.token)) {
      connection.close(4401, 'the token is wrong')
      return
    }
    clearTimeout(timer)
    caller = { actor: hello.data.client ?? 'local', role: 'admin' }
    options.onTrusted()
    connection.send(JSON.stringify({ event: 'welcome' }))
  }
  const call = async (frame: unknown, by: Caller): Promise<void> => {
    inFlight += 1
    if (inFlight >= MAX_IN_FLIGHT) connection.pause()
    const answered = await options.dispatch(frame, by)
    inFlight -= 1
    if (inFlight < MAX_IN_FLIGHT && connection.isPaused) connection.resume()
    if (connection.readyState === connection.OPEN) connection.send(JSON.stringify(answered))
  }
  connection.on('message', (data, isBinary) => {
    const frame = isBinary ? undefined : parse(data)
    if (caller === null) greet(frame)
    else void call(frame, caller)
  })
}

function parse(data: RawData): unknown {
  try {
    return JSON.parse(Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Uint8Array).toString()) as unknown
  } catch {
    return undefined
  }
}
