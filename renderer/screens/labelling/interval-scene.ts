import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { plotOf, valueAxis, type Axis, type Plot } from '../../../shared/charts/scale.ts'

type Progress = OutputOf<'labelling.progress'>

/** The accuracy after so many labels. */
export interface CoursePoint {
  labelled: number
  value: number
  low: number
  high: number
}

/** Points that are kept: a day of labelling. */
const MOST_POINTS = 2000

/** The figure that the desk moves: of all requests where the labels tell it, else of the labelled rows. */
export function figureOf({ weighted, accuracy }: Progress): { value: number; low: number; high: number; isWeighted: boolean } | null {
  if (weighted !== null) return { value: weighted.value, low: weighted.low, high: weighted.high, isWeighted: true }
  return accuracy === null ? null : { value: accuracy.value, low: accuracy.low, high: accuracy.high, isWeighted: false }
}

/** The course with what the labels say now; after an undo it ends where it was. */
export function courseWith(course: readonly CoursePoint[], progress: Progress): readonly CoursePoint[] {
  const figure = figureOf(progress)
  const earlier = course.filter(({ labelled }) => labelled < progress.labelled)
  if (figure === null) return earlier.length === course.length ? course : earlier
  const { value, low, high } = figure
  const last = course.at(-1)
  if (last?.labelled === progress.labelled && last.value === value && last.low === low) return course
  return [...earlier, { labelled: progress.labelled, value, low, high }].slice(-MOST_POINTS)
}

/** A plain scene: line, band, axes. */
export interface IntervalScene {
  plot: Plot
  x: Axis
  y: Axis
  line: string
  band: string
  end: { x: number; y: number }
}

const margin = { left: 44, right: 10, top: 8, bottom: 22 } as const

/** Lays the course out over the number of labels; null: there is no point. */
export function intervalScene(course: readonly CoursePoint[], size: { width: number; height: number }): IntervalScene | null {
  const [first] = course
  const last = course.at(-1)
  if (first === undefined || last === undefined) return null
  const plot = plotOf(size.width, size.height, margin)
  const y = valueAxis(
    course.flatMap(({ low, high }) => [low, high]),
    plot,
    { format: (value) => `${Number((value * 100).toFixed(1))} %`, isFromZero: false },
  )
  const span = Math.max(1, last.labelled - first.labelled)
  const place = (labelled: number): number => plot.left + ((labelled - first.labelled) / span) * plot.width
  const at = ({ labelled }: CoursePoint, value: number): string => `${place(labelled).toFixed(1)},${y.place(value).toFixed(1)}`
  // One point has no width; its interval is drawn over all of it.
  const points = course.length === 1 ? [first, { ...first, labelled: first.labelled + 1 }] : course
  return {
    plot,
    x: { place, ticks: ticksOf(first.labelled, last.labelled).map((labelled) => ({ at: place(labelled), label: String(labelled) })) },
    y,
    line: `M${points.map((point) => at(point, point.value)).join('L')}`,
    band: `M${points.map((point) => at(point, point.high)).join('L')}L${points
      .toReversed()
      .map((point) => at(point, point.low))
      .join('L')}Z`,
    end: { x: place(last.labelled), y: y.place(last.value) },
  }
}

/** Both ends, and the middle where it is a number of labels of its own. */
function ticksOf(first: number, last: number): number[] {
  const middle = Math.round((first + last) / 2)
  return [...new Set(last - first > 3 ? [first, middle, last] : [first, last])]
}
