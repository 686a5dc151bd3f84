import { Button, SegmentedControl } from '@mantine/core'
import { useMemo, useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { EmptyState, Loading, ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { ExportButton } from '../../components/export-button.tsx'
import { formatCount, plural } from '../../components/format.ts'
import type { Sort } from '../../components/grid/column.ts'
import { ColumnsMenu } from '../../components/grid/columns-menu.tsx'
import { DataGrid } from '../../components/grid/data-grid.tsx'
import { useColumns } from '../../components/grid/use-columns.ts'
import page from '../../components/list-page.module.css'
import { QueryBox } from '../../components/query-box.tsx'
import { Screen } from '../../components/screen.tsx'
import { useNow } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useGo, useUrlState } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import { deviceColumns, versionColumns, type ShownRow } from './health-columns.tsx'
import { HealthPanel } from './health-panel.tsx'
import { shownRows, sortedRows } from './health-rows.ts'
import { healthLine } from './monitor-lines.ts'
import { healthCsv } from './monitoring-csv.ts'
import { healthView, periodNames, periods, spanOf, type HealthView } from './monitoring-view.ts'
import { EVERY_MS } from './tab-props.ts'
import styles from './monitoring.module.css'

const MOST_ROWS = 1000
const COURSE_BUCKETS = 48

/** How every model in service does, one row per deployment and version, or per device; the worst first. */
export function Monitoring() {
  const [view, setView] = useUrlState(healthView)
  const [sort, setSort] = useState<Sort | null>(null)
  const { rows, total, problem, isThere, retry } = useHealth(view)
  const sorted = useMemo(() => sortedRows(rows, sort), [rows, sort])
  const layout = useColumns(`monitoring.${view.by}`, view.by === 'version' ? versionColumns : deviceColumns)
  const go = useGo()
  const shown = sorted.find(({ key }) => key === view.row)
  return (
    <Screen
      title="Monitoring"
      isFlush
      beside={<Scope view={view} total={total} rows={rows.length} onView={setView} />}
      actions={<ViewChoices view={view} onView={setView} />}
    >
      <div className={page.bar}>
        <QueryBox
          value={view.query}
          onChange={(query) => setView({ query })}
          label="Query of the devices that are looked at"
          placeholder="All devices. Try: site = lyon"
        />
        <ColumnsMenu columns={view.by === 'version' ? versionColumns : deviceColumns} layout={layout} />
        <ExportButton
          isIcon
          label="Export the table as CSV"
          fileName={`monitoring-${new Date().toISOString().slice(0, 10)}.csv`}
          make={() => Promise.resolve({ text: healthCsv(sorted), done: `${plural(sorted.length, 'row')} exported.` })}
        />
        <CopyAsCommand command={healthLine(view)} isIcon />
      </div>
      {problem !== null && (
        <div className={page.problem}>
          <ProblemBox problem={problem} onRetry={retry} isOverData={isThere} />
        </div>
      )}
      <div className={page.split}>
        <div className={page.list}>
          <DataGrid
            label="Models in service"
            layout={layout}
            total={sorted.length}
            rowAt={(index) => sorted[index]}
            keyOf={({ key }) => key}
            sort={sort}
            onSort={setSort}
            active={view.row === '' ? null : view.row}
            onActive={(row) => setView({ row })}
            onOpen={({ path }: ShownRow) => go(path)}
            empty={isThere ? <NothingMeasured view={view} onView={setView} /> : problem === null ? <Loading /> : null}
          />
        </div>
        {shown !== undefined && <HealthPanel row={shown} onClose={() => setView({ row: '' })} />}
      </div>
    </Screen>
  )
}

function useHealth(view: HealthView) {
  const span = spanOf(view.period, useNow())
  const { by, query, deployment, model, version } = view
  const named = {
    ...(deployment === '' ? {} : { deployment }),
    ...(model === '' ? {} : { model }),
    ...(version === '' ? {} : { version }),
  }
  const answer = useQuery(
    'monitoring.health',
    { ...span, ...named, query, by, limit: MOST_ROWS },
    { keepsPrevious: true, everyMs: EVERY_MS },
  )
  const grid = { ...span, buckets: COURSE_BUCKETS, by: 'version' as const, ...named }
  // Sums of the whole fleet are kept; those of some devices are added up, which costs more.
  const ofFleet = useQuery('telemetry.fleetSeries', grid, { enabled: by === 'version' && query === '', keepsPrevious: true })
  const ofSome = useQuery('telemetry.series', { ...grid, query }, { enabled: by === 'version' && query !== '', keepsPrevious: true })
  const series = query === '' ? ofFleet.data : ofSome.data
  const rows = useMemo(() => shownRows(answer.data?.rows ?? [], view, series), [answer.data, view, series])
  return {
    ...{ rows, total: answer.data?.total ?? 0, problem: answer.error, isThere: answer.data !== undefined },
    retry: () => void answer.refetch(),
  }
}

function ViewChoices({ view, onView }: { view: HealthView; onView(change: Partial<HealthView>): void }) {
  return (
    <>
      <SegmentedControl
        aria-label="One row per"
        data={[
          { value: 'version', label: 'By version' },
          { value: 'device', label: 'By device' },
        ]}
        value={view.by}
        onChange={(by) => onView({ by: by === 'device' ? 'device' : 'version', row: '' })}
      />
      <SegmentedControl
        aria-label="Period"
        data={periodNames.map((value) => ({ value, label: periods[value].title }))}
        value={view.period}
        onChange={(value) => onView({ period: periodNames.find((one) => one === value) ?? '24h' })}
      />
    </>
  )
}

/** What the list is narrowed to, and whether all of it is there. */
function Scope({
  view,
  total,
  rows,
  onView,
}: {
  view: HealthView
  total: number
  rows: number
  onView(change: Partial<HealthView>): void
}) {
  const { deployment, model, version } = view
  const words = [deployment, [model, version].filter((one) => one !== '').join(' ')].filter((one) => one !== '')
  return (
    <>
      {words.length > 0 && (
        <span className={styles.scope}>
          <span className="foreign">Only {words.join(', ')}</span>
          <Button size="compact-xs" onClick={() => onView({ deployment: '', model: '', version: '' })}>
            Show all
          </Button>
        </span>
      )}
      {total > rows && (
        <span>
          {formatCount(rows)} of {formatCount(total)} rows
        </span>
      )}
    </>
  )
}

function NothingMeasured({ view, onView }: { view: HealthView; onView(change: Partial<HealthView>): void }) {
  const isNarrowed = view.query !== '' || view.deployment !== '' || view.model !== ''
  const longer = periodNames[periodNames.indexOf(view.period) + 1]
  return (
    <EmptyState
      title={`No model answered in the last ${periods[view.period].title}`}
      actions={
        <>
          {isNarrowed && <Button onClick={() => onView({ query: '', deployment: '', model: '', version: '' })}>Show everything</Button>}
          {longer !== undefined && <Button onClick={() => onView({ period: longer })}>Look at {periods[longer].title}</Button>}
          <Button component={RouteLink} href={paths.deploy()}>
            Deploy a version
          </Button>
        </>
      }
    >
      Figures come with the windows that devices close: at most some minutes after the first request.
    </EmptyState>
  )
}
