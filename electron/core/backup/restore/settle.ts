import type { ApiParts } from '../../api/parts.ts'
import type { AssignParts } from '../../deployments/assign.ts'
import { raiseEpoch } from '../../deployments/epoch.ts'
import { resignOrders } from '../../trust/resign-orders.ts'

type SettleParts = AssignParts & { trust: { repository: Pick<ApiParts['trust']['repository'], 'overtake'> } }

/**
 * Draws the consequences of a restore of fleet.db, once, before devices connect: the order of every device is signed anew in a higher epoch, so
 * that none that was signed after the backup, by this console or a copy of it, can win over it or be won back by a replay; and so is the trust
 * metadata, which devices would refuse as older than what they have seen.
 * @returns false: nothing was restored
 */
export function settleRestore(parts: SettleParts, halts: { resign(at: number): void }, now: number): boolean {
  const { store, trust } = parts
  const restored = store.settings.get('restored')
  if (restored === undefined || restored.isSettled) return false
  store.transact(() => {
    raiseEpoch(store, now)
    resignOrders(parts, halts, now)
    trust.repository.overtake()
    store.settings.set('restored', { ...restored, isSettled: true })
  })
  return true
}
