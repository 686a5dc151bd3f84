import type { Manifest } from '../../../../shared/domain/bundle.ts'

/** What Muster takes each input for. */
export function usesOfInputs({ schema }: Pick<Manifest, 'schema'>): Record<string, string> {
  return schema.input === null ? {} : { [schema.input]: `${schema.features.length} features` }
}

/** What Muster takes each output for. */
export function usesOfOutputs({ outcome, task }: Pick<Manifest, 'outcome' | 'task'>): Record<string, string> {
  if (task === 'other') return {}
  const uses: Record<string, string> = {}
  if (outcome.label !== null) uses[outcome.label] = 'the class'
  if (outcome.probabilities !== null) uses[outcome.probabilities] = 'probabilities'
  if (outcome.value !== null) uses[outcome.value] = 'the value'
  return uses
}
