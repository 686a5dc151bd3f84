import type { RawData, WebSocket } from 'ws'
import { z } from 'zod'
import type { AnswerFrame } from '../../../shared/rpc/frames.ts'
import { actorOf, personName } from '../../../shared/domain/actor.ts'
import type { Caller } from '../../../shared/rpc/dispatch.ts'
import { isToken } from './loopback.ts'
import { speak, type Carrier, type Listener, type Speaker } from './speak.ts'

/** The first frame of a connection: it never stands in a URL, which would be logged. */
const helloFrame = z.strictObject({
  token: z.string().max(256),
  client: z.string().max(64).optional(),
  person: z.string().max(256).optional(),
})

const HELLO_TIMEOUT_MS = 5000

/**
 * Speaks RPC on one WebSocket: a hello with the token first, then calls.
 *
 * INVARIANT: nothing is done for a connection before the right token, and nothing after a wrong one.
 */
export function serveConnection(
  connection: WebSocket,
  options: { token: string; dispatch(frame: unknown, caller: Caller): Promise<AnswerFrame>; onTrusted(listener: Listener): void },
): void {
  let speaker: Speaker | null = null
  let isRefused = false
  const refuse = (reason: string): void => {
    isRefused = true
    connection.close(4401, reason)
  }
  const timer = setTimeout(() => refuse('no token came'), HELLO_TIMEOUT_MS)
  connection.on('close', () => clearTimeout(timer))
  connection.on('error', () => connection.terminate())
  const greet = (frame: unknown): void => {
    const hello = helloFrame.safeParse(frame)
    if (!hello.success || !isToken(hello.data.token, options.token)) {
      refuse('the token is wrong')
      return
    }
    clearTimeout(timer)
    // Whoever has the token may give any name: it says who acts, and proves nothing.
    const actor = actorOf(personName(hello.data.client) ?? 'local', personName(hello.data.person))
    const caller: Caller = { actor, role: 'admin' }
    speaker = speak(carrierOver(connection), { caller, dispatch: options.dispatch })
    options.onTrusted(speaker)
  }
  connection.on('message', (data, isBinary) => {
    if (isRefused) return
    const frame = isBinary ? undefined : parse(data)
    if (speaker === null) greet(frame)
    else speaker.take(frame)
  })
}

function carrierOver(connection: WebSocket): Carrier {
  return {
    isOpen: () => connection.readyState === connection.OPEN,
    send: (frame, onSent) => connection.send(JSON.stringify(frame), onSent),
    backlogBytes: () => connection.bufferedAmount,
    pause: () => connection.pause(),
    resume: () => {
      if (connection.isPaused) connection.resume()
    },
  }
}

function parse(data: RawData): unknown {
  try {
    return JSON.parse(Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Uint8Array).toString()) as unknown
  } catch {
    return undefined
  }
}
