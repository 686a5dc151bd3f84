import type { AlertRule } from '../../../../shared/domain/alert.ts'
import type { FleetStore } from '../../store/fleet/fleet-store.ts'
import type { Look } from './look.ts'
import type { Reading } from './reading.ts'

/**
 * Readings for alerts on slices that a rule looks at no more, because they have counted nothing of late: too little data, which keeps a firing alert and
 * says so. Rules that have one look for all see by themselves what is gone.
 */
export function orphanReadings(store: FleetStore, rule: AlertRule, looks: readonly Look[]): Reading[] {
  if (!isSliced(rule)) return []
  const keys = new Set(looks.map(({ key }) => key))
  return store.alerts
    .openOfRule(rule.rule)
    .filter(({ subject }) => !keys.has(sliceKey(subject)))
    .map(({ subject, sentence, evidence }) => ({ subject, state: 'insufficient data', sentence, evidence }))
}

/** True for a rule that has a look for each slice that counted something. */
export function isSliced({ condition: { kind } }: AlertRule): boolean {
  return kind === 'drift' || kind === 'data-quality' || kind === 'quality'
}

function sliceKey({ deployment, digest, device }: Reading['subject']): string {
  return [deployment, digest, ...(device === null ? [] : [device])].join('/')
}
