/**
 * The values in ascending order, as a copy.
 * @throws RangeError if a value is not finite
 */
export function sortedFinite(values: ArrayLike<number>): Float64Array {
  const sorted = Float64Array.from(values).sort()
  // NaN sorts to the end and an infinity to one of the ends.
  if (sorted.length > 0 && !(Number.isFinite(sorted[0]) && Number.isFinite(sorted.at(-1)))) throw new RangeError('a value is not finite')
  return sorted
}

/** The `share` quantile of ascending values with linear interpolation between ranks (type 7, the default of numpy); null without values. */
export function interpolatedQuantile(sorted: ArrayLike<number>, share: number): number | null {
  if (sorted.length === 0) return null
  const rank = share * (sorted.length - 1)
  const below = Math.floor(rank)
  const low = sorted[below]!
  const high = sorted[Math.min(sorted.length - 1, below + 1)]!
  return low + (high - low) * (rank - below)
}
