import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import type { ParsedInputOf, ResultOf } from '../../../../shared/rpc/contract.ts'
import { labelsInUse } from '../../devices/summary.ts'
import { checkFleet, checkVersion } from './check-fleet.ts'
import { checkPlanAlone } from './check-plan.ts'
import type { Finding } from './finding.ts'
import type { PlanningParts } from './parts.ts'
import { readRolloutFile } from './read-file.ts'
import { surveyOf, type Survey } from './survey.ts'
import { writeRolloutFile } from './write-file.ts'

/** Checks a rollout file or a plan and does nothing: the answer to `rollouts.check`. */
export function checkRollout(parts: PlanningParts, input: ParsedInputOf<'rollouts.check'>): ResultOf<'rollouts.check'> {
  const read = input.text === undefined ? null : readRolloutFile(input.text)
  const plan = read === null ? (input.plan ?? null) : read.plan
  const before = read?.findings ?? []
  if (plan === null) return { isValid: false, findings: before, plan: null, text: null }
  const placed = checkPlan(parts, plan, null).findings.map((one) => {
    const place = read?.lineOf(one.path) ?? null
    return place === null ? one : { ...one, message: `${one.message} (line ${place.line})`.slice(0, 1000) }
  })
  const findings = [...before, ...placed]
  return { isValid: isValid(findings), findings, plan, text: writeRolloutFile(plan) }
}

/**
 * Everything that is to be said of a plan, errors first. What the fleet says comes only where the plan itself holds.
 * @param rollout the rollout that has the plan; null: none has yet
 */
export function checkPlan(parts: PlanningParts, plan: RolloutPlan, rollout: number | null): { findings: Finding[]; survey: Survey | null } {
  const labels = labelsInUse(parts.store.roster.all())
  const alone = [...checkPlanAlone(plan, { labels, windows: parts.windows, now: parts.now() }), ...checkVersion(parts, plan)]
  const canSurvey = !alone.some(({ severity, code }) => severity === 'error' && !surveyable.has(code))
  const survey = canSurvey ? surveyOf(parts, plan, rollout) : null
  const findings = survey === null ? alone : [...alone, ...checkFleet(parts, survey)]
  return { findings: findings.sort((a, b) => rank[a.severity] - rank[b.severity]), survey }
}

/** True if nothing that is found keeps the plan from being started. */
export function isValid(findings: readonly Finding[]): boolean {
  return findings.every(({ severity }) => severity !== 'error')
}

const rank: Record<Finding['severity'], number> = { error: 0, warning: 1, info: 2 }

/** Errors that do not keep anybody from seeing who would be in which wave. */
const surveyable: ReadonlySet<string> = new Set([
  ...['wave.empty', 'gate.impossible', 'comparison.method', 'approval.withdrawn', 'alias.conflict'],
])
