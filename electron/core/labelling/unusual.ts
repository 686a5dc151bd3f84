import type { Baseline, Manifest } from '../../../shared/domain/bundle.ts'
import { fencesOfBins } from '../../../shared/stats/quality/tukey-fences.ts'
import type { NamedCell } from './row-input.ts'

/** What a bundle knows of usual values. */
export type Usual = (cell: NamedCell) => boolean

type FeatureReference = Baseline['features'][number]

/**
 * Tells whether a value is a usual one of the training rows: within their range and fences, or one of their categories. A value that was
 * masked, and one that nothing is known of, passes for usual; a missing one is unusual where the training rows had none.
 */
export function usualOf(manifest: Manifest | null, baseline: Baseline | null): Usual {
  const references = new Map((baseline?.features ?? []).map((one) => [one.name, one]))
  const ranges = new Map((manifest?.schema.features ?? []).map((one) => [one.name, one]))
  return ({ name, value, mask }) => {
    if (mask !== null) return true
    const reference = references.get(name)
    if (reference !== undefined) return isUsual(reference, value)
    const range = ranges.get(name)
    const number = numberOf(value)
    if (range === undefined || number === null || range.min === null || range.max === null) return true
    return number >= range.min && number <= range.max
  }
}

function isUsual(reference: FeatureReference, value: NamedCell['value']): boolean {
  if (isMissing(value)) return reference.missing > 0
  if (reference.kind === 'categorical') return reference.other > 0 || reference.categories.some(([category]) => category === String(value))
  const number = numberOf(value)
  if (number === null) return false
  if (number < reference.min || number > reference.max) return false
  const fences = fencesOfBins(reference)
  return fences === null || (number >= fences.low && number <= fences.high)
}

/** NaN travels as text. */
function isMissing(value: NamedCell['value']): boolean {
  return value === null || value === 'NaN' || value === ''
}

function numberOf(value: NamedCell['value']): number | null {
  return typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : null
}
