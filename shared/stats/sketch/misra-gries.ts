import { Problem } from '../../domain/problem.ts'
import { malformedState, readArray, readConstant, readCount, readFields, readText } from '../read-state.ts'

const LONGEST_NAME = 256

/** The summary as it travels, names in ascending order. */
export interface MisraGriesState {
  v: 1
  capacity: number
  total: number
  items: [name: string, count: number][]
}

/**
 * Frequent categories with a bound that every merge keeps: Misra-Gries (Sci. Comput. Program. 2, 1982), merged as in Agarwal et al. (PODS 2012).
 * estimate <= true <= estimate + n / (k + 1) for every name, kept or not.
 */
export class MisraGries {
  readonly capacity: number
  readonly #counts = new Map<string, number>()
  #total = 0

  constructor(capacity: number) {
    if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > 1024) throw new RangeError(`a summary of ${capacity} categories`)
    this.capacity = capacity
  }

  /** How many values were counted. */
  get total(): number {
    return this.#total
  }

  /** How far a true count may be above its estimate, n / (k + 1). */
  get bound(): number {
    return this.#total / (this.capacity + 1)
  }

  /** Counts a name; false, with nothing changed, for what is no text. */
  add(name: string): boolean {
    if (typeof name !== 'string') return false
    const key = name.length > LONGEST_NAME ? name.slice(0, LONGEST_NAME) : name
    this.#total += 1
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    if (this.#counts.size > this.capacity) this.#subtract(1)
    return true
  }

  /**
   * Adds the other's counts, then subtracts the (k + 1)-th largest.
   * @throws Problem `input.invalid` if the capacities differ
   */
  merge(other: MisraGries): void {
    if (other.capacity !== this.capacity) {
      throw new Problem('input.invalid', `Summaries of ${this.capacity} and ${other.capacity} categories do not merge.`)
    }
    // A copy: a summary may be merged with itself.
    for (const [name, count] of [...other.#counts]) this.#counts.set(name, (this.#counts.get(name) ?? 0) + count)
    this.#total += other.#total
    if (this.#counts.size <= this.capacity) return
    this.#subtract([...this.#counts.values()].sort((a, b) => b - a)[this.capacity]!)
  }

  /** The least that a name occurred; at most n / (k + 1) below the truth. */
  estimate(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  /** The summary as it travels; equal summaries give equal states. */
  state(): MisraGriesState {
    const items = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))
    return { v: 1, capacity: this.capacity, total: this.#total, items }
  }

  /** @throws Problem `message.malformed` if the value is no such state */
  static parse(value: unknown): MisraGries {
    const fields = readFields(value, 'the summary', ['v', 'capacity', 'total', 'items'])
    readConstant(fields.v, 'the version', 1)
    const capacity = readCount(fields.capacity, 'the capacity')
    if (capacity < 1 || capacity > 1024) throw malformedState('the capacity is out of range')
    const summary = new MisraGries(capacity)
    summary.#total = readCount(fields.total, 'the total')
    let counted = 0
    for (const entry of readArray(fields.items, 'the items', { max: capacity })) {
      const [name, count] = readArray(entry, 'an item', { min: 2, max: 2 })
      const key = readText(name, 'a name', LONGEST_NAME)
      if (summary.#counts.has(key)) throw malformedState(`${key} occurs twice`)
      if (readCount(count, 'a count') === 0) throw malformedState(`${key} is kept without a count`)
      summary.#counts.set(key, count as number)
      counted += count as number
    }
    if (counted > summary.#total) throw malformedState('the categories are more than the total')
    return summary
  }

  #subtract(amount: number): void {
    for (const [name, count] of this.#counts) {
      if (count <= amount) this.#counts.delete(name)
      else this.#counts.set(name, count - amount)
    }
  }
}
