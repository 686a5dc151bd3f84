import { durationBounds, type HistogramState } from './duration-histogram.ts'
import type { Family, Labels } from './family.ts'

/** The text form of Prometheus, version 0.0.4: numbers, and histograms with classic buckets. */
export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Writes metrics in the text form. */
export function exposedText(families: readonly Family[]): string {
  return families.map(familyText).join('')
}

function familyText(family: Family): string {
  const { name, type, help } = family
  const lines =
    family.type === 'histogram'
      ? family.readings.flatMap(({ labels, histogram }) => histogramLines(name, labels, histogram))
      : family.readings.map(({ labels, value }) => line(name, labels, value))
  return `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function histogramLines(name: string, labels: Labels, { buckets, sum, count }: HistogramState): string[] {
  let below = 0
  const cumulative = [...durationBounds, Number.POSITIVE_INFINITY].map((bound, i) => {
    below += buckets[i]!
    return line(`${name}_bucket`, { ...labels, le: Number.isFinite(bound) ? String(bound) : '+Inf' }, below)
  })
  return [...cumulative, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, count)]
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`
}

function escapedHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escaped(value: string): string {
  return escapedHelp(value).replaceAll('"', '\\"')
}
