/** Rows of equal score (or of one bin of scores), split by truth. Weights may be fractions. Groups are given by ascending score. */
export interface ScoreGroup {
  positive: number
  negative: number
}

/**
 * The groups of equal scores, ascending. `positive` may be a probability: then a row counts partly to both sides.
 * @throws RangeError if a score is not finite or a truth is outside 0 to 1
 */
export function groupByScore(rows: readonly { score: number; positive: number }[]): ScoreGroup[] {
  if (!rows.every(({ score, positive }) => Number.isFinite(score) && positive >= 0 && positive <= 1)) {
    throw new RangeError('a score or truth is out of range')
  }
  const groups: ScoreGroup[] = []
  let last = Number.NaN
  for (const { score, positive } of rows.toSorted((a, b) => a.score - b.score)) {
    if (score !== last) groups.push({ positive: 0, negative: 0 })
    last = score
    const group = groups.at(-1)!
    group.positive += positive
    group.negative += 1 - positive
  }
  return groups
}

/** Area under the ROC curve, and the range it may have if the groups are bins of different scores. */
export interface RankingArea {
  value: number
  lower: number
  upper: number
}

/**
 * Area under the ROC curve, 0 to 1: the share of (positive, negative) pairs that the score orders rightly, ties as half (Mann-Whitney; Hanley,
 * McNeil, Radiology 143, 1982). With bins, the true area is within half the share of pairs that share a bin. Null without both truths.
 */
export function rocAuc(groups: readonly ScoreGroup[]): RankingArea | null {
  let [positives, negatives, wins, ties] = [0, 0, 0, 0]
  for (const { positive, negative } of groups) {
    wins += positive * negatives
    ties += positive * negative
    positives += positive
    negatives += negative
  }
  const pairs = positives * negatives
  if (!(pairs > 0)) return null
  const value = Math.min(1, (wins + ties / 2) / pairs)
  const half = ties / 2 / pairs
  return { value, lower: Math.max(0, value - half), upper: Math.min(1, value + half) }
}

/**
 * Average precision, 0 to 1: sum (R_k - R_{k-1}) P_k from the highest score down, without interpolation (scikit-learn). With bins, the bounds
 * are those of the worst and the best order within each. Null without positives.
 */
export function averagePrecision(groups: readonly ScoreGroup[]): RankingArea | null {
  const positives = groups.reduce((sum, { positive }) => sum + positive, 0)
  if (!(positives > 0)) return null
  let [hits, misses, value, lower, upper] = [0, 0, 0, 0, 0]
  for (const { positive, negative } of groups.toReversed()) {
    if (positive > 0) {
      value += (positive * (hits + positive)) / (hits + positive + misses + negative)
      // Best: all positives of the bin are one tie above its negatives.
      upper += (positive * (hits + positive)) / (hits + positive + misses)
      // Worst: one by one below them. The sum over k of wrong / (hits + k + wrong) is at most its integral.
      const wrong = misses + negative
      lower += wrong === 0 ? positive : Math.max(0, positive - wrong * Math.log1p(positive / (hits + wrong)))
    }
    hits += positive
    misses += negative
  }
  const share = (sum: number): number => Math.min(1, sum / positives)
  return { value: share(value), lower: Math.min(share(lower), share(value)), upper: share(upper) }
}

/** The mean over classes of one-against-the-rest areas; null if a class has none. */
export function macroArea(perClass: readonly (RankingArea | null)[]): RankingArea | null {
  const areas = perClass.filter((area) => area !== null)
  if (areas.length === 0 || areas.length < perClass.length) return null
  const mean = (of: (area: RankingArea) => number): number => areas.reduce((sum, area) => sum + of(area), 0) / areas.length
  return { value: mean((area) => area.value), lower: mean((area) => area.lower), upper: mean((area) => area.upper) }
}
