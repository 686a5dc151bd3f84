/** Time as the parts of the product receive it. */
export interface Clock {
  /** Epoch ms, UTC; may jump. */
  now(): number
  /** ms since some fixed moment; never goes back. */
  monotonic(): number
}
