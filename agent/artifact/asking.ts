import { randomBytes } from 'node:crypto'
import type { BlockSet } from '../../shared/protocol/bitmap.ts'
import type { BlockWantMessage } from '../../shared/protocol/block.ts'
import type { BlockWire } from './block-wire.ts'

/** Blocks that may be in flight to this device. */
export const WINDOW = 32
/** A request goes out when so long nothing has arrived, and again after twice the time each, up to the longest. */
const STALL_MS = { first: 2_000, longest: 30_000 } as const

interface AskingOptions {
  wire: BlockWire
  artifact: string
  /** Blocks to ask for now. */
  missing(): BlockSet
  message(missing: BlockSet, round: string): BlockWantMessage
}

/** Tells the console what is missing, when it needs to know. */
export interface Asking {
  /** A block has arrived and is on disk. */
  received(): void
  /** Ends the asking; if nothing is missing the console is told so. Then the subscription ends. */
  stop(): void
}

/**
 * Starts to ask: at once if there is a connection, and with a new round at each later one.
 *
 * INVARIANTS
 * 1. The subscription to the shared blocks stands before the first request of a round is sent.
 * 2. A round belongs to one connection: what was in flight in an older one is lost, and the console may send it again at once.
 * 3. One request at a time is under way in a round; what happens meanwhile is in the next one.
 * 4. While blocks are missing and there is a connection, a timer runs, so a lost request or a lost subscription never ends the asking.
 */
export function startAsking(options: AskingOptions): Asking {
  const { wire, artifact } = options
  /** The round, once its subscription stands; null: none does. */
  let round: string | null = null
  let attempt = 0
  let isSending = false
  let isWanted = false
  let sinceAsked = 0
  let stallMs: number = STALL_MS.first
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  function arm(): void {
    clearTimeout(timer)
    if (!isStopped) timer = setTimeout(onQuiet, stallMs)
  }

  function onQuiet(): void {
    stallMs = sinceAsked > 0 ? STALL_MS.first : Math.min(2 * stallMs, STALL_MS.longest)
    arm()
    if (!wire.connected) return
    if (round === null) begin()
    else {
      // The answer to an older request may never come: what hangs must not hold back this one.
      isSending = false
      ask()
    }
  }

  function begin(): void {
    attempt += 1
    const mine = attempt
    round = null
    isSending = false
    arm()
    wire.subscribe(artifact).then(
      () => {
        if (mine !== attempt || isStopped) return
        round = randomBytes(8).toString('hex')
        stallMs = STALL_MS.first
        ask()
      },
      // Without a subscription the timer tries again.
      () => undefined,
    )
  }

  function ask(): void {
    if (round === null) return
    isWanted = isSending
    if (isSending) return
    isSending = true
    sinceAsked = 0
    const mine = attempt
    arm()
    const sent = (): void => {
      if (mine !== attempt || isStopped) return
      isSending = false
      if (isWanted) ask()
    }
    wire.want(options.message(options.missing(), round)).then(sent, sent)
  }

  function start(): void {
    stallMs = STALL_MS.first
    begin()
  }

  const offConnected = wire.onConnected(start)
  if (wire.connected) start()
  return {
    received() {
      sinceAsked += 1
      if (sinceAsked >= WINDOW / 4) ask()
    },
    stop() {
      isStopped = true
      clearTimeout(timer)
      offConnected()
      const missing = options.missing()
      // Both are a courtesy: a console that does not hear them finds out when the device disconnects or stays silent.
      const told = round !== null && missing.count === 0 && wire.connected ? wire.want(options.message(missing, round)) : Promise.resolve()
      void told
        .catch(() => undefined)
        .then(() => wire.unsubscribe(artifact))
        .catch(() => undefined)
    },
  }
}
