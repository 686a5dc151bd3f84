import { useCrosshair } from './crosshair.ts'
import { nearestIndex } from '../../../shared/charts/bars.ts'
import type { Axis, Plot } from '../../../shared/charts/scale.ts'
import { formatExact } from '../format.ts'
import styles from './charts.module.css'

/**
 * The layer over a chart that reads values: pointer or arrow keys move a crosshair, and what stands there is shown and spoken.
 * @param read the values at an index, in words
 */
export function Reading({
  plot,
  x,
  from,
  through,
  times,
  title,
  read,
}: {
  plot: Plot
  x: Axis
  /** The span of the axis, which the times need not fill. */
  from: number
  through: number
  times: readonly number[]
  title: string
  read(index: number): { name: string; value: string; color: string }[]
}) {
  const { at, set } = useCrosshair()
  const index = at === null ? -1 : nearestIndex(times, at)
  const move = (event: React.PointerEvent<SVGRectElement>): void => {
    const box = event.currentTarget.getBoundingClientRect()
    const share = (event.clientX - box.left) / box.width
    set(from + share * (through - from))
  }
  const step = (event: React.KeyboardEvent): void => {
    const moves: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -times.length, End: times.length }
    const by = moves[event.key]
    if (by === undefined) return
    event.preventDefault()
    const next = Math.max(0, Math.min(times.length - 1, (index < 0 ? times.length - 1 : index) + by))
    set(times[next] ?? null)
  }
  const place = index < 0 ? null : x.place(times[index]!)
  return (
    <>
      {place !== null && <line className={styles.crosshair} x1={place} x2={place} y1={plot.top} y2={plot.top + plot.height} />}
      <rect
        className={styles.reader}
        x={plot.left}
        y={plot.top}
        width={plot.width}
        height={plot.height}
        tabIndex={0}
        role="slider"
        aria-label={`Read ${title} at a time`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, times.length - 1)}
        aria-valuenow={Math.max(0, index)}
        aria-valuetext={index < 0 ? 'nothing read yet' : describe(times[index]!, read(index))}
        onPointerMove={move}
        onPointerLeave={() => set(null)}
        onKeyDown={step}
        onBlur={() => set(null)}
      />
      {place !== null && <Values place={place} plot={plot} at={times[index]!} values={read(index)} />}
    </>
  )
}

function describe(at: number, values: { name: string; value: string }[]): string {
  return `${formatExact(at)}: ${values.map(({ name, value }) => `${name} ${value}`).join(', ')}`
}

function Values({
  place,
  plot,
  at,
  values,
}: {
  place: number
  plot: Plot
  at: number
  values: { name: string; value: string; color: string }[]
}) {
  const width = 190
  const height = 20 + values.length * 16
  const isLeft = place > plot.left + plot.width / 2
  return (
    <foreignObject
      x={isLeft ? Math.max(0, place - width - 8) : place + 8}
      y={plot.top}
      width={width}
      height={height + 8}
      className={styles.valuesBox}
      aria-hidden="true"
    >
      <div className={styles.values}>
        <div className="dim">
          {new Date(at).toLocaleString('en-GB', { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' })}
        </div>
        {values.map(({ name, value, color }) => (
          <div key={name}>
            <span style={{ background: color }} />
            <span className="foreign">{name}</span>
            <strong>{value}</strong>
          </div>
        ))}
      </div>
    </foreignObject>
  )
}
