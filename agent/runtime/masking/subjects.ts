import { createHmac } from 'node:crypto'
import { plainData, type Tensor } from '../../../shared/inference/tensor.ts'
import type { PrivacyRules } from '../../../shared/protocol/assignment.ts'
import { featurePlaces } from '../feature-places.ts'
import type { MaskedManifest } from './field-masks.ts'

/** Hexadecimal digits of a reference: 128 bits, so that no two people of a fleet meet. */
const REF_DIGITS = 32
/** Rows whose subject a record names. */
const MOST_ROWS = 4096

/** A request whose subjects are asked for. */
interface AboutSomebody {
  manifest: MaskedManifest
  inputs: readonly Tensor[]
  /** What the client said; it counts for every row that no field tells of. */
  about?: string | null
}

/** Tells whom rows are about, as a keyed hash: the console can find what belongs to a person, and nobody finds the person. */
export class Subjects {
  readonly #rules: PrivacyRules | undefined

  constructor(rules: PrivacyRules | undefined) {
    this.#rules = rules
  }

  /** The reference of a subject; null: the fleet has no salt, so nothing of it may leave. */
  ref(subject: string): string | null {
    return this.#rules === undefined ? null : createHmac('sha256', this.#rules.salt).update(subject).digest('hex').slice(0, REF_DIGITS)
  }

  /** Whom each row is about; null: nobody that is known. */
  of({ manifest, inputs, about }: AboutSomebody): (string | null)[] | null {
    const rules = this.#rules
    if (rules === undefined || (rules.subjects.length === 0 && about == null)) return null
    const rows = Math.min(MOST_ROWS, inputs[0]?.shape[0] ?? 1)
    const said = about == null ? null : this.ref(about)
    const values = rules.subjects.map((field) => valuesOf(manifest, inputs, field)).find((found) => found !== null)
    const refs = Array.from({ length: rows }, (_, row) => {
      const value = values?.[row]
      return value === undefined || value === '' ? said : this.ref(String(value))
    })
    return refs.every((ref) => ref === null) ? null : refs
  }
}

/** The values of a field, row by row; null: the request has no such field. */
function valuesOf(manifest: MaskedManifest, inputs: readonly Tensor[], field: string): (string | number | boolean)[] | null {
  const place = featurePlaces(manifest).find(({ feature }) => feature === field)
  const tensor = inputs.find(({ name }) => name === (place?.input ?? field))
  if (tensor === undefined) return null
  const data = plainData(tensor)
  const columns = Math.max(1, data.length / Math.max(1, tensor.shape[0] ?? 1))
  return data.filter((_, i) => i % columns === (place?.column ?? 0))
}
