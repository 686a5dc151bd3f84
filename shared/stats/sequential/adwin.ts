import { malformedState, readArray, readConstant, readCount, readFields, readNumber } from '../read-state.ts'

/** How the window reacts. */
export interface AdwinRule {
  /** Bound of the chance of a false cut. */
  delta: number
  /** A cut is looked for at every so many values. */
  clock: number
  /** Buckets of one size. */
  maxBuckets: number
  /** Fewer values than this are no part. */
  leastPart: number
  /** Up to this width nothing is cut. */
  grace: number
  /** Begin anew after an alarm, as river does; else only the old part is dropped, as the paper does, and one change may fire again. */
  restart: boolean
}

/** The constants of river. */
export const defaultAdwinRule: AdwinRule = { delta: 0.002, clock: 32, maxBuckets: 5, leastPart: 5, grace: 10, restart: true }

/** Values of 2^row neighbours: their sum, and the sum of squared distances from their mean. */
interface Bucket {
  sum: number
  spread: number
}

/** Rows beyond this would hold more values than can be counted. */
const MOST_ROWS = 53
const ruleNames = ['delta', 'clock', 'maxBuckets', 'leastPart', 'grace', 'restart'] as const

/** The window as it is kept on a disk: rows from the newest, in each the buckets from the oldest. */
export interface AdwinState extends AdwinRule {
  v: 1
  ticks: number
  rows: [sum: number, spread: number][][]
}

/**
 * Adaptive window over a bounded or scaled signal: it is cut where two parts differ by more than chance (ADWIN, Bifet, Gavalda, SDM 2007), kept
 * as an exponential histogram of O(log n) buckets. A cut needs |mean0 - mean1| > sqrt(2 m var d) + 2/3 m d with m = 1/(n0 - 4) + 1/(n1 - 4) and
 * d = ln(2 ln(width) / delta).
 */
export class Adwin {
  readonly #rule: AdwinRule
  /** Row r holds buckets of 2^r values, the oldest first; the last row is the oldest part. */
  #rows: Bucket[][] = [[]]
  #ticks = 0
  #width = 0
  #sum = 0
  #spread = 0

  /** @throws RangeError unless 0 < delta < 1 and the counts are positive */
  constructor(rule: Partial<AdwinRule> = {}) {
    this.#rule = { ...defaultAdwinRule, ...rule }
    const { delta, clock, maxBuckets, leastPart, grace } = this.#rule
    const isWhole = [clock, maxBuckets, leastPart].every((count) => Number.isSafeInteger(count) && count >= 1)
    if (!(delta > 0 && delta < 1) || !isWhole || maxBuckets < 2 || maxBuckets > 100 || !(grace >= 0)) throw new RangeError('no such window')
  }

  /** Values in the window. */
  get width(): number {
    return this.#width
  }

  /** Their sum. */
  get total(): number {
    return this.#sum
  }

  /** The sum of their squared distances from their mean. */
  get squaredDeviation(): number {
    return this.#spread
  }

  /** Mean of the window, or null while it is empty. */
  get mean(): number | null {
    return this.#width === 0 ? null : this.#sum / this.#width
  }

