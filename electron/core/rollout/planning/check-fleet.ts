import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import { messageOf, reportOf } from '../../../../shared/domain/problem.ts'
import { heldBy } from '../../deployments/holding.ts'
import { reportedOf } from '../../devices/summary.ts'
import type { RegisteredVersion } from '../../registry/registry.ts'
import { finding, type Finding } from './finding.ts'
import { overlapsOf } from './overlaps.ts'
import type { PlanningParts } from './parts.ts'
import type { Survey } from './survey.ts'
import { countWords } from './words.ts'

/** What is wrong with the version of a plan, and what must be approved. */
export function checkVersion(parts: Pick<PlanningParts, 'registry' | 'approvals'>, plan: RolloutPlan): Finding[] {
  let version: RegisteredVersion
  try {
    version = parts.registry.version(plan.model, plan.version)
  } catch (error) {
    return [finding('error', reportOf(error).code, 'version', messageOf(error))]
  }
  const findings: Finding[] = []
  if (version.version !== plan.version) {
    const message = `${plan.version} stands for ${version.version} now; what it stands for when the rollout starts is what counts.`
    findings.push(finding('info', 'version.alias', 'version', message))
  }
  if (parts.approvals.stageOf(version) === 'withdrawn')
    findings.push(
      finding('error', 'approval.withdrawn', 'version', `${plan.model} ${version.version} was withdrawn: it is not released any more.`),
    )
  else {
    const missing = approvalMissing(parts, version)
    if (missing !== null) findings.push(finding('warning', 'approval.required', 'version', missing))
  }
  const { alias } = plan.whenDone
  if (alias !== null && parts.registry.versions(plan.model).some(({ version: name }) => String(name) === String(alias))) {
    findings.push(
      finding('error', 'alias.conflict', 'whenDone.alias', `${plan.model} has a version named ${alias}: an alias cannot have that name.`),
    )
  }
  return findings
}

/** What a person must approve before a rollout of the version begins; null: nothing. */
export function approvalMissing({ approvals }: Pick<PlanningParts, 'approvals'>, version: RegisteredVersion): string | null {
  return (
    approvals.missing(version) ?? (approvals.policy().rolloutsNeedApproval ? 'An approver approves each rollout before it begins.' : null)
  )
}

/** What the fleet of now says against a plan. */
export function checkFleet(parts: PlanningParts, survey: Survey): Finding[] {
  return [
    ...checkTarget(survey),
    ...checkSizes(survey),
    ...checkBudget(parts, survey),
    ...checkOverlaps(parts, survey),
    ...checkAlert(parts, survey.plan),
  ]
}

function checkTarget({ plan, targets, skipped, version }: Survey): Finding[] {
  if (targets.length === 0)
    return [
      finding('warning', 'device.none-match', 'query', `No device matches '${plan.query}' now; those that do later are in the rollout.`),
    ]
  const findings = skipped.map(({ reason, message, devices }) => {
    const isAll = devices.length === targets.length
    const who = isAll
      ? 'All devices of the target are'
      : `${countWords(devices.length, 'device')} of ${targets.length} ${devices.length === 1 ? 'is' : 'are'}`
    return finding(isAll ? 'error' : 'warning', `device.${reason}`, 'method', `${who} left out of a ${plan.method}: ${message}`)
  })
  const running = targets.filter(({ row }) => reportedOf(row, plan.deployment)?.active?.digest === version.digest).length
  if (plan.method === 'replace' && running > 0) {
    const message = `${countWords(running, 'device')} of ${targets.length} ${running === 1 ? 'runs' : 'run'} the version already.`
    findings.push(finding(running === targets.length ? 'warning' : 'info', 'device.runs-already', 'version', message))
  }
  if (!targets.some(({ orders }) => orders.some((one) => one.deployment === plan.deployment))) {
    const message = `No device of the target has the deployment ${plan.deployment} yet: there is nothing to compare with, and nothing to go back to.`
    findings.push(finding('warning', 'deployment.new', 'deployment', message))
  }
  return findings
}

/** Waves and gates at the sizes that they have now; devices that join later may change them. */
function checkSizes({ plan, waves, targets }: Survey): Finding[] {
  if (targets.length === 0) return []
  return plan.waves.flatMap(({ size, gate }, i) => {
    const devices = waves[i]?.length ?? 0
    const path = `waves[${i}]`
    if (devices === 0)
      return [finding('warning', 'wave.empty-now', `${path}.size`, `No device is in wave ${i + 1} now; it passes at once.`)]
    if (gate.leastReached <= devices || size.kind === 'count') return []
    const message = `The gate of wave ${i + 1} needs ${gate.leastReached} devices that have answered; the wave has ${devices} now.`
    return [finding('error', 'gate.impossible', `${path}.gate.leastReached`, message)]
  })
}

function checkBudget(parts: PlanningParts, survey: Survey): Finding[] {
  const { bytes, money } = survey.plan.budget
  if (bytes === null && money === null && !parts.costs.isMonthSpent(parts.now())) return []
  const findings: Finding[] = []
  if (parts.costs.isMonthSpent(parts.now()))
    findings.push(finding('warning', 'budget.month-spent', '', 'The budget of this month is spent: offers wait until the next one.'))
  const offers = survey.waves.flat().map((entry) => ({ device: entry.row.device, ...survey.offerOf(entry) }))
  const { currency } = parts.costs.sheet()
  for (const [name, limit, unit] of [
    ['bytes', bytes, 'bytes'],
    ['money', money, currency],
  ] as const) {
    if (limit === null) continue
    const over = offers.find((one) => one[name] > limit)
    const total = offers.reduce((sum, one) => sum + one[name], 0)
    if (over !== undefined) {
      const message = `The budget of ${limit} ${unit} is less than one device needs: ${over.device} takes ${over[name]}.`
      findings.push(finding('error', 'budget.below-one-device', `budget.${name}`, message))
    } else if (total > limit) {
      const message = `The rollout takes ${Number(total.toPrecision(12))} ${unit} and has ${limit}: it holds when that is spent.`
      findings.push(finding('warning', 'budget.too-small', `budget.${name}`, message))
    }
  }
  return findings
}

function checkOverlaps(parts: PlanningParts, survey: Survey): Finding[] {
  return overlapsOf(parts, survey).map(({ rollout, name, devices, wins }) => {
    const shared = `Rollout ${rollout} (${name}) has ${countWords(devices, 'device')} of this target`
    if (wins === 'neither')
      return finding(
        'error',
        'rollout.overlap',
        'priority',
        `${shared} and the same priority, ${survey.plan.priority}: give one of the two a higher one.`,
      )
    return wins === 'this'
      ? finding('info', 'rollout.outranks', 'priority', `${shared}; this one outranks it and takes them.`)
      : finding('warning', 'rollout.outranked', 'priority', `${shared} and outranks this one: they stay with it.`)
  })
}

function checkAlert(parts: PlanningParts, plan: RolloutPlan): Finding[] {
  const held = heldBy(parts.store, plan.deployment)
  if (held === null) return []
  return [finding('warning', 'deployment.held', 'deployment', `Alert ${held.alert} holds releases to ${plan.deployment}: ${held.sentence}`)]
}
