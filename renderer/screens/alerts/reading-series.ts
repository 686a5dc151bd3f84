import type { Series } from '../../../shared/charts/line.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

type Reading = OutputOf<'alerts.show'>['readings'][number]

/** A reading that a verdict can rest on; of others the value is shown, but not as a course. */
export function isFirm({ state }: Pick<Reading, 'state'>): boolean {
  return state !== 'insufficient data' && state !== 'inconclusive' && state !== 'none'
}

/** The readings of an alert as series of a chart: what is firm as a line, what is not as rings. */
export function readingSeries(readings: readonly Reading[], name: string): Series[] {
  const firm: Series = { id: 'firm', name, values: readings.map((one) => (isFirm(one) ? one.value : null)) }
  if (readings.every((one) => isFirm(one) || one.value === null)) return [firm]
  return [firm, { id: 'weak', name: 'insufficient data', values: readings.map((one) => (isFirm(one) ? null : one.value)), areDots: true }]
}

/** The span of the axis: what was read, at least ten minutes. */
export function readingSpan(readings: readonly Reading[]): { from: number; through: number } {
  const first = readings[0]?.at ?? 0
  const last = readings.at(-1)?.at ?? first
  return { from: Math.min(first, last - 600_000), through: last }
}
