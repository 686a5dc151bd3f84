import { useSyncExternalStore } from 'react'
import { formatAgo, formatExact, withClocks } from './format.ts'

/** One clock for all relative times of the page: they move together, every 5 s. */
const TICK_MS = 5000
let tick = Date.now()
let timer: ReturnType<typeof setInterval> | null = null
const followers = new Set<() => void>()

function follow(handler: () => void): () => void {
  followers.add(handler)
  // Nobody looked at it for a while, so it stood.
  if (timer === null) tick = Date.now()
  timer ??= setInterval(() => {
    tick = Date.now()
    for (const follower of followers) follower()
  }, TICK_MS)
  return () => {
    followers.delete(handler)
    if (followers.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** Now, to five seconds. */
export function useNow(): number {
  return useSyncExternalStore(follow, () => tick)
}

/** A moment as "5 min ago", exact on hover. @param at epoch ms; `null` shows `never` */
export function Ago({ at, never = 'never' }: { at: number | null; never?: string }) {
  // The clock of the page ticks slowly: what is newer than its tick happened just now.
  const now = Math.max(useNow(), at ?? 0)
  if (at === null) return <span className="dim">{never}</span>
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExact(at)}>
      {formatAgo(at, now)}
    </time>
  )
}

/** A moment to come as "in 5 min", exact on hover; one that has come by now is due. @param at epoch ms */
export function Ahead({ at }: { at: number }) {
  const now = useNow()
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExact(at)}>
      {at <= now ? 'now' : formatAgo(at, now)}
    </time>
  )
}

/** A sentence of the core: its moments on the clock of this machine, exactly as they came on hover. */
export function Sentence({ text }: { text: string }) {
  const now = useNow()
  return (
    <span className="foreign" title={text}>
      {withClocks(text, now)}
    </span>
  )
}
