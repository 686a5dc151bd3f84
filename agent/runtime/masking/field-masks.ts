import type { Manifest } from '../../../shared/domain/bundle.ts'
import { ownValue } from '../../../shared/domain/own-value.ts'
import type { RuntimeConfig } from '../../../shared/protocol/assignment.ts'
import { featurePlaces } from '../feature-places.ts'

/** Masks by feature, input or output, as the configuration has them. */
export type MaskRules = RuntimeConfig['masks']
/** What a mask does, the strictest first. */
const kinds = ['drop', 'hash', 'round'] as const
export type MaskKind = (typeof kinds)[number]

/** How the elements of a tensor are masked: all of them, or those of some columns. */
export interface TensorMask {
  whole: MaskKind | null
  columns: ReadonlyMap<number, { field: string; mask: MaskKind }>
}

/** The masks of one bundle. */
export interface FieldMasks {
  feature(name: string): MaskKind | null
  /** Of an input or output; null: it goes as it is. */
  tensor(name: string): TensorMask | null
  /** Of what the model says: by the output that says it, or the column of the true label. */
  outcome: MaskKind | null
  /** Of how sure it is: by the output with the probabilities. */
  confidence: MaskKind | null
}

/** What a manifest tells of fields. */
export type MaskedManifest = Pick<Manifest, 'inputs' | 'preprocessing' | 'schema' | 'outcome'>

/** Finds the fields of a bundle that are masked. Where a feature and its input are, the stricter mask counts. */
export function fieldMasks(manifest: MaskedManifest, rules: MaskRules): FieldMasks {
  const of = (name: string | null): MaskKind | null => (name === null ? null : (ownValue(rules, name) ?? null))
  const features = new Map<string, MaskKind>()
  const tensors = new Map<string, TensorMask & { columns: Map<number, { field: string; mask: MaskKind }> }>()
  for (const [name, whole] of Object.entries(rules)) tensors.set(name, { whole, columns: new Map() })
  for (const { feature, input, column } of featurePlaces(manifest)) {
    const mask = strictest([of(feature), of(input)])
    if (mask === null) continue
    features.set(feature, mask)
    const tensor = tensors.get(input) ?? { whole: null, columns: new Map<number, { field: string; mask: MaskKind }>() }
    tensor.columns.set(column, { field: feature, mask })
    tensors.set(input, tensor)
  }
  const { label, value, probabilities } = manifest.outcome
  return {
    feature: (name) => features.get(name) ?? null,
    tensor: (name) => tensors.get(name) ?? null,
    outcome: strictest([of(label ?? value ?? probabilities), of(manifest.schema.target)]),
    confidence: of(probabilities),
  }
}

/** The one that hides most; null without one. */
export function strictest(masks: readonly (MaskKind | null)[]): MaskKind | null {
  return kinds.find((kind) => masks.includes(kind)) ?? null
}
