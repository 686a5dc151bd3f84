import { findAttribute, type Attribute } from '../../../shared/domain/query/attributes.ts'
import type { Vocabulary } from '../../../shared/domain/query/complete.ts'
import { parseBytes } from '../../../shared/domain/query/values.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import { labelsInUse } from './summary.ts'

/** Sizes that people compare with; the sizes that devices report are nearly all different. */
const usualSizes = ['256MB', '512MB', '1GB', '2GB', '4GB', '8GB', '16GB', '32GB']

/** What a query can be completed with: the labels, and the values that the devices of the fleet have. */
export function vocabularyOf(entries: readonly RosterEntry[]): Vocabulary {
  const labels = labelsInUse(entries)
  return {
    labels,
    valuesOf(name) {
      const attribute = findAttribute(name, labels)
      if (attribute === null) return []
      return attribute.type === 'bytes' ? sizes(entries, attribute) : values(entries, attribute)
    },
  }
}

function values(entries: readonly RosterEntry[], attribute: Attribute): { value: string; detail: string }[] {
  const devices = new Map<string, number>((attribute.values ?? []).map((value) => [value, 0]))
  for (const { subject } of entries) {
    const one = attribute.members?.(subject) ?? [attribute.read?.(subject) ?? null]
    for (const value of new Set(one)) if (value !== null) devices.set(String(value), (devices.get(String(value)) ?? 0) + 1)
  }
  return [...devices]
    .sort(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1))
    .map(([value, count]) => ({ value, detail: count === 1 ? '1 device' : `${count} devices` }))
}

function sizes(entries: readonly RosterEntry[], attribute: Attribute): { value: string; detail: string }[] {
  const told = entries.map(({ subject }) => Number(attribute.read?.(subject) ?? Number.NaN))
  return usualSizes.map((value) => {
    const least = parseBytes(value)!
    return { value, detail: `${told.filter((size) => size >= least).length} devices have at least so much` }
  })
}
