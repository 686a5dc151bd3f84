import { Problem } from '../../domain/problem.ts'
import { malformedState, readArray, readConstant, readCount, readFields, readText } from '../read-state.ts'

/** Categories that are kept, and the longest name of one, in UTF-16 units; a longer one is cut. */
const CAPACITY = 64
const LONGEST_NAME = 256

/** A frequent category: count - error <= true count <= count. */
export interface FrequentItem {
  name: string
  count: number
  error: number
}

/** The sketch as it travels, items by count, equal counts by name. */
export interface SpaceSavingState {
  v: 1
  capacity: number
  total: number
  items: [name: string, count: number, error: number][]
}

/**
 * The most frequent categories of a stream in constant memory: Space-Saving (Metwally, Agrawal, El Abbadi, ICDT 2005). For every kept name
 * count - error <= true <= count; a name that is not kept occurred at most `floor` times. Both hold after any merges (Agarwal et al., PODS 2012); in one
 * stream error <= total / capacity. Which names are kept at the end of the list may depend on the order of merges.
 */
export class SpaceSaving {
  readonly capacity: number
  readonly #items = new Map<string, { count: number; error: number }>()
  /** Names that had the least count when it was last looked for, the one to go first at the end; some may have grown since. */
  #rarest: string[] = []
  #rarestCount = 0
  #total = 0

  constructor(capacity = CAPACITY) {
    if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > 1024) throw new RangeError(`a sketch of ${capacity} categories`)
    this.capacity = capacity
  }

  /** How many values were counted. */
  get total(): number {
    return this.#total
  }

  /** The largest count that a name which is not kept may have. */
  get floor(): number {
    return this.#items.size < this.capacity ? 0 : this.#least().count
  }

  /** Counts a name; false, with nothing changed, for what is no text or a weight that is no positive whole number. */
  add(name: string, weight = 1): boolean {
    if (typeof name !== 'string' || !Number.isSafeInteger(weight) || weight < 1) return false
    const key = name.length > LONGEST_NAME ? name.slice(0, LONGEST_NAME) : name
    this.#total += weight
    const kept = this.#items.get(key)
    if (kept !== undefined) {
      kept.count += weight
    } else if (this.#items.size < this.capacity) {
      this.#items.set(key, { count: weight, error: 0 })
    } else {
      const least = this.#least()
      this.#items.delete(least.name)
      this.#items.set(key, { count: least.count + weight, error: least.count })
    }
    return true
  }

  /**
   * Adds everything the other has seen: a name that only one keeps may have had up to `floor` occurrences in the other.
   * @throws Problem `input.invalid` if they keep different numbers of names
   */
  merge(other: SpaceSaving): void {
    if (other.capacity !== this.capacity) {
      throw new Problem('input.invalid', `Sketches of ${this.capacity} and ${other.capacity} categories do not merge.`)
    }
    const [ownFloor, otherFloor] = [this.floor, other.floor]
    const items = new Map<string, { count: number; error: number }>()
    for (const name of new Set([...this.#items.keys(), ...other.#items.keys()])) {
      const a = this.#items.get(name) ?? { count: ownFloor, error: ownFloor }
      const b = other.#items.get(name) ?? { count: otherFloor, error: otherFloor }
      items.set(name, { count: a.count + b.count, error: a.error + b.error })
    }
    this.#total += other.#total
    this.#rarest = []
    this.#items.clear()
    for (const { name, count, error } of ordered(items).slice(0, this.capacity)) this.#items.set(name, { count, error })
  }

  /** The kept categories, the most frequent first. */
  items(): FrequentItem[] {
    return ordered(this.#items)
  }

  /** The sketch as it travels; equal sketches give equal states. */
  state(): SpaceSavingState {
    const items = this.items().map(({ name, count, error }): [string, number, number] => [name, count, error])
    return { v: 1, capacity: this.capacity, total: this.#total, items }
  }

  /** @throws Problem `message.malformed` if the value is no such state */
  static parse(value: unknown): SpaceSaving {
    const fields = readFields(value, 'the frequent categories', ['v', 'capacity', 'total', 'items'])
    readConstant(fields.v, 'the version', 1)
    const capacity = readCount(fields.capacity, 'the capacity')
    if (capacity < 1 || capacity > 1024) throw malformedState('the capacity is out of range')
    const sketch = new SpaceSaving(capacity)
    sketch.#total = readCount(fields.total, 'the total')
    for (const entry of readArray(fields.items, 'the items', { max: capacity })) {
      const [name, count, error] = readArray(entry, 'an item', { min: 3, max: 3 })
      const item = { count: readCount(count, 'a count'), error: readCount(error, 'an error') }
      const key = readText(name, 'a name', LONGEST_NAME)
      if (item.count <= 0 || item.error > item.count || item.count > sketch.#total) throw malformedState(`the count of ${key} does not fit`)
      if (sketch.#items.has(key)) throw malformedState(`${key} occurs twice`)
      sketch.#items.set(key, item)
    }
    if (sketch.items().reduce((sum, { count, error }) => sum + count - error, 0) > sketch.#total) {
      throw malformedState('the categories are more than the total')
    }
    return sketch
  }

  /**
   * The last of the order: the rarest, of equals the one with the larger name. Counts only grow, so a scan finds all that go next before any
   * other does: a stream of new names costs a scan per round, not per name.
   */
  #least(): { name: string; count: number } {
    for (;;) {
      const name = this.#rarest.at(-1)
      if (name === undefined) this.#findRarest()
      else if (this.#items.get(name)?.count === this.#rarestCount) return { name, count: this.#rarestCount }
      else this.#rarest.pop()
    }
  }

  #findRarest(): void {
    this.#rarestCount = Number.POSITIVE_INFINITY
    for (const { count } of this.#items.values()) this.#rarestCount = Math.min(this.#rarestCount, count)
    this.#rarest = [...this.#items].flatMap(([name, { count }]) => (count === this.#rarestCount ? [name] : [])).sort()
  }
}

function ordered(items: ReadonlyMap<string, { count: number; error: number }>): FrequentItem[] {
  return [...items]
    .map(([name, { count, error }]) => ({ name, count, error }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}
