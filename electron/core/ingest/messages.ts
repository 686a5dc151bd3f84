import type { Retention } from '../../../shared/domain/retention.ts'
import type { ErasedSubjects, ErasedTelemetry } from '../privacy/erase-rows.ts'
import type { ProblemReport } from '../../../shared/domain/problem.ts'

/** Hub thread → writer thread. */
export type ToWriter =
  | { type: 'batch'; device: string; payload: Uint8Array<ArrayBuffer>; receivedAt: number; carried?: number }
  /** A batch of the device was dropped before it reached the writer. */
  | { type: 'dropped'; device: string }
  /** Days that telemetry is kept; what is left out is kept as usual. */
  | { type: 'retention'; days: Partial<Retention> }
  /** Takes people out of the store, and lets nothing of them in any more. */
  | ({ type: 'erase'; id: number } & ErasedSubjects)
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
  /** What became of batches that a person carried here, by the number under which they were handed in. */
  carried?: CarriedBatch[]
  /** Highest position per spool, one per spool that was heard of. */
  acks: { device: string; spool: string; through: number }[]
}

/** What became of an erasure. */
export type ErasureAnswer = (ErasedTelemetry & { isLogEmpty: boolean }) | ProblemReport

/** What became of a carried batch: how far its spool is stored, or why it was refused. */
export interface CarriedBatch {
  carried: number
  settled: { through: number; records: number; duplicates: number; quarantined: number } | null
  problem: ProblemReport | null
}

/** Writer thread → hub thread. */
export type FromWriter =
  | { type: 'erased'; id: number; answer: ErasureAnswer }
  | { type: 'ready' }
  | { type: 'failed'; problem: ProblemReport }
  | ({ type: 'committed' } & Committed)
  | { type: 'problem'; problem: ProblemReport | null }
  | { type: 'stopped' }
