import type { ForwardedMessage } from './messages.ts'

/** Messages of one batch over the IPC channel. */
const BATCH = 500

/**
 * Hands what devices say to the core, in batches.
 *
 * INVARIANTS
 * 1. Of one sender and one kind only the newest message waits: state is replaced, never queued, so what waits is bounded by the fleet.
 * 2. One batch is on its way at a time; while the core is slow, messages wait here and not in the channel.
 */
export interface Forward {
  /** @returns false if the message was dropped because too many senders wait; its sender says it again. */
  add(message: ForwardedMessage): boolean
  /** Sends what waits and resolves when the channel took it. */
  flush(): Promise<void>
}

export interface ForwardOptions {
  /** Resolves when the channel took the batch. */
  send(messages: ForwardedMessage[]): Promise<void>
  /** ms until the first message of a batch leaves. */
  delayMs?: number
  /** Most messages that wait. */
  capacity?: number
}

/** Starts to forward; nothing leaves before the first message. */
export function startForward(options: ForwardOptions): Forward {
  const { delayMs = 10, capacity = 50_000 } = options
  const waiting = new Map<string, ForwardedMessage>()
  let timer: NodeJS.Timeout | null = null
  let sending: Promise<void> | null = null

  const sendAll = async (): Promise<void> => {
    while (waiting.size > 0) {
      const batch: ForwardedMessage[] = []
      for (const [key, message] of waiting) {
        waiting.delete(key)
        if (batch.push(message) === BATCH) break
      }
      // A failed send means that the core is gone, and the hub with it in a moment.
      await options.send(batch).catch(() => undefined)
    }
  }
  const start = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    sending ??= sendAll().finally(() => {
      sending = null
    })
    return sending
  }
  return {
    add(message) {
      const key = `${message.name} ${message.sender}`
      // The newest goes to the end: messages of one sender leave in the order in which they came.
      if (!waiting.delete(key) && waiting.size >= capacity) return false
      waiting.set(key, message)
      if (timer === null && sending === null) timer = setTimeout(() => void start(), delayMs)
      return true
    },
    flush: start,
  }
}
