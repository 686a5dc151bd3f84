import type { RawData, WebSocket } from 'ws'
import { messageOf } from '../../../shared/domain/problem.ts'
import type { AnswerFrame } from '../../../shared/rpc/frames.ts'
import type { Caller } from '../../../shared/rpc/dispatch.ts'
import { helloFrame, REFUSED, type Hello } from './hello.ts'
import { speak, type Carrier, type Listener, type Speaker } from './speak.ts'

const HELLO_TIMEOUT_MS = 5000

/** A connection whose caller is known. */
export interface Known extends Listener {
  caller: Caller
  /** Ends the connection: its caller may no longer come in. */
  end(reason: string): void
}

/**
 * Speaks RPC on one WebSocket: a hello that says who comes, then calls.
 *
 * INVARIANT: nothing is done for a connection before a right hello, and nothing after a wrong one.
 */
export function serveConnection(
  connection: WebSocket,
  options: {
    greet(hello: Hello): Caller
    dispatch(frame: unknown, caller: Caller): Promise<AnswerFrame>
    onKnown(known: Known): void
  },
): void {
  let speaker: Speaker | null = null
  let isRefused = false
  const refuse = (reason: string): void => {
    isRefused = true
    connection.close(REFUSED, closeReason(reason))
  }
  const timer = setTimeout(() => refuse('no token came'), HELLO_TIMEOUT_MS)
  connection.on('close', () => clearTimeout(timer))
  connection.on('error', () => connection.terminate())
  const greet = (frame: unknown): void => {
    const hello = helloFrame.safeParse(frame)
    if (!hello.success) {
      refuse('the token is wrong')
      return
    }
    try {
      const caller = options.greet(hello.data)
      clearTimeout(timer)
      speaker = speak(carrierOver(connection), { caller, dispatch: options.dispatch })
      options.onKnown({ ...speaker, caller, end: (reason) => end(reason) })
    } catch (error) {
      refuse(messageOf(error))
    }
  }
  const end = (reason: string): void => {
    refuse(reason)
    // A peer that does not answer the close is cut off: who was shown out hears nothing more.
    setTimeout(() => connection.terminate(), 500).unref()
  }
  connection.on('message', (data, isBinary) => {
    if (isRefused) return
    const frame = isBinary ? undefined : parse(data)
    if (speaker === null) greet(frame)
    else speaker.take(frame)
  })
}

/** A reason has at most 123 bytes. */
function closeReason(text: string): string {
  let reason = text.slice(0, 120)
  while (Buffer.byteLength(reason) > 120) reason = reason.slice(0, -1)
  return reason
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
