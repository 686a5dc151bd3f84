/**
 * Hypergeometric probabilities of 0..`draws` marked ones: `draws` out of `total`, of which `marked` are. The first entry is for `low`, the
 * smallest possible number. Built by the ratio of neighbours from the mode, so that they sum to 1.
 */
export function hypergeometric(total: number, marked: number, draws: number): { low: number; shares: number[] } {
  const low = Math.max(0, draws + marked - total)
  const high = Math.min(draws, marked)
  const weights = Array.from({ length: high - low + 1 }, () => 0)
  const mode = Math.min(high, Math.max(low, Math.floor(((draws + 1) * (marked + 1)) / (total + 2))))
  const odds = (k: number): number => ((marked - k) * (draws - k)) / ((k + 1) * (total - marked - draws + k + 1))
  weights[mode - low] = 1
  for (let k = mode; k < high; k += 1) weights[k + 1 - low] = weights[k - low]! * odds(k)
  for (let k = mode; k > low; k -= 1) weights[k - 1 - low] = weights[k - low]! / odds(k - 1)
  const sum = weights.reduce((all, weight) => all + weight, 0)
  return { low, shares: weights.map((weight) => weight / sum) }
}
