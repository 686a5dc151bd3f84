import { isOtherPerson, personOf } from '../../../shared/domain/actor.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import { mayAct, nextVersionStage, type VersionAct, type VersionStage } from '../../../shared/domain/version-stage.ts'
import { approvalPolicy, type ApprovalPolicy, type OutputGate } from '../../../shared/rpc/contract/approvals.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { stageOfRow, type StandingRow } from '../store/fleet/version-decisions.ts'
import type { Approvals } from './approvals.ts'
import { missingOf } from './standing.ts'

/** A version by its names. */
interface Named {
  model: string
  version: string
}

/** An act on a version, with who does it and why. */
export interface Act extends Named {
  act: VersionAct
  by: string
  at: number
  why: string
  isDespiteGates?: boolean
  /** How the gates stood, kept with the decision. */
  gates?: readonly OutputGate[]
}

/** Opens the decisions about versions; all of it is read from the store, so that every transaction sees what it wrote. */
export function openApprovals(store: FleetStore): Approvals & { decide(act: Act): boolean } {
  const policy = (): ApprovalPolicy => approvalPolicy.parse(store.settings.get('approvalPolicy') ?? {})
  const standing = ({ model, version }: Named): StandingRow => {
    const row = store.versionDecisions.standing(model, version)
    if (row === null) throw new Problem('model.not-found', `${model.slice(0, 80)} has no version ${version.slice(0, 80)}.`)
    return row
  }
  const stageOf = (of: Named): VersionStage => stageOfRow(standing(of))
  const missing = (of: Named): string | null => {
    const row = standing(of)
    return missingOf({ ...of, stage: stageOfRow(row), isApproved: row.verdict === 'approve' }, policy())
  }

  /** Adds a decision; false where it would change nothing. */
  function decide({ act, by: actor, at, why, isDespiteGates = false, gates = [], ...of }: Act): boolean {
    const row = standing(of)
    const from = stageOfRow(row)
    if (act === 'approve' && row.verdict === 'approve') return false
    if (!mayAct(from, act)) return false
    const { model, version } = row
    const to = nextVersionStage(from, act)
    store.versionDecisions.add({ model, version, at, actor, act, from, to, why, isDespiteGates, gates: JSON.stringify(gates) })
    return true
  }

  return {
    policy,
    stageOf,
    missing,
    requireReleasable(of) {
      const words = missing(of)
      if (words === null) return
      throw new Problem(stageOf(of) === 'withdrawn' ? 'approval.withdrawn' : 'approval.required', words)
    },
    requireOther(maker, approver) {
      // With accounts names are proven; a token is the hand of a program, and no pair of eyes.
      const isGuarded = store.accounts.any()
      const isPerson = personOf(approver) !== null && !(isGuarded && approver.startsWith('token-'))
      if (!policy().needsSecondPerson || (isPerson && isOtherPerson(maker, approver))) return
      const message = !isPerson
        ? `Another person than the one who made it must approve it, and ${approver} is no name of a person.`
        : `${maker ?? ''} made it; another person must approve it.`
      throw new Problem('approval.second-person', message, {
        hint: isGuarded
          ? 'Another person signs in and approves it: muster login'
          : 'Say who you are: --person NAME at the command line, your name in the settings of a browser. It must not be who made it.',
      })
    },
    noteReleased: (of, by, at) => void decide({ ...of, act: 'release', by, at, why: '' }),
    fallbackOf(deployment) {
      const row = store.fallbacks.find(deployment)
      if (row === null || stageOf(row) === 'withdrawn') return null
      const { model, version } = row
      return { digest: standing(row).digest, model, version }
    },
    decide,
  }
}
