import type { Manifest } from '../../../shared/domain/bundle.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'
import { privacySalt } from './subject-ref.ts'

/**
 * Marks the fields that a bundle declares as personal, in the transaction of its import: before any device can have it. What a person decided
 * about a field stays. Devices learn of it with the order that brings the bundle.
 */
export function markDeclared(store: FleetStore, { model, version, personal = [] }: Manifest, at: number): void {
  const known = new Set(store.privacy.marks().map(({ field }) => field))
  const fields = personal.filter((field) => !known.has(field))
  if (fields.length === 0) return
  privacySalt(store)
  const reason = `declared by ${model}@${version}`
  for (const field of fields) store.privacy.putMark({ field, kind: 'personal', mask: 'drop', reason, setBy: 'muster', setAt: at })
  store.audit.recordSystem({ at, action: 'privacy.declared', detail: { fields, model, version } })
}
