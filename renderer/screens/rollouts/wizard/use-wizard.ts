import { useDebouncedValue } from '@mantine/hooks'
import { useCallback, useMemo, useRef, useState } from 'react'
import { useQuery, type Answer } from '../../../data/use-query.ts'
import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import type { WizardView } from './new-rollout.tsx'
import { isSameDraft, planOf, type PlanDraft, type PlanFinding } from './plan/plan-draft.ts'
import type { PlanPreview } from './sections/section-props.ts'

const SETTLE_MS = 300
/** What devices do changes a plan without anybody writing. */
const AGAIN_MS = 20_000
const EXAMPLES = 8

export interface WizardState {
  draft: PlanDraft
  change(part: Partial<PlanDraft>): void
  /** Takes a whole other draft, as from a file. */
  replace(draft: PlanDraft): void
  /** Counts how often that happened: fields that hold their own text are made anew. */
  revision: number
  /** The draft as it stands is saved now. */
  noteSaved(): void
  isDirty: boolean
  /** null while something of it cannot be read. */
  plan: RolloutPlan | null
  findings: readonly PlanFinding[]
  answer: Answer<'rollouts.plan'>
  /** What exactly this plan would do; absent while that is not known. */
  preview: PlanPreview | undefined
  isOld: boolean
  setPending(isPending: boolean): void
}

/** The draft of the wizard and what it would do, asked again as it changes. */
export function useWizard(first: PlanDraft, rollout: number | null, onAddress: (change: Partial<WizardView>) => void): WizardState {
  const [draft, setDraft] = useState(first)
  const [saved, setSaved] = useState(first)
  const [isPending, setPending] = useState(false)
  const [revision, setRevision] = useState(0)
  const newest = useRef(draft)
  newest.current = draft
  const { plan, findings: own } = useMemo(() => planOf(draft), [draft])
  const [asked] = useDebouncedValue(plan, SETTLE_MS)
  const answer = useQuery(
    'rollouts.plan',
    { plan: (asked ?? plan)!, limit: EXAMPLES, ...(rollout === null ? {} : { rollout }) },
    { enabled: asked !== null && plan !== null, keepsPrevious: true, everyMs: AGAIN_MS },
  )
  const isOld = isPending || plan === null || asked !== plan || answer.isPlaceholderData
  const data = plan === null ? undefined : answer.data
  const findings = useMemo(() => [...own, ...(data === undefined || isOld ? [] : data.findings)], [own, data, isOld])
  const change = useCallback(
    (part: Partial<PlanDraft>) => {
      setDraft((before) => ({ ...before, ...part }))
      const { model, version, deployment, query, method } = { ...newest.current, ...part }
      // A draft is found by its number: the address need not say what is in it.
      if (rollout === null) onAddress({ model, version, deployment, query, method })
    },
    [rollout, onAddress],
  )
  return {
    draft,
    change,
    replace(next) {
      setDraft(next)
      setRevision(revision + 1)
    },
    revision,
    noteSaved: () => setSaved(draft),
    isDirty: !isSameDraft(draft, saved),
    plan,
    findings,
    answer,
    preview: isOld ? undefined : data,
    isOld,
    setPending,
  }
}
