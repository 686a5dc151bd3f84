import type { FieldMark } from '../../../shared/domain/privacy/mark.ts'
import type { PrivacyRules } from '../../../shared/protocol/assignment.ts'
import type { FleetStore } from '../store/fleet/fleet-store.ts'

/** What privacy adds to the configuration of a device. */
export interface PrivacyView {
  marks: readonly Pick<FieldMark, 'field' | 'mask'>[]
  rules: PrivacyRules
}

/** Devices of which all is read at once. */
const MANY = 4

/** Reads what devices must know of privacy; null: nobody has marked a field or erased anybody, and nothing is said. */
export function openPrivacyView({ privacy, settings }: Pick<FleetStore, 'privacy' | 'settings'>): (device: string) => PrivacyView | null {
  const salt = settings.get('privacySalt')
  if (salt === undefined) return () => null
  const marks = privacy.marks()
  const subjects = marks.filter(({ kind }) => kind === 'subject').map(({ field }) => field)
  let asked = 0
  let pending: Map<string, string[]> | null = null
  const eraseOf = (device: string): string[] => {
    asked += 1
    if (asked <= MANY) return privacy.pendingOf(device)
    pending ??= grouped(privacy.pending())
    return (pending.get(device) ?? []).slice(0, 256)
  }
  return (device) => ({ marks, rules: { salt, subjects, erase: eraseOf(device) } })
}

function grouped(rows: readonly { device: string; subject: string }[]): Map<string, string[]> {
  const by = new Map<string, string[]>()
  for (const { device, subject } of rows) by.set(device, [...(by.get(device) ?? []), subject])
  return by
}
