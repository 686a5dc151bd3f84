import { rankOf, type HealthRow } from './monitoring-words.ts'

/** Where the middle 80 % of the devices lie, and all of them together (merged, not averaged). */
export interface Band {
  low: number | null
  high: number | null
  middle: number | null
}

/** Fewer devices than this have no band: a tenth of them is not even one. */
const LEAST_DEVICES = 5

/** The band of a measure over devices. @param middle the same measure of all of them merged */
export function deviceBand(rows: readonly HealthRow[], measure: (row: HealthRow) => number | null, middle: number | null): Band {
  const values = rows
    .map(measure)
    .filter((value): value is number => value !== null)
    .sort((a, b) => a - b)
  if (values.length < LEAST_DEVICES) return { low: null, high: null, middle }
  const at = (share: number): number => values[Math.round(share * (values.length - 1))]!
  return { low: at(0.1), high: at(0.9), middle }
}

/** True if a value lies further above the band than the band is wide: a tenth of the devices is above it at any time, which means nothing. */
export function isFarAbove(value: number | null, { low, high }: Band): boolean {
  return value !== null && low !== null && high !== null && high > low && value > high + (high - low)
}

/** Devices by how much they differ: by verdict first, then by how far latency and errors lie above the band. */
export function rankedDevices(rows: readonly HealthRow[], bands: { p95: Band; errors: Band }): HealthRow[] {
  const above = (value: number | null, { high, middle }: Band): number => {
    const usual = high ?? middle
    return value === null || usual === null || usual <= 0 ? 0 : Math.max(0, value / usual - 1)
  }
  const distance = ({ traffic }: HealthRow): number =>
    above(traffic.latencyMs?.p95 ?? null, bands.p95) + above(traffic.errorRate, bands.errors)
  return [...rows].sort(
    (a, b) => rankOf(b) - rankOf(a) || distance(b) - distance(a) || (a.device ?? '').localeCompare(b.device ?? '', 'en', { numeric: true }),
  )
}
