import type { VersionAct, VersionStage } from '../../../../shared/domain/version-stage.ts'
import type { OfflineGate, Standing } from '../../../../shared/rpc/contract/approvals.ts'
import { formatMetric, metricName } from '../metrics.ts'

/** Where a stage stands beside the one that the version is in. */
type Place = 'before' | 'skipped' | 'now' | 'after'

const way: readonly VersionStage[] = ['draft', 'evaluated', 'approved', 'released']

/** The stages in their order, and which of them the version has behind it. A stage that it never was in is skipped. */
export function stepsOf({ stage, isApproved, decisions }: Pick<Standing, 'stage' | 'isApproved' | 'decisions'>) {
  const been = new Set<VersionStage>(decisions.flatMap(({ from, to }) => [from, to]))
  const steps = stage === 'withdrawn' ? [...way.filter((one) => one === 'draft' || been.has(one)), stage] : way
  const at = steps.indexOf(stage)
  return steps.map((one, i): { stage: VersionStage; place: Place } => {
    if (i === at) return { stage: one, place: 'now' }
    if (i > at) return { stage: one, place: 'after' }
    const wasThere = one === 'draft' || been.has(one) || (one === 'approved' && isApproved)
    return { stage: one, place: wasThere ? 'before' : 'skipped' }
  })
}

/** What was done, for the list of decisions. */
export const actWords: Record<VersionAct, string> = {
  evaluate: 'Evaluated',
  approve: 'Approved',
  release: 'Released',
  withdraw: 'Withdrawn',
}

/** A gate in words. */
export function gateWords({ metric, kind, value }: OfflineGate): string {
  const name = metricName(metric)
  if (kind === 'not-worse') return `${name} not worse by more than ${String(Number(value.toFixed(4)))}`
  return `${name} ${kind === 'at-least' ? 'at least' : 'at most'} ${formatMetric(metric, value)}`
}
