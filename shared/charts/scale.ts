import { scaleLinear, scaleTime } from 'd3-scale'

/** A drawing area in px, the margins already taken off. */
export interface Plot {
  left: number
  top: number
  width: number
  height: number
}

export interface Tick {
  /** Place in px within the drawing. */
  at: number
  label: string
}

export interface Axis {
  /** Value to px. */
  place(value: number): number
  ticks: Tick[]
}

/** The area that is left of a drawing within its margins. */
export function plotOf(width: number, height: number, margin: { left: number; right: number; top: number; bottom: number }): Plot {
  return {
    left: margin.left,
    top: margin.top,
    width: Math.max(1, width - margin.left - margin.right),
    height: Math.max(1, height - margin.top - margin.bottom),
  }
}

/**
 * A value axis from zero (or the lowest value where `isFromZero` is false) to a round number above the highest; about one tick per 40 px.
 * @param values every finite value that is drawn; none: an axis from 0 to 1
 */
export function valueAxis(
  values: readonly number[],
  plot: Plot,
  { format, isFromZero = true }: { format(value: number): string; isFromZero?: boolean },
): Axis {
  const finite = values.filter((value) => Number.isFinite(value))
  let low = isFromZero ? 0 : Math.min(...(finite.length === 0 ? [0] : finite))
  let high = finite.length === 0 ? 1 : Math.max(...finite)
  if (isFromZero && finite.some((value) => value < 0)) low = Math.min(...finite)
  if (high <= low) high = low + (low === 0 ? 1 : Math.abs(low) * 0.1)
  const count = Math.max(2, Math.floor(plot.height / 40))
  const scale = scaleLinear([low, high], [plot.top + plot.height, plot.top]).nice(count)
  return { place: (value) => scale(value), ticks: scale.ticks(count).map((value) => ({ at: scale(value), label: format(value) })) }
}

/** A time axis over exactly the given span of epoch ms, in the zone of the machine; about one tick per 90 px. */
export function timeAxis(from: number, through: number, plot: Plot): Axis {
  const scale = scaleTime([from, Math.max(through, from + 1)], [plot.left, plot.left + plot.width])
  const count = Math.max(2, Math.floor(plot.width / 90))
  const format = scale.tickFormat(count, '%H:%M')
  return {
    place: (value) => scale(value),
    ticks: scale.ticks(count).map((moment) => ({ at: scale(moment), label: labelOf(moment, through - from, format) })),
  }
}

/** 24-hour clock for spans within days, the day beyond. */
function labelOf(moment: Date, spanMs: number, format: (moment: Date) => string): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  if (spanMs <= 10 * 60_000) return `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`
  if (moment.getHours() === 0 && moment.getMinutes() === 0) return `${two(moment.getDate())}.${two(moment.getMonth() + 1)}.`
  return format(moment)
}
