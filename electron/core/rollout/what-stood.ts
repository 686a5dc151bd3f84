import { reportedOf } from '../devices/summary.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import type { Wanted } from '../store/fleet/terms.ts'
import type { RolloutRun } from './rollout-run.ts'
import type { OrderInForce } from './taken-by.ts'

/**
 * What a device had before the version of a rollout: what its first offer found, else what an order of the version found that was made before
 * (by hand, by another rollout), else what the device reports that it serves or served last. null: it had nothing.
 * @param row the newest order of the device in the slot of the active version
 */
export function whatStood(
  store: Pick<FleetStore, 'orders' | 'devices' | 'versionNames'>,
  run: RolloutRun,
  row: OrderInForce,
): Wanted | null {
  const { device } = row
  const { deployment } = run.plan
  const digest = run.target?.digest ?? ''
  const known = run.devices.get(device)?.previous ?? null
  if (known !== null && known.digest !== digest) return known
  // An order of this rollout that found nothing says so; the others found the version itself, or are of somebody else.
  const hasFoundNothing = row.rollout === run.id && row.previous === null
  const before = hasFoundNothing ? null : store.orders.foundBefore({ device, deployment, digest })
  return before ?? reportedBefore(store, { device, deployment, digest })
}

function reportedBefore(
  store: Pick<FleetStore, 'devices' | 'versionNames'>,
  of: { device: string; deployment: string; digest: string },
): Wanted | null {
  const row = store.devices.find(of.device)
  const reported = row === null ? undefined : reportedOf(row, of.deployment)
  const other = [reported?.active, reported?.lastGood].find((one) => one != null && one.digest !== of.digest)
  // What a device calls its bundle is its own word: it must be one of the registry.
  const named = other == null ? undefined : store.versionNames.byDigest().get(other.digest)
  return named === undefined ? null : { digest: named.digest, model: named.model, version: named.version, role: 'active', terms: {} }
}

/** True if somebody else ordered the version of the rollout there, and keeps it: another rollout of it, or a person after this one lost the device. */
export function isOrderedByOther(store: Pick<FleetStore, 'orders'>, run: RolloutRun, row: OrderInForce): boolean {
  if (row.wanted === null || row.wanted.digest !== run.target?.digest || row.rollout === run.id) return false
  if (row.rollout === null) return run.devices.get(row.device)?.state === 'superseded'
  // What another rollout gave back was not what it was about: such an order has no target.
  return store.orders.find(row.order)?.digest === row.wanted.digest
}
