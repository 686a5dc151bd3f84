import { explainReasonNames, type ExplainReason } from '../../../../shared/domain/rollout/reason.ts'
import type { ResultOf } from '../../../../shared/rpc/contract.ts'
import { caseOf, type Case, type Question, type Rule } from './case.ts'
import { deviceRules } from './device-rules.ts'
import { fleetRules } from './fleet-rules.ts'
import { outcomeRules } from './outcome-rules.ts'
import { rolloutRules } from './rollout-rules.ts'
import { waitingRules } from './waiting-rules.ts'

/** Why a device is where it is on a deployment. */
export type Explanation = ResultOf<'rollouts.explain'>['explanations'][number]

/** One rule for each reason; their order is that of `explainReasons`. */
const rules: Record<ExplainReason, Rule> = { ...fleetRules, ...rolloutRules, ...outcomeRules, ...waitingRules, ...deviceRules }

/** The first reason that is true, with the number that decides it and what would change it. Costs no reads. */
export function explain(question: Question): Explanation {
  const of = caseOf(question)
  for (const reason of explainReasonNames) {
    const answer = rules[reason](of)
    if (answer !== null) return explanationOf(of, reason, answer)
  }
  throw new Error('explain: no-answer is always true')
}

function explanationOf(of: Case, reason: ExplainReason, { sentence, change }: { sentence: string; change: string | null }): Explanation {
  return {
    ...({ device: of.device, deployment: of.deployment, reason } as Pick<Explanation, 'device' | 'deployment' | 'reason'>),
    sentence: cut(sentence, 1000),
    change: change === null ? null : cut(change, 500),
    rollout: of.under?.run.id ?? null,
    order: of.under?.own?.order ?? null,
  }
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
