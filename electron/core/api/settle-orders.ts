import type { ReleaseParts } from './release-parts.ts'

/** After a commit that changed what devices are ordered: the hub knows what they may fetch, the orders go out, the views ask again. */
export function settleOrders(
  parts: Pick<ReleaseParts, 'onDevicesChanged' | 'onOutbox' | 'changed' | 'book'>,
  devices: readonly string[],
): void {
  parts.onDevicesChanged([...devices], [])
  parts.onOutbox()
  parts.changed('deployments', 'devices')
  parts.book.catchUp()
}
