import type { Caller } from '../../../shared/rpc/dispatch.ts'
import type { AnswerFrame, ChangedFrame, ChangeTopic } from '../../../shared/rpc/frames.ts'

/** Calls of one connection that may run at a time; more wait. */
const MAX_IN_FLIGHT = 64
/** While so many bytes wait for a peer, it is asked nothing more and told nothing new: one that never reads costs no memory. */
const MAX_BACKLOG_BYTES = 1024 * 1024

/** Hears what changes. */
export interface Listener {
  tell(topics: readonly ChangeTopic[]): void
}

/** A connection that carries frames to one peer, whatever it is made of. */
export interface Carrier {
  isOpen(): boolean
  /** Hands a frame on; `onSent` is called when it has left, and may be called at once. */
  send(frame: unknown, onSent: () => void): void
  /** What waits for the peer; 0 where that cannot be known. */
  backlogBytes(): number
  /** Asks for no more frames until `resume`; a carrier that cannot wait does nothing. */
  pause(): void
  resume(): void
}

/** One caller's end of RPC. */
export interface Speaker extends Listener {
  /** Takes a frame that came. */
  take(frame: unknown): void
  /** Frames that wait for their turn. */
  readonly waiting: number
}

/**
 * Speaks RPC with one caller that is known already: a WebSocket after its hello, or a port of the desktop's own window.
 *
 * INVARIANT: what waits for the peer is at most `MAX_BACKLOG_BYTES`, the answers of the calls that run, and one note of what changed meanwhile.
 */
export function speak(
  carrier: Carrier,
  { caller, dispatch }: { caller: Caller; dispatch(frame: unknown, caller: Caller): Promise<AnswerFrame> },
): Speaker {
  let inFlight = 0
  /** Calls that came in one piece with others: a paused connection still hands on what it has read. */
  const waiting: unknown[] = []
  /** Topics that changed while the peer did not read. */
  const owed = new Set<ChangeTopic>()
  const isBehind = (): boolean => carrier.backlogBytes() > MAX_BACKLOG_BYTES
  const isBusy = (): boolean => inFlight >= MAX_IN_FLIGHT || isBehind()
  const send = (frame: unknown): void => {
    if (carrier.isOpen()) carrier.send(frame, settle)
  }
  const settle = (): void => {
    if (!carrier.isOpen()) return
    while (waiting.length > 0 && !isBusy()) void call(waiting.shift())
    if (isBusy()) carrier.pause()
    else carrier.resume()
    if (owed.size > 0 && !isBehind()) tellOwed()
  }
  const tellOwed = (): void => {
    const topics = [...owed]
    owed.clear()
    send({ event: 'changed', topics } satisfies ChangedFrame)
  }
  const call = async (frame: unknown): Promise<void> => {
    inFlight += 1
    const answered = await dispatch(frame, caller)
    inFlight -= 1
    send(answered)
    settle()
  }
  send({ event: 'welcome', by: caller.by ?? 'console' })
  return {
    get waiting() {
      return waiting.length
    },
    take(frame) {
      waiting.push(frame)
      settle()
    },
    tell(topics) {
      for (const topic of topics) owed.add(topic)
      if (!isBehind()) tellOwed()
    },
  }
}
