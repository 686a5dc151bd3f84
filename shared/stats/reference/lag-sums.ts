import { readCount, readFields, readNumber } from '../read-state.ts'

/** Sums over a stream of standardised values y and the pairs (y_t, y_{t-1}) of neighbours. All add, so parts of a stream merge in any order. */
export interface LagSums {
  count: number
  sum: number
  squares: number
  /** Pairs of neighbours: one less than the values per uninterrupted part. */
  pairs: number
  /** Sum of the later ones of the pairs. */
  heads: number
  /** Sum of the earlier ones of the pairs. */
  tails: number
  products: number
}

const names = ['count', 'sum', 'squares', 'pairs', 'heads', 'tails', 'products'] as const
/** A value further than so many standard deviations from the reference counts as that far, so that no square leaves the doubles. */
const FURTHEST = 1e6
/** Digits that are kept of a sum: far below the noise of any window, and half the bytes on the wire. */
const DIGITS = 10

/** The sums of no values. */
export function emptyLagSums(): LagSums {
  return { count: 0, sum: 0, squares: 0, pairs: 0, heads: 0, tails: 0, products: 0 }
}

/** Adds the second to the first. */
export function addLagSums(into: LagSums, other: LagSums): void {
  for (const name of names) into[name] += other[name]
}

/** @throws Problem `message.malformed` if the value is no such sums */
export function parseLagSums(value: unknown): LagSums {
  const fields = readFields(value, 'the lag sums', names)
  const sums = emptyLagSums()
  for (const name of names) {
    const whole = name === 'count' || name === 'pairs'
    sums[name] = whole ? readCount(fields[name], name) : readNumber(fields[name], name, name === 'squares' ? { min: 0 } : {})
  }
  return sums
}

/**
 * Slots that a counter keeps: the sums; the values that begin and end the uninterrupted parts, from which heads and tails follow without two more
 * additions per value; the previous value and whether there is one; how values are standardised.
 */
const [COUNT, SUM, SQUARES, PRODUCTS, PARTS, FIRSTS, LASTS, LAST, HAS_LAST, CENTRE, PER_SCALE] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const

/** Numbers that a counter of lag sums needs. */
export const LAG_SLOTS = 11

/** Counts a stream in constant memory without allocating. */
export class LagCounter {
  readonly #slots: Float64Array

  /**
   * Values are taken in `scale`s from `centre`: mean and deviation of the reference, so that a large offset loses no digits.
   * @param slots `LAG_SLOTS` numbers to keep the sums in; next to what else is counted they cost no further cache line
   */
  constructor(centre: number, scale: number, slots: Float64Array = new Float64Array(LAG_SLOTS)) {
    this.#slots = slots
    slots[CENTRE] = centre
    slots[PER_SCALE] = scale > 0 && Number.isFinite(1 / scale) ? 1 / scale : 1
  }

  /** Counts a finite value. */
  add(value: number): void {
    const slots = this.#slots
    let y = (value - slots[CENTRE]!) * slots[PER_SCALE]!
    if (y > FURTHEST) y = FURTHEST
    else if (y < -FURTHEST) y = -FURTHEST
    slots[COUNT]! += 1
    slots[SUM]! += y
    slots[SQUARES]! += y * y
    if (slots[HAS_LAST] === 1) slots[PRODUCTS]! += y * slots[LAST]!
    else this.#begin(y)
    slots[LAST] = y
  }

  #begin(y: number): void {
    this.#slots[HAS_LAST] = 1
    this.#slots[PARTS]! += 1
    this.#slots[FIRSTS]! += y
  }

  /** The next value has no neighbour: time is missing in between. */
  interrupt(): void {
    if (this.#slots[HAS_LAST] === 1) this.#slots[LASTS]! += this.#slots[LAST]!
    this.#slots[HAS_LAST] = 0
  }

  /** Forgets the sums and keeps the last value, so that the next window loses no pair. */
  restart(): void {
    const slots = this.#slots
    slots.fill(0, 0, LAST)
    // It is the earlier one of a pair without being a value of this window.
    if (slots[HAS_LAST] === 1) slots[LASTS] = -slots[LAST]!
  }

  /** Adds sums that were counted before, e.g. before a restart of the process. */
  merge(sums: LagSums): void {
    const slots = this.#slots
    slots[COUNT]! += sums.count
    slots[SUM]! += sums.sum
    slots[SQUARES]! += sums.squares
    slots[PRODUCTS]! += sums.products
    slots[PARTS]! += sums.count - sums.pairs
    slots[FIRSTS]! += sums.sum - sums.heads
    slots[LASTS]! += sums.sum - sums.tails
  }

  /** The sums, to ten digits. */
  sums(): LagSums {
    const slots = this.#slots
    const at = (value: number): number => Number(value.toPrecision(DIGITS))
    const [count, sum] = [slots[COUNT]!, slots[SUM]!]
    const open = slots[HAS_LAST] === 1 ? slots[LAST]! : 0
    return {
      count,
      sum: at(sum),
      squares: at(slots[SQUARES]!),
      pairs: count - slots[PARTS]!,
      heads: at(sum - slots[FIRSTS]!),
      tails: at(sum - slots[LASTS]! - open),
      products: at(slots[PRODUCTS]!),
    }
  }
}
