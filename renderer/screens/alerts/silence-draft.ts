import type { Alert } from '../../../shared/domain/alert.ts'
import type { InputOf } from '../../../shared/rpc/contract.ts'
import { idQuery } from '../devices/selection-query.ts'

/** Lengths of a silence that are offered, ms. */
export const silenceLengths = [
  { label: '1 hour', ms: 3_600_000 },
  { label: '4 hours', ms: 4 * 3_600_000 },
  { label: '1 day', ms: 86_400_000 },
  { label: '1 week', ms: 7 * 86_400_000 },
  { label: '30 days', ms: 30 * 86_400_000 },
] as const

/** A silence before it is made. */
export interface SilenceDraft {
  /** Empty: every rule. */
  rule: string
  query: string
  /** Empty: every deployment. */
  deployment: string
  forMs: number
  reason: string
}

/** A silence of nothing in particular, for four hours. */
export const emptySilence: SilenceDraft = { rule: '', query: '', deployment: '', forMs: 4 * 3_600_000, reason: '' }

/** The narrowest silence that keeps an alert quiet: its rule, where it is. */
export function silenceOf({ rule, subject }: Pick<Alert, 'rule' | 'subject'>): SilenceDraft {
  return {
    ...emptySilence,
    rule,
    deployment: subject.deployment ?? '',
    query: subject.device === null ? '' : idQuery([subject.device]),
  }
}

/** Silences for several alerts at once: one for each rule and place, however many alerts that are. */
export function silencesOf(alerts: readonly Pick<Alert, 'rule' | 'subject'>[]): SilenceDraft[] {
  const groups = new Map<string, { draft: SilenceDraft; devices: Set<string>; isWhole: boolean }>()
  for (const alert of alerts) {
    const draft = silenceOf(alert)
    const key = JSON.stringify([draft.rule, draft.deployment])
    const group = groups.get(key) ?? { draft, devices: new Set<string>(), isWhole: false }
    if (alert.subject.device === null) group.isWhole = true
    else group.devices.add(alert.subject.device)
    groups.set(key, group)
  }
  // One that is about no device is reached by no query of devices, and one without a query reaches those of devices too.
  return [...groups.values()].flatMap(({ draft, devices, isWhole }) =>
    isWhole ? [{ ...draft, query: '' }] : inParts([...devices]).map((part) => ({ ...draft, query: idQuery(part) })),
  )
}

/** Devices in parts that one query can name: 50 ids of 64 letters stay below the 4000 that the core takes. */
function inParts(devices: readonly string[]): string[][] {
  const parts: string[][] = []
  for (let at = 0; at < devices.length; at += 50) parts.push(devices.slice(at, at + 50))
  return parts
}

/** What the core is asked to do. */
export function silenceInput({ rule, query, deployment, forMs, reason }: SilenceDraft): InputOf<'alerts.silence'> {
  return { rule: rule === '' ? null : rule, query, deployment: deployment === '' ? null : deployment, forMs, reason: reason.trim() }
}
