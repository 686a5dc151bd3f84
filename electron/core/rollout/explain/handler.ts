import type { ParsedInputOf, ResultOf } from '../../../../shared/rpc/contract.ts'
import { requireEntry } from '../../devices/summary.ts'
import { deploymentNames } from '../../devices/table.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { RosterEntry } from '../../store/fleet/roster-rows.ts'
import type { RolloutAtHand } from './case.ts'
import { explain, type Explanation } from './explain.ts'
import { rolloutFor, rolloutWith } from './for-device.ts'

/** What explaining reads. */
export interface ExplainParts {
  store: FleetStore
  /** Rollouts that are not drafts: those under way, and the last ones that ended. */
  rollouts(): readonly RolloutAtHand[]
  now(): number
}

/** The answer to `rollouts.explain`. @throws Problem `device.not-found` for a device that neither the fleet nor a rollout knows */
export function explainDevice(parts: ExplainParts, input: ParsedInputOf<'rollouts.explain'>): ResultOf<'rollouts.explain'> {
  const { device, deployment } = input
  const rollouts = parts.rollouts()
  const isKnown = rollouts.some(({ run }) => run.devices.has(device))
  const entry = isKnown ? parts.store.roster.entry(device) : requireEntry(parts.store, device)
  const names = deployment === undefined ? namesOf(entry, device, rollouts) : [deployment]
  return { explanations: names.map((name) => explainOne(parts, { device, deployment: name, entry, rollouts })) }
}

/** Why a device is where it is on one deployment, whichever rollout has a say there. */
export function explainOne(
  parts: Pick<ExplainParts, 'now'>,
  of: { device: string; deployment: string; entry: RosterEntry | null; rollouts: readonly RolloutAtHand[] },
): Explanation {
  const { device, deployment, entry, rollouts } = of
  return explain({ device, deployment, entry, under: rolloutFor(rollouts, { device, deployment, entry }), now: parts.now() })
}

/** Deployments that the device has, is to have, or could have by a rollout. */
function namesOf(entry: RosterEntry | null, device: string, rollouts: readonly RolloutAtHand[]): string[] {
  const ofRollouts = rollouts
    .filter(({ run, facts }) => run.endedAt === null && (run.devices.has(device) || facts.isTarget(device)))
    .map(({ run }) => run.plan.deployment)
  return [...new Set([...(entry === null ? [] : deploymentNames(entry)), ...ofRollouts])].sort()
}

/** Why a device does not run what a rollout wants there, for pages of devices; null: no rollout has a say, or it runs it, or has another order. */
export function whyByRollout(rollouts: readonly RolloutAtHand[], now: number): (entry: RosterEntry, deployment: string) => string | null {
  return (entry, deployment) => {
    const under = rolloutWith(rollouts, { device: entry.row.device, deployment, entry })
    return under === null ? null : sentenceUnder(under, { entry, deployment, now })
  }
}

/** The same for a page of an order: null also where the order is not the last that the rollout gave the device, or takes the version back. */
export function whyByRolloutOn(
  rollouts: readonly RolloutAtHand[],
  now: number,
): (entry: RosterEntry, on: { order: number; deployment: string; digest: string | null }) => string | null {
  return (entry, { order, deployment, digest }) => {
    const { device } = entry.row
    const under = rolloutWith(rollouts, { device, deployment, entry })
    if (under === null || under.run.devices.get(device)?.order !== order || under.run.target?.digest !== digest) return null
    return sentenceUnder(under, { entry, deployment, now })
  }
}

/** Where the order of the device has more to say: it runs the version, or somebody took it out of the rollout by an order of their own. */
const silentReasons: ReadonlySet<string> = new Set(['runs', 'on-probation', 'other-order'])

function sentenceUnder(under: RolloutAtHand, of: { entry: RosterEntry; deployment: string; now: number }): string | null {
  const { reason, sentence } = explain({ ...of, device: of.entry.row.device, under })
  return silentReasons.has(reason) ? null : sentence
}
