import type { Manifest } from '../../shared/domain/bundle.ts'
import { isMatrix, requestSpecs } from '../../shared/inference/request-specs.ts'

/** Where the values of a feature lie in a request: a column of an input of shape [rows, columns]. */
export interface FeaturePlace {
  feature: string
  input: string
  column: number
}

/** The features of a bundle in a request, before any step; none where the model is not tabular. */
export function featurePlaces(manifest: Pick<Manifest, 'inputs' | 'preprocessing' | 'schema'>): FeaturePlace[] {
  const { preprocessing, schema } = manifest
  if (preprocessing.v === 1) {
    const { input } = schema
    return input === null ? [] : schema.features.map(({ name }, column) => ({ feature: name, input, column }))
  }
  if (preprocessing.kind === 'picture') return []
  if (!isMatrix(preprocessing)) return preprocessing.columns.map(({ name }) => ({ feature: name, input: name, column: 0 }))
  const input = requestSpecs(manifest)[0]!.name
  return preprocessing.columns.map(({ name }, column) => ({ feature: name, input, column }))
}
