import type { ApprovalPolicy, VersionStage } from '../../../shared/rpc/contract/approvals.ts'

/** Whether versions may be released, and what is recorded of it: deploying, rollouts and the screens ask here. */
export interface Approvals {
  policy(): ApprovalPolicy
  stageOf(version: { model: string; version: string }): VersionStage
  /** What must be approved before a version may be released, in words; null: nothing. A withdrawn version is never released. */
  missing(version: { model: string; version: string }): string | null
  /** Refuses a release. @throws Problem `approval.required`, `approval.withdrawn` */
  requireReleasable(version: { model: string; version: string }): void
  /** A person may not approve what the same person made, where the policy says so. @throws Problem `approval.second-person` */
  requireOther(maker: string | null, approver: string): void
  /** The version is on its way to devices: its stage is `released` from now on. Call it in the transaction of the release. */
  noteReleased(version: { model: string; version: string }, by: string, at: number): void
  /** What devices of a deployment go back to where they have nothing of their own; null: nothing is set. */
  fallbackOf(deployment: string): { digest: string; model: string; version: string } | null
}
