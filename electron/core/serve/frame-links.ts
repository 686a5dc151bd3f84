import { messageOf } from '../../../shared/domain/problem.ts'
import type { AnswerFrame, ChangedFrame } from '../../../shared/rpc/frames.ts'
import type { Caller } from '../../../shared/rpc/dispatch.ts'
import { helloFrame, type Hello } from './hello.ts'
import { speak, type Listener } from './speak.ts'

/** The core's end of a connection that carries frames as objects, such as a MessagePort of the desktop. */
export interface FrameLink {
  send(frame: unknown): void
  onFrame(handler: (frame: unknown) => void): void
  /** Told once, when the other end is gone. */
  onClose(handler: () => void): void
  close(): void
}

/** A port has no backpressure: a caller that puts more calls than this into it at once is cut off instead of filling the memory. */
const MAX_WAITING = 1024

/** Connections that need no token, because whoever handed them in vouches for the caller; who signed in shows the session. */
export interface FrameLinks {
  /** Serves RPC on a link until it closes. */
  connect(link: FrameLink, caller: Caller): void
  broadcast(frame: ChangedFrame): void
  /** Ends links whose caller may no longer come in. */
  recheck(): void
  stop(): void
}

/** Serves RPC on links that are handed in, beside the WebSocket. */
export function openFrameLinks(options: {
  dispatch(frame: unknown, caller: Caller): Promise<AnswerFrame>
  /** Who may come in; absent: only callers who are vouched for. */
  access?: { greet(hello: Hello): Caller; isCurrent(caller: Caller): boolean }
  log(level: 'warn', message: string, detail: Record<string, unknown>): void
}): FrameLinks {
  const open = new Map<FrameLink, Listener>()
  const callers = new Map<FrameLink, Caller>()
  return {
    connect(link, vouchedFor) {
      callers.set(link, vouchedFor)
      // Who signed in says so before the first call; a session that ended leaves the caller who it was, to sign in anew.
      const greet = (hello: Hello): void => {
        try {
          if (options.access !== undefined) callers.set(link, options.access.greet({ ...hello, client: 'desktop' }))
        } catch (error) {
          options.log('warn', 'a window came with a session that has ended', { reason: messageOf(error) })
        }
      }
      const end = (): void => {
        callers.delete(link)
        if (open.delete(link)) link.close()
      }
      const carrier = {
        isOpen: () => open.has(link),
        // `onSent` would ask again what the caller of `send` does next anyway.
        send: (frame: unknown) => link.send(frame),
        backlogBytes: () => 0,
        pause: () => undefined,
        resume: () => undefined,
      }
      open.set(link, { tell: () => undefined })
      const dispatch = (frame: unknown): Promise<AnswerFrame> => options.dispatch(frame, callers.get(link) ?? vouchedFor)
      const speaker = speak(carrier, { caller: vouchedFor, dispatch })
      open.set(link, speaker)
      link.onClose(end)
      link.onFrame((frame) => {
        if (!open.has(link)) return
        const hello = helloFrame.safeParse(frame)
        if (hello.success) {
          greet(hello.data)
          return
        }
        speaker.take(frame)
        if (speaker.waiting <= MAX_WAITING) return
        options.log('warn', 'a window made too many calls at once and was cut off', { waiting: speaker.waiting })
        end()
      })
    },
    broadcast(frame) {
      for (const [link, listener] of open) if (callers.get(link)?.by !== 'guest') listener.tell(frame.topics)
    },
    recheck() {
      for (const [link, caller] of [...callers]) {
        if (options.access === undefined || options.access.isCurrent(caller)) continue
        callers.delete(link)
        if (open.delete(link)) link.close()
      }
    },
    stop() {
      callers.clear()
      for (const link of [...open.keys()]) {
        open.delete(link)
        link.close()
      }
    },
  }
}
