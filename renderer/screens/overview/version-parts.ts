/** Requests of one version over time. */
export interface VersionRequests {
  deployment: string
  model: string
  version: string
  requests: readonly (number | null)[]
}

export interface StackPart {
  id: string
  name: string
  values: (number | null)[]
}

/** Versions with a hue of their own; what is beyond stands together as the last part. */
const MOST_PARTS = 5

/** A version as a chart names it; the deployment where its name is not that of the model. */
export function versionTitle({ deployment, model, version }: Omit<VersionRequests, 'requests'>): string {
  return deployment === model ? `${model} ${version}` : `${deployment}: ${model} ${version}`
}

/**
 * Versions in the field as parts of a stack: requests, or each version's share of all requests in the interval. The order is that of the names,
 * so that a version keeps its colour while the numbers move.
 */
export function stackParts(series: readonly VersionRequests[], as: 'requests' | 'share'): StackPart[] {
  const totals = series.map((one) => one.requests.reduce<number>((sum, value) => sum + (value ?? 0), 0))
  const ranked = series.map((one, i) => ({ one, total: totals[i]! })).toSorted((a, b) => b.total - a.total)
  const own = ranked.length > MOST_PARTS ? ranked.slice(0, MOST_PARTS - 1) : ranked
  const rest = ranked.slice(own.length)
  const parts = own
    .map(({ one }): StackPart => ({
      id: `${one.deployment} ${one.model} ${one.version}`,
      name: versionTitle(one),
      values: [...one.requests],
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  if (rest.length > 0) parts.push({ id: 'rest', name: `${rest.length} others`, values: sumOf(rest.map(({ one }) => one.requests)) })
  if (as === 'requests') return parts
  const all = sumOf(parts.map(({ values }) => values))
  return parts.map((part) => ({ ...part, values: part.values.map((value, i) => (value === null || !all[i] ? null : value / all[i])) }))
}

/** Sums of columns; where nobody has a value there is none. */
function sumOf(rows: readonly (readonly (number | null)[])[]): (number | null)[] {
  const length = Math.max(0, ...rows.map((row) => row.length))
  return Array.from({ length }, (_, i) => {
    const there = rows.map((row) => row[i] ?? null).filter((value) => value !== null)
    return there.length === 0 ? null : there.reduce((sum, value) => sum + value, 0)
  })
}
