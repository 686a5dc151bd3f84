import type { ReportedDeployment } from '../../../../shared/protocol/reported.ts'
import { reportedOf } from '../../devices/summary.ts'
import type { DeploymentRow } from '../../store/fleet/deployments.ts'
import type { RosterEntry } from '../../store/fleet/roster-rows.ts'
import type { DeviceFacts, Facts } from '../engine/facts.ts'
import { gatePhase } from '../engine/gate.ts'
import { wavesAtWork } from '../engine/offers.ts'
import type { Tally } from '../engine/tally.ts'
import type { RolloutDevice, RolloutRun } from '../rollout-run.ts'

/** A rollout that has a say in a deployment, with what is known now. */
export interface RolloutAtHand {
  run: RolloutRun
  tally: Tally
  facts: Facts
}

/** What is asked, and what the answer is found in. */
export interface Question {
  device: string
  deployment: string
  /** null: the device is not in the fleet. */
  entry: RosterEntry | null
  /** The rollout whose answer is wanted; null: none has a say in the deployment. */
  under: RolloutAtHand | null
  now: number
}

/** A rollout as one device sees it. */
export interface Under extends RolloutAtHand {
  /** The device in the rollout; null: it is not, or not yet. */
  own: RolloutDevice | null
  here: DeviceFacts | null
  isTarget: boolean
}

/** A question with everything that rules look at. Read once, so that rules only compare. */
export interface Case {
  device: string
  deployment: string
  now: number
  entry: RosterEntry | null
  /** What is ordered in the deployment. */
  standing: DeploymentRow | null
  reported: ReportedDeployment | null
  /** What the answer is about: the version of the rollout, else what is ordered; null: nothing is wanted. */
  wanted: { digest: string; model: string; version: string } | null
  under: Under | null
  /** Device and version, as sentences begin: `cam-12 is not on digits 1.1.0`. */
  not: string
}

/** An answer of a rule. */
export interface Answer {
  sentence: string
  change: string | null
}

/** Finds out if a reason is true; null: it is not. */
export type Rule = (of: Case) => Answer | null

export function caseOf({ device, deployment, entry, under, now }: Question): Case {
  const standing = entry?.orders.find((one) => one.deployment === deployment) ?? null
  const wanted = under === null ? standing : (under.run.target ?? { digest: '', ...versionOf(under.run) })
  return {
    ...{ device, deployment, now, entry, standing, wanted },
    reported: entry === null ? null : (reportedOf(entry.row, deployment) ?? null),
    under:
      under === null
        ? null
        : {
            ...under,
            own: under.run.devices.get(device) ?? null,
            here: under.facts.of(device),
            isTarget: under.facts.isTarget(device),
          },
    not: `${device} is not on ${wanted === null ? 'it' : `${wanted.model} ${wanted.version}`}`,
  }
}

function versionOf({ plan }: RolloutRun): { model: string; version: string } {
  return { model: plan.model, version: plan.version }
}

/** True if the rollout has not ordered anything of the device that it still works on. */
export function isWaiting({ own }: Under): boolean {
  return own === null || own.state === 'pending'
}

/** True if the version stands beside the active one and its gate is through: the order to activate it is all that is missing. */
export function isToActivate({ own, run }: Under): boolean {
  const isBeside = own?.state === 'staged' || own?.state === 'shadowing' || own?.state === 'splitting'
  if (own === null || !isBeside || own.last?.slot !== 'beside') return false
  return gatePhase(run, own.wave) === 'active' && wavesAtWork({ run }).includes(own.wave)
}

/** True if the next thing that happens to the device is an order of the rollout: what holds orders holds it. */
export function needsOrder(under: Under): boolean {
  const { own } = under
  if (own === null || isWaiting(under)) return true
  return own.state === 'staged' || own.state === 'shadowing' || own.state === 'splitting' || own.notBefore !== null
}
