import type { Series } from '../../../shared/charts/line.ts'
import type { Figure } from '../../../shared/rpc/contract/monitoring.ts'
import type { Quality } from './monitoring-words.ts'

/**
 * Measured and estimated quality over time, with their intervals. Buckets whose figure rests on too little are rings of their own: a line through
 * them would be read as a course.
 */
export function qualitySeries(
  { from, bucketMs, measured, estimated }: Quality['series'],
  through: number,
): { times: number[]; series: Series[] } {
  const of = (id: string, figures: readonly Figure[], isFirm: boolean): Series => {
    const wanted = figures.map((figure) => (isWeak(figure) === isFirm ? null : figure))
    return {
      ...{ id, name: isFirm ? id : 'insufficient data', values: wanted.map((figure) => figure?.value ?? null) },
      ...(isFirm ? { band: wanted.map(bandOf) } : { areDots: true }),
    }
  }
  const series = [of('measured', measured, true), of('estimated', estimated, true)]
  const weak = of('weak', measured, false)
  return {
    // The last bucket may reach beyond the period: it is drawn within it.
    times: measured.map((_, i) => Math.min(from + (i + 0.5) * bucketMs, through)),
    series: weak.values.some((value) => value !== null) ? [...series, weak] : series,
  }
}

function isWeak({ state }: Figure): boolean {
  return state === 'insufficient data' || state === 'none'
}

function bandOf(figure: Figure | null): { low: number; high: number } | null {
  return figure?.value == null || figure.low === null || figure.high === null ? null : { low: figure.low, high: figure.high }
}
