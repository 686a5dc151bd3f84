/** Adjusted p-values, in the order they came in. */
type Adjust = (p: readonly number[]) => number[]

/**
 * Benjamini-Hochberg: adjusted p = min over larger p of p_(k) n / k (JRSS B 57, 1995), 0 to 1. Rejecting those at most q keeps the share of
 * false ones among them at most q on average, for independent or positively dependent tests.
 * @throws RangeError if a p is outside 0 to 1
 */
export const benjaminiHochberg: Adjust = (p) => {
  const order = ascending(p)
  const adjusted: number[] = Array.from({ length: p.length }, () => 1)
  let least = 1
  for (let rank = p.length; rank >= 1; rank -= 1) {
    // In this order of operations the largest p stays exactly as it is.
    least = Math.min(least, p[order[rank - 1]!]! * (p.length / rank))
    adjusted[order[rank - 1]!] = least
  }
  return adjusted
}

/** Holm's step-down correction of the chance of any false rejection (Scand. J. Stat. 6, 1979), 0 to 1. */
export const holm: Adjust = (p) => {
  const order = ascending(p)
  const adjusted: number[] = Array.from({ length: p.length }, () => 1)
  let largest = 0
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, p[index]! * (p.length - rank)))
    adjusted[index] = largest
  }
  return adjusted
}

/** Bonferroni's correction, min(1, p n). */
export const bonferroni: Adjust = (p) => {
  ascending(p)
  return p.map((value) => Math.min(1, value * p.length))
}

/** The indices of p in ascending order of p. */
function ascending(p: readonly number[]): number[] {
  if (!p.every((value) => value >= 0 && value <= 1)) throw new RangeError('a p-value is outside 0 to 1')
  return p.map((_, i) => i).sort((a, b) => p[a]! - p[b]!)
}
