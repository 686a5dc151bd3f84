import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { EmptyState, Loading, ProblemBox } from '../../components/answered.tsx'
import { formatCount, plural } from '../../components/format.ts'
import { isSelected, nothingSelected, type Selection } from '../../components/grid/column.ts'
import { ColumnsMenu } from '../../components/grid/columns-menu.tsx'
import { DataGrid } from '../../components/grid/data-grid.tsx'
import { useColumns } from '../../components/grid/use-columns.ts'
import { QueryBox } from '../../components/query-box.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useCursorPages } from '../../data/use-cursor-pages.ts'
import { useQuery } from '../../data/use-query.ts'
import { usePlaceKeys } from '../../shell/place-shortcuts.ts'
import type { Alert } from '../../../shared/domain/alert.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { AlertBulk } from './alert-bulk.tsx'
import { openColumns } from './alert-columns.tsx'
import { AlertPanel } from './alert-panel.tsx'
import { SeverityFilter } from './severity-filter.tsx'
import { openQuestion, quietChoices, type AlertsView } from './alerts-view.ts'
import { SilenceDialog } from './silence-dialog.tsx'
import { silencesOf, type SilenceDraft } from './silence-draft.ts'
import { toAcknowledge, useAlertActs } from './use-alert-acts.ts'
import page from '../../components/list-page.module.css'

const PAGE = 100
const LOAD_BEFORE_END = 10
const entriesOf = (answer: OutputOf<'alerts.list'>): readonly Alert[] => answer.alerts
const keyOf = ({ alert }: Alert): string => String(alert)

/** Alerts that are open, those that need somebody first. */
export function OpenAlerts({ view, onView }: { view: AlertsView; onView(change: Partial<AlertsView>): void }) {
  const go = useGo()
  const layout = useColumns('alerts', openColumns)
  const pages = useCursorPages('alerts.list', openQuestion(view), { entriesOf, limit: PAGE })
  const [selection, select] = useState<Selection>(nothingSelected)
  const [silenced, silence] = useState<SilenceDraft[] | null>(null)
  const acts = useAlertActs()
  const alerts = pages.entries ?? []
  const chosen = alerts.filter((alert) => isSelected(selection, keyOf(alert)))
  const shown = alerts.find(({ alert }) => alert === view.alert)
  const inHand = chosen.length > 0 ? chosen : shown === undefined ? [] : [shown]
  const acknowledge = (some: readonly Alert[]): void => {
    const wanted = toAcknowledge(some)
    if (wanted.length > 0)
      void acts.acknowledge(wanted).then(
        () => select(nothingSelected),
        () => undefined,
      )
  }
  usePlaceKeys({ a: () => acknowledge(inHand), s: () => inHand.length > 0 && silence(silencesOf(inHand)) })
  const isFiltered = view.query !== '' || view.severity !== 'info' || view.quiet !== 'all'
  return (
    <>
      <div className={page.bar}>
        <QueryBox
          value={view.query}
          onChange={(query) => onView({ query })}
          label="Query of the devices whose alerts are shown"
          placeholder="Alerts of all devices. Try: site = lyon"
        />
        <SeverityFilter severity={view.severity} onChange={(severity) => onView({ severity })} />
        <SegmentedControl
          aria-label="Who looks after them"
          value={view.quiet}
          onChange={(value) => onView({ quiet: value === 'loud' || value === 'quiet' ? value : 'all' })}
          data={Object.entries(quietChoices).map(([value, label]) => ({ value, label }))}
        />
        <ColumnsMenu columns={openColumns} layout={layout} />
      </div>
      {pages.problem !== null && (
        <div className={page.problem}>
          <ProblemBox problem={pages.problem} onRetry={pages.retry} isOverData={pages.entries !== undefined} />
        </div>
      )}
      <div className={page.split}>
        <div className={page.list}>
          <DataGrid
            label="Open alerts"
            layout={layout}
            total={alerts.length}
            rowAt={(index) => alerts[index]}
            keyOf={keyOf}
            onVisible={(_, last) => {
              if (last >= alerts.length - LOAD_BEFORE_END) pages.loadMore()
            }}
            selection={selection}
            onSelection={select}
            active={view.alert === 0 ? null : String(view.alert)}
            onActive={(key) => onView({ alert: Number(key) })}
            onOpen={({ alert }) => go(paths.alert(alert))}
            empty={
              pages.entries === undefined ? (
                pages.problem === null ? (
                  <Loading />
                ) : null
              ) : (
                <NoAlerts isFiltered={isFiltered} onClear={() => onView({ query: '', severity: 'info', quiet: 'all' })} />
              )
            }
          />
          <AlertBulk
            alerts={chosen}
            isBusy={acts.isBusy}
            onAcknowledge={() => acknowledge(chosen)}
            onUnacknowledge={() =>
              void acts
                .unacknowledge(chosen.filter(({ acknowledged }) => acknowledged !== null).map(({ alert }) => alert))
                .catch(() => undefined)
            }
            onSilence={() => silence(silencesOf(chosen))}
            onNone={() => select(nothingSelected)}
          />
        </div>
        {view.alert !== 0 && (
          <AlertPanel alert={view.alert} onClose={() => onView({ alert: 0 })} onSilence={(one) => silence(silencesOf([one]))} />
        )}
      </div>
      {silenced !== null && <SilenceDialog drafts={silenced} onClose={() => silence(null)} />}
    </>
  )
}

/** Nothing is open: said with what looks, so that quiet can be told from blind. */
function NoAlerts({ isFiltered, onClear }: { isFiltered: boolean; onClear(): void }) {
  const rules = useQuery('alerts.rules', {}).data?.rules
  const devices = useQuery('system.status', {}).data?.devices.enrolled
  if (isFiltered)
    return (
      <EmptyState title="No open alert matches" actions={<Button onClick={onClear}>Show all open alerts</Button>}>
        There may be others, of other devices or less severe.
      </EmptyState>
    )
  const looking = rules?.filter(({ isEnabled }) => isEnabled).length
  const looks =
    looking === undefined || devices === undefined
      ? ''
      : ` ${plural(looking, 'rule')} ${looking === 1 ? 'looks' : 'look'} at ${plural(devices, 'device')}.`
  const off = (rules?.length ?? 0) - (looking ?? 0)
  return (
    <EmptyState title={`No alerts.${looks}`}>
      {looking === 0
        ? 'Every rule is switched off: nothing would be told. Switch rules on under Rules.'
        : `A rule that fires shows here first, then by the channels.${off > 0 ? ` ${formatCount(off)} ${off === 1 ? 'rule is' : 'rules are'} switched off.` : ''}`}
    </EmptyState>
  )
}
