import type { HistogramState } from './duration-histogram.ts'

/** What tells the series of a metric apart. */
export type Labels = Readonly<Record<string, string>>

/** What stands in a catalogue of metrics. */
export interface MetricFacts {
  type: 'counter' | 'gauge' | 'histogram'
  /** One sentence. */
  help: string
  /** Base unit in the words of UCUM, as OpenTelemetry has it; left out: a number of things. '1' is a share, and receivers end its name in `_ratio`. */
  unit?: 's' | 'By' | '1'
  labels: readonly string[]
}

/** The value of one series. */
export interface Reading {
  labels: Labels
  value: number
}

/** The distribution of one series. */
export interface HistogramReading {
  labels: Labels
  histogram: HistogramState
}

/** A metric with all its series, as a scrape or an export tells it. */
export type Family = { name: string; help: string; unit: string } & (
  | { type: 'counter' | 'gauge'; readings: readonly Reading[] }
  | { type: 'histogram'; readings: readonly HistogramReading[] }
)

/** A family of numbers of a catalogue. Readings that are no number are left out: what is not known is not 0. */
export function numbers<Catalog extends Record<string, MetricFacts>>(
  catalog: Catalog,
  name: Extract<keyof Catalog, string>,
  readings: readonly { labels: Labels; value: number | null }[],
): Family {
  const { type, help, unit = '' } = catalog[name]!
  if (type === 'histogram') throw new Error(`${name} is a histogram`)
  const known = readings.filter((one): one is Reading => one.value !== null && Number.isFinite(one.value))
  return { name, type, help, unit, readings: known }
}

/** A family of distributions of a catalogue. */
export function histograms<Catalog extends Record<string, MetricFacts>>(
  catalog: Catalog,
  name: Extract<keyof Catalog, string>,
  readings: readonly HistogramReading[],
): Family {
  const { type, help, unit = '' } = catalog[name]!
  if (type !== 'histogram') throw new Error(`${name} is no histogram`)
  return { name, type, help, unit, readings }
}
