import type { AnswerFrame, ChangedFrame } from '../../../shared/rpc/frames.ts'
import type { Caller } from '../../../shared/rpc/dispatch.ts'
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

/** Connections that need no token, because whoever handed them in vouches for the caller. */
export interface FrameLinks {
  /** Serves RPC on a link until it closes. */
  connect(link: FrameLink, caller: Caller): void
  broadcast(frame: ChangedFrame): void
  stop(): void
}

/** Serves RPC on links that are handed in, beside the WebSocket. */
export function openFrameLinks(options: {
  dispatch(frame: unknown, caller: Caller): Promise<AnswerFrame>
  log(level: 'warn', message: string, detail: Record<string, unknown>): void
}): FrameLinks {
  const open = new Map<FrameLink, Listener>()
  return {
    connect(link, caller) {
      const end = (): void => {
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
      const speaker = speak(carrier, { caller, dispatch: options.dispatch })
      open.set(link, speaker)
      link.onClose(end)
      link.onFrame((frame) => {
        if (!open.has(link)) return
        speaker.take(frame)
        if (speaker.waiting <= MAX_WAITING) return
        options.log('warn', 'a window made too many calls at once and was cut off', { waiting: speaker.waiting })
        end()
      })
    },
    broadcast(frame) {
      for (const listener of open.values()) listener.tell(frame.topics)
    },
    stop() {
      for (const link of [...open.keys()]) {
        open.delete(link)
        link.close()
      }
    },
  }
}
