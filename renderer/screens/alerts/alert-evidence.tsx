import { LineChart } from '../../components/charts/line-chart.tsx'
import { Facts } from '../../components/facts.tsx'
import { Section } from '../../components/screen.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { evidenceRows, measureText } from './alert-words.ts'
import { readingSeries, readingSpan } from './reading-series.ts'

type Shown = OutputOf<'alerts.show'>

/** What the verdict rests on, so that it can be checked. */
export function AlertEvidence({ shown }: { shown: Shown }) {
  return (
    <Section title="Evidence">
      <Facts rows={evidenceRows(shown.alert.evidence)} />
    </Section>
  )
}

const shortUnits: ReadonlySet<string> = new Set(['', 'share', 'ms', 'bytes', 'value', '/s', '°C'])

/** What the rule saw over time, with its threshold. */
export function AlertReadings({ shown, height }: { shown: Shown; height: number }) {
  const { alert, readings } = shown
  const { threshold, unit } = alert.evidence
  if (readings.every(({ value }) => value === null)) return null
  // An axis has room for "3.2 ms", not for "0.41 adjusted PSI": a unit in words stands in the title.
  const isShort = shortUnits.has(unit)
  const format = (value: number): string => measureText(value, isShort ? unit : '')
  return (
    <LineChart
      title="What the rule saw"
      {...(isShort ? {} : { unit })}
      height={height}
      times={readings.map(({ at }) => at)}
      {...readingSpan(readings)}
      series={readingSeries(readings, 'value')}
      {...(threshold === null ? {} : { threshold: { value: threshold, label: `threshold ${format(threshold)}` } })}
      format={format}
    />
  )
}
