/** One hue per meaning: the incumbent is grey, the candidate has the accent, others follow in order. */
const hues = ['var(--chart-candidate)', 'var(--chart-3)', 'var(--chart-4)', 'var(--chart-5)', 'var(--chart-incumbent)'] as const

/** The colour of the n-th series. */
export function hueOf(index: number): string {
  return hues[index % hues.length]!
}
