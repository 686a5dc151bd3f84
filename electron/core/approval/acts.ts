import { Problem } from '../../../shared/domain/problem.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { ApprovalPolicy, Standing } from '../../../shared/rpc/contract/approvals.ts'
import type { RegisteredVersion } from '../registry/registry.ts'
import { metricsWithInterval } from '../registry/compare/metrics.ts'
import type { StandingRow } from '../store/fleet/version-decisions.ts'
import type { openApprovals } from './open-approvals.ts'
import { decisionsOf, standingReader, type StandingParts } from './standing.ts'

/** What acts of approval work with. */
export interface ApprovalParts extends StandingParts {
  approvals: ReturnType<typeof openApprovals>
  now(): number
}

/** Versions that the list shows at most: those that wait come first. */
const MOST_LISTED = 200

function found({ store, registry }: StandingParts, of: { model: string; version: string }): { one: RegisteredVersion; row: StandingRow } {
  const one = registry.version(of.model, of.version)
  return { one, row: store.versionDecisions.standing(one.model, one.version)! }
}

/** Where a version stands. @throws Problem `model.not-found` */
export function showStanding(parts: ApprovalParts, of: { model: string; version: string }): Standing {
  const { one, row } = found(parts, of)
  return { ...standingReader(parts, parts.approvals.policy())(one, row), decisions: decisionsOf(parts, one, row) }
}

/** Versions that wait for a decision, the oldest first; then those that were decided on, the newest first. */
export function listStandings(parts: ApprovalParts, input: ParsedInputOf<'approvals.list'>): ResultOf<'approvals.list'> {
  const { store, registry, approvals } = parts
  const read = standingReader(parts, approvals.policy())
  const rows = new Map(store.versionDecisions.standings().map((row) => [`${row.model}@${row.version}`, row]))
  const all = registry.versions(input.model).flatMap((one) => {
    const row = rows.get(`${one.model}@${one.version}`)
    if (row === undefined) return []
    const since = row.decidedAt ?? row.evaluatedAt ?? row.importedAt
    return [{ ...read(one, row), since, importedBy: row.importedBy?.slice(0, 200) ?? null }]
  })
  const wanted = input.stage === undefined ? all : all.filter(({ stage }) => stage === input.stage)
  const isWaiting = ({ stage }: { stage: string }): boolean => stage === 'draft' || stage === 'evaluated'
  const waiting = wanted.filter(isWaiting).sort((a, b) => a.since - b.since)
  const decided = wanted.filter((one) => !isWaiting(one)).sort((a, b) => b.since - a.since)
  return { versions: [...waiting, ...decided].slice(0, MOST_LISTED) }
}

/** A person approves a version. @throws Problem `approval.second-person`, `approval.gate-failed` */
export function approve(parts: ApprovalParts, input: ParsedInputOf<'approvals.approve'>, by: string): ResultOf<'approvals.approve'> {
  const { approvals, now } = parts
  const { one, row } = found(parts, input)
  const before = showStanding(parts, input)
  if (before.isApproved) return { ...before, isChanged: false }
  approvals.requireOther(row.importedBy, by)
  const open = before.gates.filter(({ state }) => state !== 'pass')
  if (!input.isDespiteGates && open.length > 0)
    throw new Problem(
      'approval.gate-failed',
      `${one.model} ${one.version} does not pass: ${open.map(({ sentence }) => sentence).join(' ')}`.slice(0, 1900),
    )
  const isUnproved = open.length > 0 || row.evaluatedAt === null
  if (!input.isDespiteGates && isUnproved)
    throw new Problem('approval.gate-failed', `${one.model} ${one.version} was not evaluated on hold-out rows: nothing speaks for it.`)
  const { model, version } = one
  const isDespiteGates = input.isDespiteGates && isUnproved
  approvals.decide({ model, version, act: 'approve', by, at: now(), why: input.why.trim(), isDespiteGates, gates: before.gates })
  return { ...showStanding(parts, input), isChanged: true }
}

/** A person withdraws a version: it is not released any more. */
export function withdraw(parts: ApprovalParts, input: ParsedInputOf<'approvals.withdraw'>, by: string): ResultOf<'approvals.withdraw'> {
  const { model, version } = found(parts, input).one
  const isChanged = parts.approvals.decide({ model, version, act: 'withdraw', by, at: parts.now(), why: input.why.trim() })
  return { ...showStanding(parts, input), isChanged }
}

/** Says what approval needs from now on. @throws Problem `input.invalid` for a gate that no version can ever pass */
export function setPolicy({ store }: Pick<ApprovalParts, 'store'>, policy: ApprovalPolicy): ApprovalPolicy {
  const never = policy.gates.find(({ kind, metric }) => kind === 'not-worse' && !metricsWithInterval.has(metric))
  if (never !== undefined)
    throw new Problem(
      'input.invalid',
      `not-worse is for ${[...metricsWithInterval].join(', ')}: a difference in '${never.metric}' has no interval here. Give it a bound with at-least or at-most.`,
    )
  const negative = policy.gates.find(({ kind, value }) => kind === 'not-worse' && value < 0)
  if (negative !== undefined)
    throw new Problem('input.invalid', `not-worse '${negative.metric}' takes how much worse it may be: 0 or more, not ${negative.value}.`)
  store.settings.set('approvalPolicy', policy)
  return policy
}

/** Sets or takes away what devices of a deployment go back to. @throws Problem `model.not-found`, `approval.withdrawn`, `approval.required`, `input.invalid` */
export function setFallback(
  parts: ApprovalParts,
  input: ParsedInputOf<'approvals.setFallback'>,
  by: string,
): ResultOf<'approvals.setFallback'> {
  const { store, registry, approvals } = parts
  const { deployment, model, version } = input
  if ((model === null) !== (version === null)) throw new Problem('input.invalid', 'Give a model and its version, or neither.')
  if (model === null || version === null) {
    store.fallbacks.remove(deployment)
    return { deployment, model: null, version: null }
  }
  const one = registry.version(model, version)
  approvals.requireReleasable(one)
  store.fallbacks.put({ deployment, model: one.model, version: one.version, setBy: by.slice(0, 200), setAt: parts.now() })
  return { deployment, model: one.model, version: one.version }
}
