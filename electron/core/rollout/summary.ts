import type { RolloutSummary } from '../../../shared/rpc/contract/rollouts.ts'
import type { ViewKnowledge } from './engine/gate-view.ts'
import type { Live } from './engine/live.ts'
import { standingOf } from './engine/summary.ts'
import { nameOfPlan } from './planning/plan-name.ts'

/** A rollout as lists show it. @param known what else is known; left out of it: what the log says */
export function summaryOf(live: Live, known: Pick<ViewKnowledge, 'now'> & Partial<ViewKnowledge>): RolloutSummary {
  const { run } = live
  const { plan } = run
  return {
    ...{ rollout: run.id, name: nameOfPlan(plan).slice(0, 200), state: run.state },
    ...({ deployment: plan.deployment } as Pick<RolloutSummary, 'deployment'>),
    ...{ model: plan.model, version: run.target?.version ?? plan.version, method: plan.method, isComparison: plan.isComparison },
    ...{ priority: plan.priority, query: plan.query, createdAt: run.createdAt, createdBy: run.createdBy.slice(0, 200) },
    ...{ startedAt: run.startedAt, endedAt: run.endedAt },
    ...standingOf(live, { alert: null, evidence: (wave) => run.waves[wave]?.evidence ?? null, shareOf: () => null, ...known }),
  }
}
