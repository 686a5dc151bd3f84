import { labelsInUse } from '../devices/summary.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { RolloutPlan } from '../../../shared/domain/rollout/plan.ts'
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

/** Labels of the fleet; entries are shared, so that the same list of them has the same labels. */
function labelReader(): (entries: readonly RosterEntry[]) => { names: ReadonlySet<string>; key: string } {
  let known: { entries: readonly RosterEntry[]; names: ReadonlySet<string>; key: string } | null = null
  return (entries) => {
    if (known?.entries !== entries) {
      const names = labelsInUse(entries)
      known = { entries, names, key: JSON.stringify([...names].sort()) }
    }
    return known
  }
}

/** Entries by device, made once for each list of them. */
function fleetReader(): (entries: readonly RosterEntry[]) => ReadonlyMap<string, RosterEntry> {
  let known: { entries: readonly RosterEntry[]; byDevice: ReadonlyMap<string, RosterEntry> } | null = null
  return (entries) => {
    if (known?.entries !== entries) known = { entries, byDevice: new Map(entries.map((entry) => [entry.row.device, entry])) }
    return known.byDevice
  }
}

interface Kept {
  plan: RolloutPlan
  key: string
  entries: readonly RosterEntry[]
  reader: TargetReader
  /** The entry that was asked last, with its answer. */
  seen: Map<string, { entry: RosterEntry; isTarget: boolean }>
  targets: KeptTargets
}

/** Targets that were read for a view alone: so many are kept, the ones that were asked for last. */
const KEPT_FOR_VIEWS = 16

/** Keeps the targets of rollouts. A look at a fleet in which nothing changed costs a comparison for each device. */
export function keepTargets(store: Pick<FleetStore, 'roster'>): {
  /** @param isWatched it is looked at again and again, and kept until `forget` */
  of(rollout: number, plan: RolloutPlan, isWatched: boolean): KeptTargets
  forget(rollout: number): void
} {
  const labelsOf = labelReader()
  const fleetOf = fleetReader()
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
      const { names, key } = labelsOf(entries)
      const isSame = before?.plan === plan && before.key === key
      const reader = isSame ? before.reader : targetReader(plan, names)
      const seen = isSame ? before.seen : new Map<string, { entry: RosterEntry; isTarget: boolean }>()
      const devices: string[] = []
      for (const entry of entries) {
        const { device } = entry.row
        let one = seen.get(device)
        if (one?.entry !== entry) seen.set(device, (one = { entry, isTarget: reader.matches(entry) }))
        if (one.isTarget) devices.push(device)
      }
      const set = new Set(devices)
      const fleet = fleetOf(entries)
      const targets: KeptTargets = {
        ...{ reader, devices },
        has: (device) => set.has(device),
        entry: (device) => fleet.get(device) ?? null,
      }
      kept.set(rollout, { plan, key, entries, reader, seen, targets })
      return targets
    },
    forget(rollout) {
      kept.delete(rollout)
      viewed.delete(rollout)
      watched.delete(rollout)
    },
  }
}
