import type { FleetStore } from '../store/fleet/fleet-store.ts'

type SettingStore = Pick<FleetStore, 'settings'>

/** The epoch that orders are signed in: 0, and a higher one after each restore of a backup and each recovery of stolen keys. */
export function epochOf({ settings }: SettingStore): number {
  return settings.get('epoch') ?? 0
}

/**
 * Begins a new epoch: whatever was signed in an earlier one, devices refuse from now on. Call it in the transaction that signs anew. Epochs follow the
 * clock (minutes since 1970): the number in a backup says nothing of those that came after it.
 */
export function raiseEpoch({ settings }: SettingStore, now: number): number {
  const epoch = Math.max(epochOf({ settings }) + 1, Math.floor(now / 60_000))
  settings.set('epoch', epoch)
  return epoch
}
