import { useState } from 'react'
import { Checkbox, SegmentedControl } from '@mantine/core'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { ExportButton } from '../../components/export-button.tsx'
import { plural } from '../../components/format.ts'
import { Sentence } from '../../components/time.tsx'
import { useQuery } from '../../data/use-query.ts'
import { ratesCsv } from './monitoring-csv.ts'
import { devicesOf, lengthText, periods, recentOf } from './monitoring-view.ts'
import type { Rate } from './monitoring-words.ts'
import { RateTable } from './rate-table.tsx'
import { ReferenceSwitch } from './reference-switch.tsx'
import { RowsWaiting } from './waiting.tsx'
import { EVERY_MS, type TabProps } from './tab-props.ts'
import styles from './version.module.css'

/** References that know how often values were bad before. */
const kinds = ['training', 'device-baseline'] as const

/** How often values are missing, wrong, infinite, out of range, outlying or unseen, against how often they were. */
export function DataTab(props: TabProps) {
  const { of, view, span, onView } = props
  const [isAll, setAll] = useState(false)
  const reference = kinds.find((kind) => kind === view.reference) ?? 'training'
  // A day may hide what the last hours brought: as for drift, what counts are the last verdict windows.
  const recentMs = recentOf(view)
  const period = view.over === 'period' ? span : { from: span.through - recentMs, through: span.through }
  const answer = useQuery(
    'monitoring.dataQuality',
    { ...of, ...devicesOf(view), ...period, reference },
    { keepsPrevious: true, everyMs: EVERY_MS },
  )
  const rates = answer.data?.rates
  const shown = rates === undefined ? [] : isAll ? rates : rates.filter(isWorthARow)
  return (
    <div className={styles.body}>
      <div className={styles.controls}>
        <ReferenceSwitch {...props} kinds={kinds} onChoose={(next) => onView({ reference: next })} />
        <span className={styles.controlEnd}>
          <SegmentedControl
            aria-label="Which values"
            data={[
              { value: 'now', label: `Last ${lengthText(recentMs)}` },
              { value: 'period', label: periods[view.period].title },
            ]}
            value={view.over}
            onChange={(value) => onView({ over: value === 'period' ? 'period' : 'now' })}
          />
          <Checkbox label="Also what never occurs" checked={isAll} onChange={() => setAll(!isAll)} />
          {rates !== undefined && (
            <ExportButton
              isIcon
              label="Export the rates as CSV"
              fileName={`data-quality-${of.model}-${of.version}.csv`}
              make={() => Promise.resolve({ text: ratesCsv(rates), done: `${plural(rates.length, 'rate')} exported.` })}
            />
          )}
        </span>
      </div>
      {answer.error !== null && (
        <ProblemBox problem={answer.error} onRetry={() => void answer.refetch()} isOverData={rates !== undefined} />
      )}
      {rates === undefined && answer.error === null && <RowsWaiting count={10} />}
      {answer.data !== undefined && rates !== undefined && (
        <>
          {rates.length === 0 && (
            <EmptyState
              title={
                answer.data.reference.state === 'ready'
                  ? `Nothing was counted in the last ${view.over === 'period' ? periods[view.period].title : lengthText(recentMs)}`
                  : 'There is nothing to compare with'
              }
            >
              <Sentence
                text={answer.data.reference.why ?? 'Devices count bad values with every request and tell of them every few minutes.'}
              />
            </EmptyState>
          )}
          {rates.length > 0 && shown.length === 0 && (
            <EmptyState title={`No bad value in ${plural(mostTrials(rates), 'value')} of each feature`}>
              Nothing was missing, of a wrong type, infinite, out of range, outlying or unseen, here or in the reference.
            </EmptyState>
          )}
          {shown.length > 0 && (
            <div className={styles.scroll} tabIndex={0} role="region" aria-label="Rates of bad values">
              <RateTable rates={shown} />
            </div>
          )}
        </>
      )}
    </div>
  )
}

/** Sixty features have hundreds of rates that are zero on both sides: they are left out until somebody asks. */
function isWorthARow({ state, current, reference }: Rate): boolean {
  return state === 'alarm' || current.successes > 0 || reference.successes > 0
}

function mostTrials(rates: readonly Rate[]): number {
  return Math.max(0, ...rates.map(({ current }) => current.trials))
}