  /** Counts a value; true if the window was cut. Values that are not finite are left out. */
  add(value: number): boolean {
    if (!Number.isFinite(value)) return false
    if (this.#width > 0) this.#spread += (this.#width * (value - this.#sum / this.#width) ** 2) / (this.#width + 1)
    this.#width += 1
    this.#sum += value
    this.#rows[0]!.push({ sum: value, spread: 0 })
    this.#compress()
    this.#ticks += 1
    if (this.#ticks % this.#rule.clock !== 0 || this.#width <= this.#rule.grace) return false
    let isCut = false
    while (this.#hasCut()) {
      this.#dropOldest()
      isCut = true
    }
    if (isCut && this.#rule.restart) this.#restart()
    return isCut
  }

  #restart(): void {
    this.#rows = [[]]
    this.#ticks = 0
    this.#width = 0
    this.#sum = 0
    this.#spread = 0
  }

  /** Where a row is too long, its two oldest buckets become one of the next row. */
  #compress(): void {
    for (let row = 0; row < this.#rows.length; row += 1) {
      const buckets = this.#rows[row]!
      if (buckets.length <= this.#rule.maxBuckets) return
      const [a, b] = buckets.splice(0, 2) as [Bucket, Bucket]
      const size = 2 ** row
      if (row + 1 === this.#rows.length) this.#rows.push([])
      this.#rows[row + 1]!.push({ sum: a.sum + b.sum, spread: a.spread + b.spread + (size / 2) * (a.sum / size - b.sum / size) ** 2 })
    }
  }

  #dropOldest(): void {
    const row = this.#rows.length - 1
    const bucket = this.#rows[row]!.shift()!
    const size = 2 ** row
    this.#width -= size
    this.#sum -= bucket.sum
    const distance = bucket.sum / size - this.#sum / this.#width
    this.#spread = Math.max(0, this.#spread - bucket.spread - (size * this.#width * distance ** 2) / (size + this.#width))
    while (this.#rows.length > 1 && this.#rows.at(-1)!.length === 0) this.#rows.pop()
  }

  /** True if the window splits into two parts that differ. */
  #hasCut(): boolean {
    let oldWidth = 0
    let oldSum = 0
    for (let row = this.#rows.length - 1; row >= 0; row -= 1) {
      for (const bucket of this.#rows[row]!) {
        oldWidth += 2 ** row
        oldSum += bucket.sum
        const newWidth = this.#width - oldWidth
        if (newWidth < this.#rule.leastPart) return false
        if (oldWidth >= this.#rule.leastPart && this.#differ(oldWidth, newWidth, oldSum / oldWidth - (this.#sum - oldSum) / newWidth))
          return true
      }
    }
    return false
  }

  #differ(oldWidth: number, newWidth: number, difference: number): boolean {
    const { delta, leastPart } = this.#rule
    const d = Math.log((2 * Math.log(this.#width)) / delta)
    const m = 1 / (oldWidth - leastPart + 1) + 1 / (newWidth - leastPart + 1)
    return Math.abs(difference) > Math.sqrt(2 * m * (this.#spread / this.#width) * d) + (2 / 3) * d * m
  }

  /** The window as it is kept on a disk. */
  state(): AdwinState {
    const rows = this.#rows.map((buckets) => buckets.map(({ sum, spread }): [number, number] => [sum, spread]))
    return { v: 1, ...this.#rule, ticks: this.#ticks, rows }
  }

  /** @throws Problem `message.malformed` if the value is no such state */
  static parse(value: unknown): Adwin {
    const fields = readFields(value, 'the window', ['v', ...ruleNames, 'ticks', 'rows'])
    readConstant(fields.v, 'the version', 1)
    if (typeof fields.restart !== 'boolean') throw malformedState('restart is no boolean')
    const window = new Adwin({
      delta: readNumber(fields.delta, 'delta', { min: Number.MIN_VALUE, max: 1 - 1e-9 }),
      clock: Math.max(1, readCount(fields.clock, 'the clock')),
      maxBuckets: readNumber(readCount(fields.maxBuckets, 'maxBuckets'), 'maxBuckets', { min: 2, max: 100 }),
      leastPart: Math.max(1, readCount(fields.leastPart, 'leastPart')),
      grace: readCount(fields.grace, 'grace'),
      restart: fields.restart,
    })
    window.#ticks = readCount(fields.ticks, 'ticks')
    const rows = readArray(fields.rows, 'the rows', { min: 1, max: MOST_ROWS })
    window.#rows = rows.map((row) =>
      readArray(row, 'a row', { max: window.#rule.maxBuckets }).map((entry) => {
        const [sum, spread] = readArray(entry, 'a bucket', { min: 2, max: 2 })
        return { sum: readNumber(sum, 'a sum'), spread: readNumber(spread, 'a spread', { min: 0 }) }
      }),
    )
    window.#addUp()
    return window
  }

  /** Width, sum and spread follow from the buckets. */
  #addUp(): void {
    for (const [row, buckets] of this.#rows.entries()) {
      for (const { sum, spread } of buckets) {
        const size = 2 ** row
        const distance = this.#width === 0 ? 0 : sum / size - this.#sum / this.#width
        this.#spread += spread + (size * this.#width * distance ** 2) / (size + this.#width)
        this.#width += size
        this.#sum += sum
      }
    }
  }
}
