import type { BesideRole, ProbationRules, ServingRules } from '../../../../shared/protocol/assignment.ts'

/** What a bundle does in its deployment. */
export type OrderRole = 'active' | BesideRole
/** The place of a deployment that an order is about. */
export type OrderSlot = 'active' | 'beside'

/** Terms that an order gave a bundle; what is absent is the default of the protocol. */
export interface Terms {
  probation?: Partial<ProbationRules>
  serving?: Partial<ServingRules>
  percent?: number
  cpuShare?: number
  samplesPerWindow?: number
}

/** A model version as an order names it, with what it is to do. */
export interface Wanted {
  digest: string
  model: string
  version: string
  role: OrderRole
  terms: Terms
}

/** The slot that a role belongs to. */
export function slotOfRole(role: OrderRole): OrderSlot {
  return role === 'active' ? 'active' : 'beside'
}

const none: Terms = Object.freeze({})

/** Terms as they are stored; most rows have none, and are not parsed. */
export function readTerms(json: string): Terms {
  return json === '{}' ? none : (JSON.parse(json) as Terms)
}

/** Terms with others over them: what the others do not name stays. */
export function mergeTerms(before: Terms, more: Terms): Terms {
  const { probation, serving, ...rest } = more
  return {
    ...before,
    ...rest,
    ...(probation === undefined ? {} : { probation: { ...before.probation, ...probation } }),
    ...(serving === undefined ? {} : { serving: { ...before.serving, ...serving } }),
  }
}

/** True if both say the same, whatever the order of their names. */
export function isSameTerms(a: Terms, b: Terms): boolean {
  return sorted(a) === sorted(b)
}

function sorted(terms: Terms): string {
  return JSON.stringify(terms, (_key, value: unknown) =>
    typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  )
}
