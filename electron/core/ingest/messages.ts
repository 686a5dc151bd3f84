import type { Retention } from '../../../shared/domain/retention.ts'
import type { ProblemReport } from '../../../shared/domain/problem.ts'

/** Hub thread → writer thread. */
export type ToWriter =
  | { type: 'batch'; device: string; payload: Uint8Array<ArrayBuffer>; receivedAt: number }
  /** A batch of the device was dropped before it reached the writer. */
  | { type: 'dropped'; device: string }
  /** Days that telemetry is kept; what is left out is kept as usual. */
  | { type: 'retention'; days: Partial<Retention> }
  | { type: 'stop' }

/** What the writer committed, in one step: only after it may the acks be published. */
export interface Committed {
  /** Batches that are settled: stored, refused, or answered with the position that the store has. */
  batches: number
  records: number
  duplicates: number
  quarantined: number
  /** Batches that could not be read or spoke for another device: neither stored nor acknowledged. */
  refused: { device: string; code: string; message: string }[]
  /** Highest position per spool, one per spool that was heard of. */
  acks: { device: string; spool: string; through: number }[]
}

/** Writer thread → hub thread. */
export type FromWriter =
  | { type: 'ready' }
  | { type: 'failed'; problem: ProblemReport }
  | ({ type: 'committed' } & Committed)
  | { type: 'problem'; problem: ProblemReport | null }
  | { type: 'stopped' }
