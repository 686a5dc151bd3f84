import { Link as RouteLink } from 'wouter'
import { Sparkline } from '../../components/charts/sparkline.tsx'
import { formatCount, formatDuration, formatMs, formatNumber, formatPercent } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { Figure } from '../../../shared/rpc/contract/overview.ts'
import { changeInWords, type FigureKind } from './figure-words.ts'
import styles from './overview.module.css'

/** Four live figures of the fleet, each with its course over the last hour and its change in words. */
export function Figures({ figures }: { figures: OutputOf<'overview.show'>['figures'] }) {
  const { requestsPerSecond, errorRate, p95Ms, accuracy } = figures
  return (
    <Section title={`Live, last ${formatDuration(requestsPerSecond.periodMs)}`}>
      <div className={styles.figures}>
        <OneFigure
          name="Requests"
          unit="/s"
          figure={requestsPerSecond}
          kind="amount"
          href={paths.monitoring()}
          format={formatNumber}
          basis={(n) => `${formatCount(n)} requests`}
        />
        <OneFigure
          name="Errors"
          figure={errorRate}
          kind="proportion"
          href={`${paths.events}?severity=error`}
          format={(value) => formatPercent(value, 2)}
          digits={2}
          basis={(n) => `of ${formatCount(n)} requests`}
        />
        <OneFigure
          name="p95 latency"
          figure={p95Ms}
          kind="amount"
          href={paths.monitoring()}
          format={formatMs}
          basis={(n) => `of ${formatCount(n)} requests`}
        />
        <OneFigure
          name="Accuracy"
          figure={accuracy}
          kind="proportion"
          href={paths.monitoring()}
          format={(value) => formatPercent(value, 1)}
          basis={(n) => `n ${formatCount(n)}`}
        />
      </div>
    </Section>
  )
}

function OneFigure({
  name,
  unit = '',
  figure,
  kind,
  href,
  format,
  digits = 1,
  basis,
}: {
  name: string
  unit?: string
  figure: Figure
  kind: FigureKind
  href: string
  format(value: number): string
  /** Decimals of the ends of the interval, in percent. */
  digits?: number
  /** What the value rests on. */
  basis(samples: number): string
}) {
  const { value, low, high, samples } = figure
  const hasInterval = low !== null && high !== null && value !== null
  return (
    <RouteLink href={href} className={styles.figure}>
      <span className={styles.figureName}>{name}</span>
      <span className={styles.figureValue}>
        {value === null ? <span className="dim">no data</span> : `${format(value)}${unit}`}
        {value !== null && samples > 0 && (
          <span className={styles.figureBasis}>
            {hasInterval && <span>{`${(low * 100).toFixed(digits)}–${(high * 100).toFixed(digits)} %, `}</span>}
            <span>{basis(samples)}</span>
          </span>
        )}
      </span>
      <span className={styles.figureLine}>
        <Sparkline values={figure.sparkline} width={104} height={30} label={`${name} over the last hour`} />
      </span>
      <span className={styles.figureChange}>{changeInWords(figure, kind)}</span>
    </RouteLink>
  )
}
