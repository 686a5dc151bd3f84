import type { Axis, Plot } from './scale.ts'

/** Something that happened, to be seen on a time axis. */
export interface Mark {
  id: string
  from: number
  /** null: it goes on. */
  through: number | null
  label: string
  level: 'info' | 'warning' | 'critical'
}

/** A mark in px: a line where it began, a bar for as long as it lasted. */
export interface PlacedMark {
  id: string
  /** `null`: it began before the axis does, so that only the bar is drawn. */
  line: number | null
  x: number
  width: number
  label: string
  level: Mark['level']
}

/** A bar is never too short to be seen. */
const LEAST_PX = 3

/** Places marks on a time axis; what lies outside the period is left out. */
export function placeMarks(
  marks: readonly Mark[],
  { plot, x, from, through }: { plot: Plot; x: Axis; from: number; through: number },
): PlacedMark[] {
  const right = plot.left + plot.width
  return marks
    .filter((mark) => mark.from < through && (mark.through ?? through) >= from)
    .map((mark) => {
      const start = Math.max(plot.left, x.place(Math.max(mark.from, from)))
      const end = Math.min(right, x.place(Math.min(mark.through ?? through, through)))
      const left = Math.min(start, right - LEAST_PX)
      return {
        ...{ id: mark.id, label: mark.label, level: mark.level },
        line: mark.from < from ? null : start,
        x: left,
        width: Math.max(LEAST_PX, end - left),
      }
    })
}
