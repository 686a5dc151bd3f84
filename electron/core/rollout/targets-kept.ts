import type { RolloutPlan } from '../../../shared/domain/rollout/plan.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import { changesBetween, keepFleet } from './fleet-kept.ts'
import { targetReader, type TargetReader } from './planning/targets.ts'

/** The target of a plan, asked again for those devices alone that changed. */
export interface KeptTargets {
  readonly reader: TargetReader
  /** By id. */
  readonly devices: readonly string[]
  has(device: string): boolean
  /** null: it is not in the fleet. */
  entry(device: string): RosterEntry | null
}

interface Kept {
  plan: RolloutPlan
  key: string
  entries: readonly RosterEntry[]
  reader: TargetReader
  devices: readonly string[]
  set: ReadonlySet<string>
  targets: KeptTargets
}

/** The devices that match, in the order of the entries. */
function matching(entries: readonly RosterEntry[], reader: TargetReader): Pick<Kept, 'devices' | 'set'> {
  const devices = entries.filter((entry) => reader.matches(entry)).map(({ row }) => row.device)
  return { devices, set: new Set(devices) }
}

/** True if the same devices match as before: of those that changed alone it is asked. */
function matchesSame({ entries: before, reader, set }: Kept, entries: readonly RosterEntry[]): boolean {
  const changes = changesBetween(before, entries)
  return changes !== null && changes.every(({ after }) => reader.matches(after) === set.has(after.row.device))
}

/** Targets that were read for a view alone: so many are kept, the ones that were asked for last. */
const KEPT_FOR_VIEWS = 16

/** Keeps the targets of rollouts. A look at a fleet in which nothing changed costs a comparison for each device. */
export function keepTargets(store: Pick<FleetStore, 'roster'>): {
  /** @param isWatched it is looked at again and again, and kept until `forget` */
  of(rollout: number, plan: RolloutPlan, isWatched: boolean): KeptTargets
  forget(rollout: number): void
} {
  const fleetOf = keepFleet()
  const kept = new Map<number, Kept>()
  /** For views alone, the one asked for last at the end. */
  const viewed = new Set<number>()
  const watched = new Set<number>()
  const touch = (rollout: number, isWatched: boolean): void => {
    viewed.delete(rollout)
    if (isWatched) watched.add(rollout)
    if (watched.has(rollout)) return
    viewed.add(rollout)
    const [eldest] = viewed
    if (viewed.size <= KEPT_FOR_VIEWS || eldest === undefined) return
    viewed.delete(eldest)
    kept.delete(eldest)
  }
  return {
    of(rollout, plan, isWatched) {
      const entries = store.roster.all()
      const before = kept.get(rollout)
      touch(rollout, isWatched)
      if (before?.entries === entries && before.plan === plan) return before.targets
      const { labels, byDevice } = fleetOf(entries)
      const isSame = before?.plan === plan && before.key === labels.key
      const reader = isSame ? before.reader : targetReader(plan, labels.names)
      const { devices, set } = isSame && matchesSame(before, entries) ? before : matching(entries, reader)
      const targets: KeptTargets = {
        ...{ reader, devices },
        has: (device) => set.has(device),
        entry: (device) => byDevice.get(device) ?? null,
      }
      kept.set(rollout, { ...{ plan, key: labels.key, entries, reader, devices, set }, targets })
      return targets
    },
    forget(rollout) {
      kept.delete(rollout)
      viewed.delete(rollout)
      watched.delete(rollout)
    },
  }
}
