import { area, line } from 'd3-shape'
import { plotOf, timeAxis, valueAxis, type Axis, type Plot } from './scale.ts'

/** Values over time; `null` is a gap, never zero. */
export interface Series {
  id: string
  name: string
  values: readonly (number | null)[]
  /** An interval around the values, drawn as a band. */
  band?: readonly ({ low: number; high: number } | null)[]
  /** True: values that must not be read as a course (too little stands behind them) are rings, without a line. */
  areDots?: boolean
}

export interface LineInput {
  width: number
  height: number
  /** Epoch ms of each value; the same for every series. */
  times: readonly number[]
  from: number
  through: number
  series: readonly Series[]
  /** A dashed line with its value. */
  threshold?: { value: number; label: string }
  format(value: number): string
  isFromZero?: boolean
}

export interface LineScene {
  plot: Plot
  x: Axis
  y: Axis
  series: {
    id: string
    name: string
    path: string
    band: string | null
    lonely: { x: number; y: number }[]
    areDots: boolean
    end: { x: number; y: number; value: number } | null
  }[]
  threshold: { y: number; label: string } | null
  hasData: boolean
}

const margin = { left: 52, right: 12, top: 8, bottom: 20 } as const

/** Lays out a line chart: a plain scene that a screen and a report draw alike. */
export function lineScene(input: LineInput): LineScene {
  const plot = plotOf(input.width, input.height, margin)
  const values = input.series.flatMap(({ values, band }) => [
    ...values.filter((value): value is number => value !== null),
    ...(band ?? []).flatMap((one) => (one === null ? [] : [one.low, one.high])),
  ])
  const x = timeAxis(input.from, input.through, plot)
  const { format, isFromZero = true } = input
  const y = valueAxis(input.threshold === undefined ? values : [...values, input.threshold.value], plot, { format, isFromZero })
  return {
    plot,
    x,
    y,
    series: input.series.map((one) => layOut(one, input.times, { x, y })),
    threshold: input.threshold === undefined ? null : { y: y.place(input.threshold.value), label: input.threshold.label },
    hasData: values.length > 0,
  }
}

function layOut(
  { id, name, values, band, areDots = false }: Series,
  times: readonly number[],
  { x, y }: { x: Axis; y: Axis },
): LineScene['series'][number] {
  const indices = times.map((_, i) => i)
  const isThere = (i: number): boolean => values[i] !== null && values[i] !== undefined
  const course = line<number>()
    .defined(isThere)
    .x((i) => x.place(times[i]!))
    .y((i) => y.place(values[i]!))(indices)
  const bandPath =
    band === undefined
      ? null
      : area<number>()
          .defined((i) => band[i] !== null && band[i] !== undefined)
          .x((i) => x.place(times[i]!))
          .y0((i) => y.place(band[i]!.low))
          .y1((i) => y.place(band[i]!.high))(indices)
  // A value between two gaps has no line: it is drawn as a dot.
  const lonely = indices
    .filter((i) => isThere(i) && (areDots || (!isThere(i - 1) && !isThere(i + 1))))
    .map((i) => ({ x: x.place(times[i]!), y: y.place(values[i]!) }))
  const last = indices.findLast(isThere)
  const end = last === undefined ? null : { x: x.place(times[last]!), y: y.place(values[last]!), value: values[last]! }
  return { id, name, path: areDots ? '' : (course ?? ''), band: bandPath, lonely, areDots, end }
}

/**
 * The path of a sparkline that fills its box; gaps stay gaps.
 * @param leastHigh the box is at least so high in values: noise below what matters then looks like noise
 */
export function sparkline(values: readonly (number | null)[], width: number, height: number, leastHigh = Number.NEGATIVE_INFINITY): string {
  const there = values.filter((value): value is number => value !== null)
  if (there.length < 2) return ''
  const low = Math.min(...there, 0)
  const high = Math.max(...there, leastHigh)
  const span = high - low || 1
  return (
    line<number | null>()
      .defined((value) => value !== null)
      .x((_, i) => (i / (values.length - 1)) * (width - 2) + 1)
      .y((value) => height - 1 - ((value! - low) / span) * (height - 2))([...values]) ?? ''
  )
}
