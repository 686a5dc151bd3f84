/** The longest burst that a bandwidth cap lets through at once, ms of its rate. */
const BURST_MS = 250

/**
 * A cap on published bytes per second that may change at any time. What is published is paid afterwards, so the bucket may go into
 * debt by one block; the average stays at the rate even where one block is worth more than a burst.
 */
export class TokenBucket {
  #rate: number | null
  #tokens: number
  #filledAt: number

  /** @param bytesPerSecond the cap; null: none. @param now monotonic ms */
  constructor(bytesPerSecond: number | null, now: number) {
    this.#rate = bytesPerSecond
    this.#tokens = this.#capacity()
    this.#filledAt = now
  }

  /** Changes the cap. What was saved up or owed under the old one is kept in time, not in bytes: a debt of 2 s stays a debt of 2 s at most. */
  setRate(bytesPerSecond: number | null, now: number): void {
    this.#fill(now)
    const owedMs = this.#rate !== null && this.#tokens < 0 ? (-this.#tokens / this.#rate) * 1000 : 0
    const owed = -this.#tokens
    this.#rate = bytesPerSecond
    if (bytesPerSecond === null) this.#tokens = 0
    else if (owedMs > 0) this.#tokens = -Math.min(owed, (owedMs / 1000) * bytesPerSecond)
    else this.#tokens = Math.min(Math.max(0, this.#tokens), this.#capacity())
  }

  /** ms until the next block may be published; 0: now. */
  waitMs(now: number): number {
    if (this.#rate === null) return 0
    this.#fill(now)
    return this.#tokens > 0 ? 0 : Math.ceil(((1 - this.#tokens) / this.#rate) * 1000)
  }

  /** Pays for published bytes. */
  pay(bytes: number): void {
    if (this.#rate !== null) this.#tokens -= bytes
  }

  #capacity(): number {
    return this.#rate === null ? 0 : Math.max(1, (this.#rate * BURST_MS) / 1000)
  }

  #fill(now: number): void {
    if (this.#rate !== null) this.#tokens = Math.min(this.#capacity(), this.#tokens + ((now - this.#filledAt) / 1000) * this.#rate)
    this.#filledAt = now
  }
}
