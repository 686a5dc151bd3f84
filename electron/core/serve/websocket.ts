import type { RawData, WebSocket } from 'ws'
import { z } from 'zod'
import type { AnswerFrame, ChangedFrame, ChangeTopic } from '../../../shared/rpc/frames.ts'
import type { Caller } from '../../../shared/rpc/dispatch.ts'
import { isToken } from './loopback.ts'

/** The first frame of a connection: it never stands in a URL, which would be logged. */
const helloFrame = z.strictObject({ token: z.string().max(256), client: z.string().max(64).optional() })

const HELLO_TIMEOUT_MS = 5000
/** Calls of one connection that may run at a time; more wait in the socket. */
const MAX_IN_FLIGHT = 64
/** While so many bytes wait for a peer, it is asked nothing more and told nothing new: one that never reads costs no memory. */
const MAX_BACKLOG_BYTES = 1024 * 1024

/** Hears what changes. */
export interface Listener {
  tell(topics: readonly ChangeTopic[]): void
}

/**
 * Speaks RPC on one connection: a hello with the token first, then calls.
 *
 * INVARIANTS
 * 1. Nothing is done for a connection before the right token, and nothing after a wrong one.
 * 2. What waits for the peer is at most `MAX_BACKLOG_BYTES`, the answers of the calls that run, and one note of what changed meanwhile.
 */
export function serveConnection(
  connection: WebSocket,
  options: { token: string; dispatch(frame: unknown, caller: Caller): Promise<AnswerFrame>; onTrusted(listener: Listener): void },
): void {
  let caller: Caller | null = null
  let isRefused = false
  let inFlight = 0
  /** Calls that came in one piece with others: a paused connection still hands on what it has read. */
  const waiting: unknown[] = []
  /** Topics that changed while the peer did not read. */
  const owed = new Set<ChangeTopic>()
  const refuse = (reason: string): void => {
    isRefused = true
    connection.close(4401, reason)
  }
  const timer = setTimeout(() => refuse('no token came'), HELLO_TIMEOUT_MS)
  connection.on('close', () => clearTimeout(timer))
  connection.on('error', () => connection.terminate())

  const send = (frame: unknown): void => {
    if (connection.readyState === connection.OPEN) connection.send(JSON.stringify(frame), settle)
  }
  const isBehind = (): boolean => connection.bufferedAmount > MAX_BACKLOG_BYTES
  const isBusy = (): boolean => inFlight >= MAX_IN_FLIGHT || isBehind()
  const settle = (): void => {
    if (connection.readyState !== connection.OPEN) return
    while (waiting.length > 0 && !isBusy()) void call(waiting.shift())
    if (isBusy()) connection.pause()
    else if (connection.isPaused) connection.resume()
    if (owed.size > 0 && !isBehind()) tellOwed()
  }
  const tellOwed = (): void => {
    const topics = [...owed]
    owed.clear()
    send({ event: 'changed', topics } satisfies ChangedFrame)
  }
  const greet = (frame: unknown): void => {
    const hello = helloFrame.safeParse(frame)
    if (!hello.success || !isToken(hello.data.token, options.token)) {
      refuse('the token is wrong')
      return
    }
    clearTimeout(timer)
    caller = { actor: hello.data.client ?? 'local', role: 'admin' }
    options.onTrusted({
      tell(topics) {
        for (const topic of topics) owed.add(topic)
        if (!isBehind()) tellOwed()
      },
    })
    send({ event: 'welcome' })
  }
  const call = async (frame: unknown): Promise<void> => {
    if (caller === null) return
    inFlight += 1
    const answered = await options.dispatch(frame, caller)
    inFlight -= 1
    send(answered)
    settle()
  }
  connection.on('message', (data, isBinary) => {
    if (isRefused) return
    const frame = isBinary ? undefined : parse(data)
    if (caller === null) greet(frame)
    else {
      waiting.push(frame)
      settle()
    }
  })
}

function parse(data: RawData): unknown {
  try {
    return JSON.parse(Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Uint8Array).toString()) as unknown
  } catch {
    return undefined
  }
}
