import { lineScene } from '../../charts/line.ts'
import { stackScene } from '../../charts/bars.ts'
import type { Axis, Plot } from '../../charts/scale.ts'
import { escapedHtml } from '../privacy/document.ts'
import type { ReportChart } from './document.ts'
import { axisText, styleOfChart, timeInZone, type ValueStyle } from './value-text.ts'

/** The first is the one that the chart is about. */
const colours = ['#1557b8', '#7b838d', '#b45309', '#0f766e', '#6d35b5', '#b3232a', '#4d7c0f', '#0369a1']
const WIDTH = 480
const HEIGHT = 168
const LEGEND_PX = 16
/** Width of a letter of the legend, about. */
const LETTER_PX = 6
const MOST_LETTERS = 32
const DAY_MS = 86_400_000

/** A chart as SVG, laid out by the same functions as on the screens. It names no font and loads nothing. */
export function chartSvg(chart: ReportChart, style: ValueStyle): string {
  const { times, series, bucketMs } = chart
  const from = times[0] ?? 0
  const size = { width: WIDTH, height: HEIGHT, times, from, through: (times.at(-1) ?? from) + bucketMs }
  const format = (value: number): string => axisText(value, chart.unit, style)
  const scene = chart.form === 'bars' ? barsOf(chart, size, format) : linesOf(chart, size, format)
  const legend = legendOf(series.map(({ name }) => name))
  const height = HEIGHT + legend.height
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapedHtml(labelOf(chart))}" font-size="11" fill="#545b64"><title>${escapedHtml(labelOf(chart))}</title>${axesOf(scene, { times, bucketMs, style: styleOfChart(chart, style) })}${zoneMark(chart)}${scene.marks}${legend.marks}</svg>`
}

/** What the picture is of, for those who do not see it: the values stand in the table beside it. */
function labelOf({ title, series }: ReportChart): string {
  return series.length < 2 ? title : `${title}: ${series.map(({ name }) => name).join(', ')}`
}

/** Days of another zone than that of the report are said to be. */
function zoneMark({ zone }: ReportChart): string {
  return zone === undefined ? '' : `<text x="${WIDTH - 4}" y="10" font-size="9" text-anchor="end">Days of ${escapedHtml(zone)}</text>`
}

/** A name that fits into the legend. What tells versions of one model apart is at its end, so the model is cut. */
function legendName(name: string): string {
  if (name.length <= MOST_LETTERS) return name
  const at = name.lastIndexOf('@')
  const end = at < 0 ? '' : name.slice(at).slice(0, MOST_LETTERS - 4)
  return `${name.slice(0, MOST_LETTERS - 1 - end.length)}…${end}`
}

/** The names of the series under the chart, in as many lines as they need; one alone is named by the title. */
function legendOf(names: readonly string[]): { marks: string; height: number } {
  if (names.length < 2) return { marks: '', height: 0 }
  let [x, line] = [60, 0]
  const marks = names.map((name, i) => {
    const text = legendName(name)
    const width = 28 + text.length * LETTER_PX
    if (x + width > WIDTH && x > 60) [x, line] = [60, line + 1]
    const y = HEIGHT + line * LEGEND_PX
    const mark = `<rect x="${x}" y="${y + 4}" width="9" height="9" fill="${colourOf(i)}"/><text x="${x + 13}" y="${y + 12}">${escapedHtml(text)}</text>`
    x += width
    return mark
  })
  return { marks: marks.join(''), height: (line + 1) * LEGEND_PX + 4 }
}

interface Scene {
  plot: Plot
  x: Axis
  y: Axis
  marks: string
  hasData: boolean
}

interface Size {
  width: number
  height: number
  times: readonly number[]
  from: number
  through: number
}

function linesOf({ series }: ReportChart, size: Size, format: (value: number) => string): Scene {
  const bandOf = (low: readonly (number | null)[] | null, high: readonly (number | null)[] | null) =>
    low === null || high === null
      ? {}
      : { band: low.map((one, i) => (one === null || high[i] == null ? null : { low: one, high: high[i] })) }
  const scene = lineScene({
    ...size,
    format,
    series: series.map(({ id, name, values, low, high }) => ({ id, name, values, ...bandOf(low, high) })),
  })
  const marks = scene.series.map(({ path, band, lonely }, i) => {
    const area = band === null || band === '' ? '' : `<path d="${band}" fill="${colourOf(i)}" fill-opacity="0.15"/>`
    const course = path === '' ? '' : `<path d="${path}" fill="none" stroke="${colourOf(i)}" stroke-width="1.5"/>`
    return area + course + lonely.map(({ x, y }) => `<circle cx="${short(x)}" cy="${short(y)}" r="2" fill="${colourOf(i)}"/>`).join('')
  })
  return { ...scene, marks: marks.join('') }
}

function barsOf({ series }: ReportChart, size: Size, format: (value: number) => string): Scene {
  const scene = stackScene({ ...size, format, parts: series.map(({ id, name, values }) => ({ id, name, values })) })
  const order = new Map(series.map(({ id }, i) => [id, i]))
  const marks = scene.bars.map(
    ({ id, x, y, width, height }) =>
      `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="${colourOf(order.get(id) ?? 0)}"/>`,
  )
  return { ...scene, marks: marks.join('') }
}

/** Dates are written in the zone of the report, whatever the zone of the machine that draws it. */
function axesOf({ plot, x, y, hasData }: Scene, of: { times: readonly number[]; bucketMs: number; style: ValueStyle }): string {
  const { times, bucketMs, style } = of
  const right = plot.left + plot.width
  const bottom = plot.top + plot.height
  const lines = y.ticks.map(
    ({ at, label }) =>
      `<line x1="${plot.left}" y1="${short(at)}" x2="${right}" y2="${short(at)}" stroke="#e5e7eb"/><text x="${plot.left - 6}" y="${short(at + 4)}" text-anchor="end">${escapedHtml(label)}</text>`,
  )
  const step = Math.max(1, Math.ceil(times.length / 6))
  const dates = times
    .filter((_, i) => i % step === 0)
    .map((time) => {
      const written = timeInZone(time, style.zone)
      return `<text x="${short(x.place(time))}" y="${bottom + 14}">${bucketMs >= DAY_MS ? written.slice(5, 10) : written.slice(5)}</text>`
    })
  const nothing = hasData ? '' : `<text x="${plot.left + 12}" y="${plot.top + 24}">Nothing was measured in this time.</text>`
  return `${lines.join('')}${dates.join('')}${nothing}`
}

function colourOf(index: number): string {
  return colours[index % colours.length]!
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100)
}
