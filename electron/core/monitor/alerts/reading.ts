import type { AlertEvidence, AlertSubject } from '../../../../shared/domain/alert.ts'

/**
 * What a rule sees of one subject now. `met`: the condition holds. `easing`: it no longer holds, but is not clearly over (hysteresis).
 * `clear`: it is over. `insufficient data`: nothing can be said, which neither fires nor resolves anything.
 */
export type ReadingState = 'met' | 'easing' | 'clear' | 'insufficient data'

/** One look of a rule at one subject. */
export interface Reading {
  subject: AlertSubject
  state: ReadingState
  /** What happened, to whom, and how sure it is. */
  sentence: string
  evidence: AlertEvidence
}

/** A subject of which nothing is named. */
export const noSubject: AlertSubject = { device: null, deployment: null, model: null, version: null, digest: null, feature: null }

/** Evidence of which nothing is known but its unit. */
export function evidenceOf(unit: string, known: Partial<AlertEvidence> = {}): AlertEvidence {
  const none = { value: null, threshold: null, n: null, effective: null, m: null, p: null, low: null, high: null, reference: null }
  return { ...none, from: null, through: null, basis: 'measured', unit, ...known }
}

/** Tells subjects of one rule apart. A version is told by its digest, so that a name that is used again is another subject. */
export function subjectKey({ device, deployment, digest, feature }: AlertSubject): string {
  return JSON.stringify([device, deployment, digest, feature])
}

/** Alerts of one group are told together: the same rule on the same version, whatever device or feature. */
export function groupOf(rule: string, { deployment, digest }: AlertSubject): string {
  return [rule, deployment ?? '', digest?.slice(0, 16) ?? ''].join('/').slice(0, 200)
}
