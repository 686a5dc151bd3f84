import { numberCategory, type FeatureBaseline } from '../reference-bins.ts'
import { addFeatureCounts, type CategoryCounts } from './feature-counts.ts'
import { referenceKey } from './reference-key.ts'

/** A categorical feature of the baseline. */
export type CategoryReference = Extract<FeatureBaseline, { kind: 'categorical' }>

/** Whole numbers below this find their bin in a table: pixels, codes and truth values are most categories that are numbers. */
const TABLED = 256
/** Stands for "no value before" among the bins. */
const NO_CATEGORY = -1
const [MISSING, INFINITE, WRONG_TYPE, PAIRS, SAME, LAST] = [0, 1, 2, 3, 4, 5] as const

/**
 * Counts one categorical feature, or predicted labels, against its reference: a bin per named category, then `other`, then `unseen`. Memory is
 * that of the reference, whatever arrives.
 *
 * A device knows only the named categories. A value that is none of them counts as `other` if the reference has unnamed categories, else as
 * `unseen`: only then it is certain that training never had it.
 */
export class CategoryCounter {
  readonly #key: string
  readonly #byText = new Map<string, number>()
  readonly #byNumber = new Map<number, number>()
  readonly #bins: Float64Array
  /** Bin of each small whole number. */
  readonly #table: Uint8Array
  /** True if no category is a number beside those of the table. */
  readonly #isTabled: boolean
  readonly #unnamed: number
  readonly #tallies = new Float64Array(6)

  constructor(reference: CategoryReference) {
    this.#key = referenceKey(reference)
    for (const [bin, [name]] of reference.categories.entries()) {
      this.#byText.set(name, bin)
      if (numberCategory(Number(name)) === name) this.#byNumber.set(Number(name), bin)
    }
    this.#bins = new Float64Array(reference.categories.length + 2)
    this.#unnamed = this.#bins.length - (reference.other > 0 ? 2 : 1)
    this.#table = new Uint8Array(TABLED).fill(this.#unnamed)
    let tabled = 0
    for (const [value, bin] of this.#byNumber) {
      if (!(value >= 0 && value < TABLED && Number.isInteger(value))) continue
      this.#table[value] = bin
      tabled += 1
    }
    this.#isTabled = tabled === this.#byNumber.size
    this.#tallies[LAST] = NO_CATEGORY
  }

  /** Counts a text, number or boolean; null, undefined and NaN are missing, anything else is of the wrong type. */
  add(value: unknown): void {
    if (typeof value === 'number') this.addNumber(value)
    else if (typeof value === 'string') this.#count(this.#byText.get(value))
    else if (typeof value === 'boolean') this.#count(this.#byText.get(String(value)))
    else this.#tallies[value === null || value === undefined ? MISSING : WRONG_TYPE]! += 1
  }

  /** Counts a number as the category of its shortest decimal form; NaN is missing. */
  addNumber(value: number): void {
    if (value >= 0 && value < TABLED && (value | 0) === value) this.#count(this.#table[value])
    else if (value - value !== 0) this.#tallies[Number.isNaN(value) ? MISSING : INFINITE]! += 1
    else this.#count(this.#isTabled ? undefined : this.#byNumber.get(value))
  }

  /** Counts a column of row-major values: `start`, `start + stride`, ... */
  addColumn(values: ArrayLike<number>, start: number, stride: number): void {
    for (let i = start; i < values.length; i += stride) this.addNumber(values[i]!)
  }

  /** Grows with every value that training never had, until the next window begins. */
  get strange(): number {
    return this.#bins[this.#bins.length - 1]!
  }

  /** Says that time is missing before the next value. */
  interrupt(): void {
    this.#tallies[LAST] = NO_CATEGORY
  }

  /**
   * Adds what was counted before, e.g. before a restart within the window.
   * @throws Problem `input.invalid` if it was counted against another reference
   */
  merge(counts: CategoryCounts): void {
    const own = this.counts()
    addFeatureCounts(own, counts)
    this.#bins.set(own.bins)
    this.#tallies.set([own.missing, own.infinite, own.wrongType, own.pairs, own.same])
  }

  /** The counts as they travel; equal counters give equal states. */
  counts(): CategoryCounts {
    const [missing, infinite, wrongType, pairs, same] = this.#tallies as unknown as [number, number, number, number, number]
    return { v: 1, kind: 'categorical', key: this.#key, bins: Array.from(this.#bins), missing, infinite, wrongType, pairs, same }
  }

  /** Begins the next window; the previous value stays the neighbour of the next one. */
  restart(): void {
    this.#bins.fill(0)
    this.#tallies.fill(0, 0, LAST)
  }

  #count(named: number | undefined): void {
    const tallies = this.#tallies
    const bin = named ?? this.#unnamed
    this.#bins[bin]! += 1
    if (tallies[LAST] !== NO_CATEGORY) {
      tallies[PAIRS]! += 1
      if (tallies[LAST] === bin) tallies[SAME]! += 1
    }
    tallies[LAST] = bin
  }
}
