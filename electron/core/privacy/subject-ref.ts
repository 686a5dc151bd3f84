import { createHmac, randomBytes } from 'node:crypto'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

/** The hash that devices make of a subject: see `agent/runtime/masking/subjects.ts`. */
export function subjectRefOf(salt: string, subject: string): string {
  return createHmac('sha256', salt).update(subject).digest('hex').slice(0, 32)
}

/** The salt of the fleet; the first mark or erasure makes it. Call it in a transaction. */
export function privacySalt({ settings }: Pick<FleetStore, 'settings'>): string {
  const known = settings.get('privacySalt')
  if (known !== undefined) return known
  const salt = randomBytes(32).toString('hex')
  settings.set('privacySalt', salt)
  return salt
}
