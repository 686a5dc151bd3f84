import type { JudgeRules } from '../../../../shared/domain/rollout/judge.ts'
import type { RolloutMethod } from '../../../../shared/domain/rollout/plan.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import type { GateEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'

/** What is to be judged: a version on some devices against the incumbent over the same time. */
export interface EvidenceQuestion {
  deployment: string
  candidate: { digest: string; model: string; version: string }
  method: RolloutMethod
  /** Devices that have, or had, the version. */
  devices: readonly string[]
  /** Devices of the same target that have not got it: the concurrent baseline. The incumbent on `devices` counts as well. */
  baseline: readonly string[]
  /** Devices that answered the order, and of these those that failed it: what their number can show. */
  answered: { devices: number; failures: number }
  /** Counted from here, exclusive end at `through`. */
  from: number
  through: number
  rules: JudgeRules
}

/** What the engine, the screens and the command line know of a version against its incumbent: all ask here, so there is one truth. */
export interface EvidenceReader {
  /** The verdict, safe to look at any time. Costs reads of stored sums; nothing is kept. */
  read(question: EvidenceQuestion): GateEvidence
  /** The same over time, with latency and the classes that differ. */
  compare(question: EvidenceQuestion): Omit<ResultOf<'rollouts.comparison'>, 'isEnough' | 'advice'>
}
