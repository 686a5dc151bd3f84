import type { WindowBody } from '../../shared/protocol/telemetry.ts'
import type { UnspooledRecord } from '../runtime/messages.ts'
import type { AgentStatus } from './status.ts'

/** What a deployment did in this run, as its closed windows tell. */
export type ServedCounts = AgentStatus['served'][string]

/** Counts what deployments did since the agent started. */
export interface ServedBook {
  /** Records that the spool has now. */
  spooled(records: readonly UnspooledRecord[]): void
  counts(): Record<string, ServedCounts>
}

/** Opens an empty book. */
export function openServedBook(): ServedBook {
  const counts = new Map<string, ServedCounts>()
  return {
    spooled(records) {
      for (const { kind, body } of records) {
        if (kind !== 'window') continue
        const { deployment, requests, errors, cacheHits = 0 } = body as WindowBody
        const of = counts.get(deployment) ?? { requests: 0, failed: 0, cacheHits: 0 }
        of.requests += requests
        of.failed += Object.values(errors).reduce((sum, count) => sum + count, 0)
        of.cacheHits += cacheHits
        counts.set(deployment, of)
      }
    },
    counts: () => Object.fromEntries([...counts].map(([name, of]) => [name, { ...of }])),
  }
}
