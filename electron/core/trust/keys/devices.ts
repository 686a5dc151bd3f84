import { Problem } from '../../../../shared/domain/problem.ts'
import type { ShownKeys } from '../../../../shared/rpc/contract/keys.ts'
import type { KeyDeskParts } from './desk-parts.ts'

const NAMED = 100

/** How the devices follow the trust metadata, by what they reported last. A device that never reported is counted nowhere. */
export function devicesOf({ store, repository }: Pick<KeyDeskParts, 'store' | 'repository'>): ShownKeys['devices'] {
  const root = repository.root().version
  const { timestamp } = repository.stamps()
  const targets = repository.targets().version
  const old: string[] = []
  const counts = { current: 0, stale: 0, ahead: 0, newestRoot: 0, refusing: 0 }
  for (const { device, reported } of store.devices.all()) {
    if (reported === null) continue
    const { trust } = reported
    if (trust === null || trust.state === 'none') old.push(device)
    else if (trust.state === 'stale') counts.stale += 1
    else counts.current += 1
    if (trust?.problem?.code === 'trust.metadata-invalid') counts.refusing += 1
    if (trust?.root === root) counts.newestRoot += 1
    if (trust !== null && (trust.root > root || trust.timestamp > timestamp.version || trust.targets > targets)) counts.ahead += 1
  }
  return { ...counts, old: old.slice(0, NAMED), oldCount: old.length }
}

/** @throws Problem `trust.devices-untold` if devices would be left behind and nobody said that they may */
export function requireTold(parts: Pick<KeyDeskParts, 'store' | 'repository'>, leaveDevices: boolean): void {
  const { old, oldCount } = devicesOf(parts)
  if (oldCount === 0 || leaveDevices) return
  const named = `${old.slice(0, 5).join(', ')}${oldCount > 5 ? `, and ${oldCount - 5} more` : ''}`
  throw new Problem(
    'trust.devices-untold',
    `${oldCount} ${oldCount === 1 ? 'device trusts' : 'devices trust'} the keys of the enrolment only (${named}) and would refuse what comes after.`,
  )
}
