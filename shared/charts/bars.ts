import { bisector } from 'd3-array'
import { plotOf, timeAxis, valueAxis, type Axis, type Plot } from './scale.ts'

/** Amounts per interval of time, one on top of the other. */
export interface StackInput {
  width: number
  height: number
  /** Start of each interval, epoch ms; all are equally long. */
  times: readonly number[]
  from: number
  through: number
  parts: readonly { id: string; name: string; values: readonly (number | null)[] }[]
  format(value: number): string
}

export interface StackScene {
  plot: Plot
  x: Axis
  y: Axis
  bars: { id: string; index: number; x: number; y: number; width: number; height: number }[]
  hasData: boolean
}

const margin = { left: 52, right: 12, top: 8, bottom: 20 } as const

/** Lays out stacked bars over time. An interval without data has no bar. */
export function stackScene({ width, height, times, from, through, parts, format }: StackInput): StackScene {
  const plot = plotOf(width, height, margin)
  const totals = times.map((_, i) => parts.reduce((sum, { values }) => sum + (values[i] ?? 0), 0))
  const x = timeAxis(from, through, plot)
  const y = valueAxis(totals, plot, { format })
  const step = times.length > 1 ? x.place(times[1]!) - x.place(times[0]!) : plot.width
  const bars: StackScene['bars'] = []
  for (const index of times.keys()) {
    let below = 0
    for (const { id, values } of parts) {
      const value = values[index] ?? 0
      if (value <= 0) continue
      const top = y.place(below + value)
      bars.push({ id, index, x: x.place(times[index]!), y: top, width: Math.max(1, step - 1), height: y.place(below) - top })
      below += value
    }
  }
  return { plot, x, y, bars, hasData: parts.some(({ values }) => values.some((value) => value !== null)) }
}

/** The index of the time nearest to a moment; -1 where there is none. @param times ascending */
export function nearestIndex(times: readonly number[], moment: number): number {
  return times.length === 0 ? -1 : bisector((time: number) => time).center(times, moment)
}
