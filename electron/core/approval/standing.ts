import { mayAct, versionStageMeanings, type VersionStage } from '../../../shared/domain/version-stage.ts'
import type { ApprovalPolicy, OutputGate, Standing } from '../../../shared/rpc/contract/approvals.ts'
import type { RegisteredVersion, Registry } from '../registry/registry.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { stageOfRow, type DecisionRow, type StandingRow } from '../store/fleet/version-decisions.ts'
import { judgeGates } from './gates.ts'
import { serviceOf } from './in-service.ts'

/** Decisions that are shown of one version. */
const MOST_DECISIONS = 200

/** What standings are read from. */
export interface StandingParts {
  store: FleetStore
  registry: Registry
}

/** Reads where versions stand; what is in service is read once for all of them. */
export function standingReader(
  { store, registry }: StandingParts,
  policy: ApprovalPolicy,
): (one: RegisteredVersion, row: StandingRow) => Omit<Standing, 'decisions'> {
  const isReleased = (model: string, version: string): boolean => {
    const row = store.versionDecisions.standing(model, version)
    return row !== null && stageOfRow(row) === 'released'
  }
  const inService = serviceOf(store.roster.all(), isReleased)
  const known = new Map<string, RegisteredVersion | null>()
  const incumbentOf = (model: string): RegisteredVersion | null => {
    const before = known.get(model)
    if (before !== undefined) return before
    const named = registry.aliases.versionOf(model, 'production')
    // Anybody may set an alias: it alone must not make a version its own measure.
    const name = named !== null && isReleased(model, named) ? named : inService(model)
    const found = name === null ? null : registry.version(model, name)
    known.set(model, found)
    return found
  }
  return (one, row) => {
    const incumbent = incumbentOf(one.model)
    const isIncumbent = incumbent?.version === one.version
    const gates = judgeGates(policy, { evaluations: one.evaluations, incumbent: isIncumbent ? null : incumbent, isIncumbent })
    const stage = stageOfRow(row)
    const isApproved = row.verdict === 'approve'
    const missing = missingOf({ ...one, stage, isApproved }, policy)
    return {
      ...{ model: one.model, version: one.version, stage, isApproved, missing, gates },
      sentence: sentenceOf({ stage, isApproved, gates, missing }),
      incumbent: isIncumbent ? null : (incumbent?.version ?? null),
      canApprove: mayAct(stage, 'approve') && !isApproved,
      canWithdraw: mayAct(stage, 'withdraw'),
    }
  }
}

/** What must be done before a version may be released, in words; null: nothing. */
export function missingOf(
  of: { model: string; version: string; stage: VersionStage; isApproved: boolean },
  { isRequired }: ApprovalPolicy,
): string | null {
  if (of.stage === 'withdrawn') return `${of.model} ${of.version} was withdrawn: it must be approved anew before it is released.`
  if (!isRequired || of.isApproved) return null
  const state = of.stage === 'released' ? 'was released before approval was asked for' : `is ${of.stage === 'draft' ? 'a draft' : of.stage}`
  return `${of.model} ${of.version} ${state}: it must be approved before it is released.`
}

/** Every decision about a version, the newest first, with what is known of its first steps. */
export function decisionsOf({ store }: Pick<StandingParts, 'store'>, one: RegisteredVersion, row: StandingRow): Standing['decisions'] {
  const decided = store.versionDecisions.of(one.model, one.version, MOST_DECISIONS).map(shownDecision)
  const first = one.evaluations.at(-1)
  if (first === undefined || row.evaluatedAt === null) return decided
  const why = `Evaluated on ${first.dataset.slice(0, 100)}: ${first.rows} rows.`
  const evaluated = { at: row.evaluatedAt, by: 'muster', act: 'evaluate' as const, from: 'draft' as const, to: 'evaluated' as const }
  // A version that was evaluated after a decision stays where that decision put it.
  if (decided.some(({ at, from }) => from === 'draft' || at < evaluated.at)) return decided
  return [...decided, { ...evaluated, why, isDespiteGates: false }]
}

function shownDecision({ at, actor, act, from, to, why, isDespiteGates }: DecisionRow): Standing['decisions'][number] {
  return { at, by: actor.slice(0, 200), act, from, to, why, isDespiteGates }
}

function sentenceOf(of: { stage: VersionStage; isApproved: boolean; gates: readonly OutputGate[]; missing: string | null }): string {
  const { stage, isApproved, gates, missing } = of
  if (stage === 'withdrawn') return `${versionStageMeanings.withdrawn} To release it again, approve it.`
  if (isApproved) return stage === 'approved' ? versionStageMeanings.approved : `Approved. ${versionStageMeanings.released}`
  const failed = gates.filter(({ state }) => state === 'fail').length
  const unknown = gates.filter(({ state }) => state === 'not enough evidence').length
  const passed = gates.length - failed - unknown
  const counts =
    gates.length === 0
      ? ''
      : ` ${passed} of ${gates.length} ${gates.length === 1 ? 'gate' : 'gates'} passed${failed > 0 ? `, ${failed} failed` : ''}${unknown > 0 ? `, ${unknown} without enough evidence` : ''}.`
  const next = missing === null ? ' It may be released without approval.' : ' It must be approved before it is released.'
  return `${versionStageMeanings[stage]}${counts}${next}`
}
