import type { QueryClient } from '@tanstack/react-query'
import type { ChangeTopic } from '../../shared/rpc/frames.ts'
import type { Link } from '../transport/link.ts'
import { calmMs, dependsOn } from './topics.ts'

/** Follows the change feed: queries on screen whose answer may have changed are asked again; after a lost link all are. */
export function followChanges(link: Link, client: QueryClient): () => void {
  const nextAt = new Map<ChangeTopic, number>()
  const timers = new Map<ChangeTopic, ReturnType<typeof setTimeout>>()

  const askAgain = (topics: readonly ChangeTopic[]): void => {
    void client.invalidateQueries({ predicate: ({ queryKey }) => typeof queryKey[0] === 'string' && dependsOn(queryKey[0], topics) })
  }
  const calmly = (topic: ChangeTopic, pause: number): void => {
    const wait = (nextAt.get(topic) ?? 0) - performance.now()
    if (wait <= 0) {
      nextAt.set(topic, performance.now() + pause)
      askAgain([topic])
      return
    }
    if (timers.has(topic)) return
    timers.set(
      topic,
      setTimeout(() => {
        timers.delete(topic)
        nextAt.set(topic, performance.now() + pause)
        askAgain([topic])
      }, wait),
    )
  }
  const stopChanges = link.onChanged((topics) => {
    const prompt = topics.filter((topic) => calmMs[topic] === undefined)
    if (prompt.length > 0) askAgain(prompt)
    for (const topic of topics) {
      const pause = calmMs[topic]
      if (pause !== undefined) calmly(topic, pause)
    }
  })
  let wasLost = false
  const stopStates = link.onState(() => {
    const { kind } = link.state()
    if (kind === 'connected' && wasLost) void client.invalidateQueries()
    wasLost = kind === 'lost' || (wasLost && kind !== 'connected')
  })
  return () => {
    stopChanges()
    stopStates()
    for (const timer of timers.values()) clearTimeout(timer)
  }
}
