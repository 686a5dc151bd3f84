import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import type { OfferForecast } from '../../costs/costs.ts'
import { besideRefusal } from '../../deployments/apply.ts'
import { skipper } from '../../deployments/skipping.ts'
import { labelsInUse } from '../../devices/summary.ts'
import type { RegisteredVersion } from '../../registry/registry.ts'
import type { RosterEntry } from '../../store/fleet/roster-rows.ts'
import { planWaves, waveHash } from '../engine/waves.ts'
import type { PlanningParts } from './parts.ts'
import { targetReader, type TargetReader } from './targets.ts'

/** What a plan means for the fleet as it is now. */
export interface Survey {
  plan: RolloutPlan
  version: RegisteredVersion
  /** The alias that the plan names; null: it names the version itself. */
  alias: string | null
  rollout: number
  reader: TargetReader
  /** Devices that the query selects, by id. */
  targets: readonly RosterEntry[]
  /** Devices of the target that cannot be in the rollout. */
  skipped: { reason: string; message: string; devices: string[] }[]
  /** Devices of each wave that can be. */
  waves: readonly (readonly RosterEntry[])[]
  offerOf(entry: RosterEntry): OfferForecast
  hashOf(entry: RosterEntry): string
}

/**
 * Finds who is in which wave.
 * @param rollout the number that the waves follow from
 * @throws Problem `model.not-found`, QueryProblem
 */
export function surveyOf(parts: PlanningParts, plan: RolloutPlan, rollout: number | null): Survey {
  const version = parts.registry.version(plan.model, plan.version)
  const entries = parts.store.roster.all()
  const reader = targetReader(plan, labelsInUse(entries))
  const targets = entries.filter((entry) => reader.matches(entry))
  const skipped = skipper()
  const alias = version.version === plan.version ? null : plan.version
  const isBeside = plan.method !== 'replace'
  const refusal = isBeside ? besideRefusal(parts, { version, deployment: plan.deployment, alias }) : () => null
  const fits = new Map(targets.filter((entry) => skipped.passes(entry, refusal(entry))).map((entry) => [entry.row.device, entry]))
  const number = rollout ?? parts.nextRollout()
  return {
    ...{ plan, version, alias, rollout: number, reader, targets, skipped: skipped.list() },
    waves: membersOf(parts, plan, { rollout, number, targets, reader }).map((devices) =>
      devices.flatMap((device) => fits.get(device) ?? []),
    ),
    offerOf: parts.costs.offersOf(version.digest),
    hashOf: ({ row }) => waveHash(number, row.device),
  }
}

/** Devices by wave: as the rollout has them, where it has begun; else as it would begin now. */
function membersOf(
  parts: PlanningParts,
  plan: RolloutPlan,
  of: { rollout: number | null; number: number; targets: readonly RosterEntry[]; reader: TargetReader },
): readonly (readonly string[])[] {
  const run = of.rollout === null ? null : parts.runOf(of.rollout)
  if (run !== null && run.devices.size > 0) {
    const waves = plan.waves.map((): string[] => [])
    for (const { device, wave } of run.devices.values()) waves[wave]?.push(device)
    return waves
  }
  const { reader } = of
  const planned = of.targets.map((entry) => ({
    ...{ device: entry.row.device, stratum: reader.stratum(entry), queryWave: reader.queryWave(entry) },
  }))
  return planWaves(of.number, plan, planned).waves
}
