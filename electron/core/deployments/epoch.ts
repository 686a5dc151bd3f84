import type { FleetStore } from '../store/fleet/fleet-store.ts'

type SettingStore = Pick<FleetStore, 'settings'>

/** The epoch that orders are signed in: 0, and one more after each restore of a backup and each recovery of stolen keys. */
export function epochOf({ settings }: SettingStore): number {
  return settings.get('epoch') ?? 0
}

/** Begins a new epoch: whatever was signed in an earlier one, devices refuse from now on. Call it in the transaction that signs anew. */
export function raiseEpoch({ settings }: SettingStore): number {
  const epoch = epochOf({ settings }) + 1
  settings.set('epoch', epoch)
  return epoch
}
