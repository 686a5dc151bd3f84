import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { ChartGroup } from '../../components/charts/chart-group.tsx'
import { LineChart } from '../../components/charts/line-chart.tsx'
import { ReliabilityDiagram } from '../../components/charts/reliability.tsx'
import { Confusion } from '../../components/confusion/confusion.tsx'
import { ExportButton } from '../../components/export-button.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatNumber, formatPercent } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { useQuery } from '../../data/use-query.ts'
import { ClassTable } from './class-table.tsx'
import { qualityCsv } from './monitoring-csv.ts'
import { devicesOf, periods } from './monitoring-view.ts'
import type { Quality } from './monitoring-words.ts'
import { QualityFigures } from './quality-figures.tsx'
import { qualitySeries } from './quality-series.ts'
import { ChartsWaiting } from './waiting.tsx'
import { EVERY_MS, type TabProps } from './tab-props.ts'
import styles from './version.module.css'

/** What labels say of the answers beside what confidence lets expect; never one for the other. */
export function QualityTab({ of, view, span }: TabProps) {
  const buckets = Math.min(periods[view.period].buckets, 96)
  const answer = useQuery('monitoring.quality', { ...of, ...devicesOf(view), ...span, buckets }, { keepsPrevious: true, everyMs: EVERY_MS })
  const quality = answer.data
  return (
    <div className={styles.body}>
      {answer.error !== null && (
        <ProblemBox problem={answer.error} onRetry={() => void answer.refetch()} isOverData={quality !== undefined} />
      )}
      {quality === undefined && answer.error === null && <ChartsWaiting count={2} height={220} />}
      {quality !== undefined && (
        <>
          <QualityFigures quality={quality} />
          <OverTime quality={quality} span={span} name={`${of.model}-${of.version}`} />
          {quality.labelled === 0 ? (
            <NoLabels />
          ) : quality.regression === null ? (
            <Classes quality={quality} />
          ) : (
            <Errors regression={quality.regression} />
          )}
        </>
      )}
    </div>
  )
}

function OverTime({ quality, span, name }: { quality: Quality; span: TabProps['span']; name: string }) {
  const { times, series } = qualitySeries(quality.series, span.through)
  const isShare = quality.regression === null
  const reference = quality.reference?.accuracy ?? null
  return (
    <Section
      title="Over time, 95 % intervals"
      actions={
        <ExportButton
          isIcon
          label="Export quality over time as CSV"
          fileName={`quality-${name}.csv`}
          make={() => Promise.resolve({ text: qualityCsv(quality), done: 'Quality over time exported.' })}
        />
      }
    >
      <ChartGroup>
        <LineChart
          title={isShare ? 'Accuracy' : 'Mean absolute error'}
          unit="by the time of the prediction"
          height={180}
          from={span.from}
          through={span.through}
          times={times}
          series={series}
          format={isShare ? formatPercent : formatNumber}
          isFromZero={false}
          {...(reference === null || !isShare
            ? {}
            : { threshold: { value: reference, label: `${quality.reference!.from} ${formatPercent(reference)}` } })}
          emptyText="No label and no estimate in this period"
        />
      </ChartGroup>
    </Section>
  )
}

function NoLabels() {
  return (
    <EmptyState title="Nothing was labelled in this period">
      Send the truth back to the device as feedback, or label samples at the labelling desk. Until then there is at most an estimate.
    </EmptyState>
  )
}

function Classes({ quality }: { quality: Quality }) {
  return (
    <>
      <div className={styles.halves}>
        <Section title="Confusion matrix">
          {quality.confusion === null ? (
            <p className="dim">The matrix is not kept for more than 100 classes.</p>
          ) : (
            <Confusion matrix={quality.confusion.matrix} labels={quality.confusion.labels} />
          )}
        </Section>
        <Section title="Calibration">
          <ReliabilityDiagram bins={quality.reliability} />
          <Calibration quality={quality} />
        </Section>
      </div>
      {quality.classes.length > 0 && (
        <Section title="Per class">
          <ClassTable classes={quality.classes} />
        </Section>
      )}
    </>
  )
}

function Calibration({ quality: { ece, mce, brier, auc } }: { quality: Quality }) {
  const text = (value: number | null): string => (value === null ? 'undefined' : value.toFixed(3))
  return (
    <Facts
      rows={[
        [
          'ECE',
          <span key="ece" title="Mean distance of the points from the dashed line, weighted by rows">
            {text(ece)}
          </span>,
        ],
        [
          'MCE',
          <span key="mce" title="The largest distance, of bins with at least 10 rows">
            {text(mce)}
          </span>,
        ],
        [
          'Brier',
          <span key="brier" title="Mean of (confidence - right) squared">
            {text(brier)}
          </span>,
        ],
        ['AUC of confidence', auc === null ? 'undefined' : `${text(auc.value)} (bounds ${text(auc.low)} to ${text(auc.high)})`],
      ]}
    />
  )
}

function Errors({ regression }: { regression: NonNullable<Quality['regression']> }) {
  const text = (value: number | null): string => (value === null ? 'undefined' : formatNumber(value))
  return (
    <Section title="Errors">
      <Facts
        rows={[
          ['Mean absolute error', text(regression.mae)],
          ['Root mean square', text(regression.rmse)],
          ['R²', text(regression.r2)],
          ['Bias', text(regression.bias)],
          ['Relative error', regression.mape === null ? 'undefined' : formatPercent(regression.mape)],
        ]}
      />
    </Section>
  )
}
