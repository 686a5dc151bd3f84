/** Above this many lattice points the limit distribution is as good and much faster. */
const MOST_POINTS = 1_000_000

/**
 * Exact P(D >= d) of the two-sample Kolmogorov-Smirnov distance for continuous values, 0 to 1, by the recurrence over lattice paths (Hodges, Ark. Mat. 3, 1958);
 * with ties it is conservative, as in scipy. Null if n m is above a million.
 */
export function ksExactP(distance: number, n: number, m: number): number | null {
  if (n * m > MOST_POINTS) return null
  // In whole steps of 1 / (n m), so that equal distances are equal.
  const limit = Math.round(distance * n * m)
  const inside = (i: number, j: number): boolean => Math.abs(i * m - j * n) < limit
  const row: number[] = Array.from({ length: m + 1 }, (_, j) => (inside(0, j) ? 1 : 0))
  for (let j = 1; j <= m; j += 1) row[j] = Math.min(row[j]!, row[j - 1]!)
  for (let i = 1; i <= n; i += 1) {
    const weight = i / (i + m)
    row[0] = inside(i, 0) ? weight * row[0]! : 0
    for (let j = 1; j <= m; j += 1) row[j] = inside(i, j) ? weight * row[j]! + row[j - 1]! : 0
  }
  return Math.min(1, Math.max(0, 1 - row[m]!))
}
