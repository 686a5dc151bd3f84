import { Button, SegmentedControl, Select } from '@mantine/core'
import { useState } from 'react'
import { EmptyState, Loading, ProblemBox } from '../../components/answered.tsx'
import { plural } from '../../components/format.ts'
import { ColumnsMenu } from '../../components/grid/columns-menu.tsx'
import { DataGrid } from '../../components/grid/data-grid.tsx'
import { useColumns } from '../../components/grid/use-columns.ts'
import { QueryBox } from '../../components/query-box.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useCursorPages } from '../../data/use-cursor-pages.ts'
import { useQuery } from '../../data/use-query.ts'
import type { Alert } from '../../../shared/domain/alert.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { historyColumns } from './alert-columns.tsx'
import { AlertPanel } from './alert-panel.tsx'
import { historyPeriods, historyQuestion, type AlertsView } from './alerts-view.ts'
import { SeverityFilter } from './severity-filter.tsx'
import { SilenceDialog } from './silence-dialog.tsx'
import { silenceOf, type SilenceDraft } from './silence-draft.ts'
import page from '../../components/list-page.module.css'
import styles from './alerts.module.css'

const PAGE = 100
const LOAD_BEFORE_END = 10
const entriesOf = (answer: OutputOf<'alerts.list'>): readonly Alert[] => answer.alerts

/** Everything that began in a period, open or over. */
export function AlertHistory({ view, onView }: { view: AlertsView; onView(change: Partial<AlertsView>): void }) {
  const go = useGo()
  const layout = useColumns('alert-history', historyColumns)
  // The start of the period stands still while the list is read; what begins later belongs to it all the same.
  const [openedAt] = useState(() => Date.now())
  const pages = useCursorPages('alerts.list', historyQuestion(view, openedAt), { entriesOf, limit: PAGE })
  const [silenced, silence] = useState<SilenceDraft | null>(null)
  const alerts = pages.entries ?? []
  return (
    <>
      <div className={page.bar}>
        <QueryBox
          value={view.query}
          onChange={(query) => onView({ query })}
          label="Query of the devices whose alerts are shown"
          placeholder="Alerts of all devices. Try: site = lyon"
        />
        <RuleFilter rule={view.rule} onChange={(rule) => onView({ rule })} />
        <SeverityFilter severity={view.severity} onChange={(severity) => onView({ severity })} />
        <SegmentedControl
          aria-label="Period"
          value={view.period}
          onChange={(value) => onView({ period: isPeriod(value) ? value : '7d' })}
          data={Object.keys(historyPeriods).map((value) => ({ value, label: value.replace('d', ' d') }))}
        />
        <ColumnsMenu columns={historyColumns} layout={layout} />
      </div>
      {pages.problem !== null && (
        <div className={page.problem}>
          <ProblemBox problem={pages.problem} onRetry={pages.retry} isOverData={pages.entries !== undefined} />
        </div>
      )}
      <div className={page.split}>
        <div className={page.list}>
          <DataGrid
            label="History of alerts"
            layout={layout}
            total={alerts.length}
            rowAt={(index) => alerts[index]}
            keyOf={({ alert }) => String(alert)}
            onVisible={(_, last) => {
              if (last >= alerts.length - LOAD_BEFORE_END) pages.loadMore()
            }}
            active={view.alert === 0 ? null : String(view.alert)}
            onActive={(key) => onView({ alert: Number(key) })}
            onOpen={({ alert }) => go(paths.alert(alert))}
            empty={pages.entries === undefined ? pages.problem === null ? <Loading /> : null : <NoHistory view={view} onView={onView} />}
          />
          {pages.hasMore && (
            <div className={styles.more}>
              <span className="dim">The newest {plural(alerts.length, 'alert')}</span>
              <Button loading={pages.isLoadingMore} onClick={pages.loadMore}>
                Load older alerts
              </Button>
            </div>
          )}
        </div>
        {view.alert !== 0 && (
          <AlertPanel alert={view.alert} onClose={() => onView({ alert: 0 })} onSilence={(one) => silence(silenceOf(one))} />
        )}
      </div>
      {silenced !== null && <SilenceDialog drafts={[silenced]} onClose={() => silence(null)} />}
    </>
  )
}

function isPeriod(value: string): value is AlertsView['period'] {
  return Object.hasOwn(historyPeriods, value)
}

function RuleFilter({ rule, onChange }: { rule: string; onChange(rule: string): void }) {
  const rules = useQuery('alerts.rules', {}).data?.rules ?? []
  return (
    <Select
      aria-label="Rule"
      w={150}
      value={rule}
      allowDeselect={false}
      onChange={(value) => onChange(value ?? '')}
      data={[{ value: '', label: 'Every rule' }, ...rules.map((one) => ({ value: one.rule, label: one.name }))]}
    />
  )
}

function NoHistory({ view, onView }: { view: AlertsView; onView(change: Partial<AlertsView>): void }) {
  const isFiltered = view.query !== '' || view.severity !== 'info' || view.rule !== ''
  const days = plural(historyPeriods[view.period], 'day')
  return isFiltered ? (
    <EmptyState
      title="No alert matches"
      actions={<Button onClick={() => onView({ query: '', severity: 'info', rule: '' })}>Show all alerts</Button>}
    >
      Nothing like this began in the last {days}.
    </EmptyState>
  ) : (
    <EmptyState title={`No alert began in the last ${days}`}>
      A condition that ended before its rule fired is forgotten, and not part of this list.
    </EmptyState>
  )
}
