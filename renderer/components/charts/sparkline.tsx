import { sparkline } from '../../../shared/charts/line.ts'

/** The course of a figure, without axes; the figure beside it says the number. */
export function Sparkline({
  values,
  width = 96,
  height = 24,
  label,
  leastHigh,
}: {
  values: readonly (number | null)[]
  width?: number
  height?: number
  label: string
  /** The box is at least so high in values. */
  leastHigh?: number
}) {
  return (
    <svg width={width} height={height} role="img" aria-label={label}>
      <path d={sparkline(values, width, height, leastHigh)} fill="none" stroke="var(--chart-candidate)" strokeWidth="1.25" />
    </svg>
  )
}
