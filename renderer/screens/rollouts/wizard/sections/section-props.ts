import type { OutputOf } from '../../../../../shared/rpc/contract.ts'
import type { PlanDraft } from '../plan/plan-draft.ts'

export type PlanPreview = OutputOf<'rollouts.plan'>

/** What every part of the form works with. */
export interface SectionProps {
  draft: PlanDraft
  onChange(change: Partial<PlanDraft>): void
  /** What the plan would do; absent while that is not known. */
  preview: PlanPreview | undefined
}
