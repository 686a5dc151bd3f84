import type { ChangeTopic } from '../../shared/rpc/frames.ts'

/** A view that asks again four times a second is live; more often is waste. */
const INTERVAL_MS = 250

/** Collects what changed and tells it at most four times a second; the first change after a quiet time goes out at once. */
export function createChangeFeed(emit: (topics: ChangeTopic[]) => void): { note(topics: readonly ChangeTopic[]): void; stop(): void } {
  const noted = new Set<ChangeTopic>()
  let timer: NodeJS.Timeout | null = null
  const flush = (): void => {
    timer = null
    if (noted.size === 0) return
    const topics = [...noted]
    noted.clear()
    emit(topics)
    timer = setTimeout(flush, INTERVAL_MS)
  }
  return {
    note(topics) {
      for (const topic of topics) noted.add(topic)
      if (timer === null) flush()
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
    },
  }
}
