import { createHmac } from 'node:crypto'
import { plainData, type Tensor } from '../../../shared/inference/tensor.ts'
import type { PrivacyRules } from '../../../shared/protocol/assignment.ts'
import { fieldMasks, type FieldMasks, type MaskedManifest, type MaskKind, type MaskRules } from './field-masks.ts'
import { Subjects } from './subjects.ts'

/** A value as a record carries it; null: it was dropped. */
export type PlainValue = string | number | boolean | null

/** A tensor as a sample carries it, and how its fields were masked. */
export interface MaskedTensor {
  tensor: { name: string; datatype: string; shape: readonly number[]; data: PlainValue[] }
  masked: Record<string, MaskKind>
}

/** Hexadecimal digits of a hash: 64 bits, so that no two values of a field meet. */
const HASH_DIGITS = 16
/** Characters that a masked value takes at most in a record, with quotes and comma. */
export const MASKED_CHARACTERS = HASH_DIGITS + 'hash:'.length + 3

/**
 * Masks values before they leave the runtime. A hash is keyed with what never leaves the device, and with the name of its field: equal values
 * of a field can be told to be equal, and nothing else.
 */
export class Masks {
  readonly #key: Buffer
  #rules: MaskRules
  #subjects: Subjects
  #found = new WeakMap<MaskedManifest, FieldMasks>()

  /** @param secret of this device; the key is derived from it */
  constructor(secret: string, rules: MaskRules, privacy?: PrivacyRules) {
    this.#key = createHmac('sha256', secret).update('masks of values').digest()
    this.#rules = rules
    this.#subjects = new Subjects(privacy)
  }

  /** Whom rows are about. */
  get subjects(): Subjects {
    return this.#subjects
  }

  get rules(): MaskRules {
    return this.#rules
  }

  /** Changes the masks of what leaves from now on. */
  setRules(rules: MaskRules, privacy?: PrivacyRules): void {
    this.#rules = rules
    this.#subjects = new Subjects(privacy)
    this.#found = new WeakMap()
  }

  /** The masks of a bundle. */
  of(manifest: MaskedManifest): FieldMasks {
    const known = this.#found.get(manifest)
    if (known !== undefined) return known
    const found = fieldMasks(manifest, this.#rules)
    this.#found.set(manifest, found)
    return found
  }

  /** An input or output in the form of a record; NaN and infinity, which JSON does not have, travel as text. */
  tensor(tensor: Tensor, masks: FieldMasks): MaskedTensor {
    const { name, datatype, shape } = tensor
    const mask = masks.tensor(name)
    const plain = plainData(tensor)
    const columns = plain.length / Math.max(1, shape[0] ?? 1)
    const masked: Record<string, MaskKind> = {}
    const data = plain.map((value, i): PlainValue => {
      const by = mask?.columns.get(i % columns) ?? (mask?.whole == null ? null : { field: name, mask: mask.whole })
      if (by === null) return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
      // Defined, not assigned: a field may be called __proto__.
      Object.defineProperty(masked, by.field, { value: by.mask, enumerable: true, configurable: true, writable: true })
      return this.value(by.field, by.mask, value)
    })
    return { tensor: { name, datatype, shape, data }, masked }
  }

  /** A value of a field. Two significant digits are made of numbers only: a text or truth value that would be rounded is dropped. */
  value(field: string, mask: MaskKind, value: string | number | boolean): PlainValue {
    if (mask === 'drop') return null
    // Missing is no secret, and nothing else can be made of it.
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
    if (mask === 'hash') return `hash:${this.#hash(field, String(value))}`
    return typeof value === 'number' ? twoDigits(value) : null
  }

  #hash(field: string, text: string): string {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([field, text]))
      .digest('hex')
      .slice(0, HASH_DIGITS)
  }
}

/** A number to two significant digits. */
export function twoDigits(value: number): number {
  return Number(value.toPrecision(2))
}
