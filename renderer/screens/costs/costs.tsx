import { Button, SegmentedControl } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useMemo, useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { costsCsv } from '../../../shared/domain/cost-csv.ts'
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
import { costColumns, type CostReport, type ShownCost } from './cost-columns.tsx'
import { CostDays } from './cost-days.tsx'
import { CostFigures } from './cost-figures.tsx'
import { costsLine, costsView, periodNames, periods, reportKeys, spanOf, type CostsView } from './costs-view.ts'
import styles from './costs.module.css'

const MOST_ROWS = 1000
/** Ledgers come every five minutes per device, and a report of a large fleet costs more than a look. */
const EVERY_MS = 60_000

/** What the fleet costs: figures, days, and a row per device, cause, link, site, day or rollout. */
export function Costs() {
  const [view, setView] = useUrlState(costsView)
  const now = useNow()
  const span = spanOf(view.period, now)
  const isTall = useMediaQuery('(min-height: 840px)')
  const report = useQuery(
    'costs.report',
    { ...span, by: view.by, query: view.query, limit: MOST_ROWS },
    { keepsPrevious: true, everyMs: EVERY_MS },
  )
  const days = useQuery('costs.report', { ...span, by: 'day', query: view.query, limit: 400 }, { keepsPrevious: true, everyMs: EVERY_MS })
  // While the answer to another key is under way the old one must not be read by the new key.
  const shown = report.isPlaceholderData ? undefined : report.data
  return (
    <Screen title="Costs" isFlush beside={<Scope report={shown} />} actions={<Choices view={view} onView={setView} />}>
      <div className={page.bar}>
        <QueryBox
          value={view.query}
          onChange={(query) => setView({ query })}
          label="Query of the devices that are added up"
          placeholder="All devices, also those that have left. Try: site = lyon"
        />
        <CostTools view={view} report={shown} line={costsLine(view, now)} />
      </div>
      {report.error !== null && (
        <div className={page.problem}>
          <ProblemBox problem={report.error} onRetry={() => void report.refetch()} isOverData={report.data !== undefined} />
        </div>
      )}
      {report.data !== undefined && (
        <section className={styles.summary} aria-label="Summary">
          <CostFigures report={report.data} />
          {hasNoPrice(report.data) && (
            <p className={styles.notice}>
              Nothing has a price yet: amounts are zero. <RouteLink href={paths.settingsTab('costs')}>Write the price sheet</RouteLink>
            </p>
          )}
          {days.data !== undefined && <CostDays report={days.data} height={isTall ? 160 : 96} />}
        </section>
      )}
      <CostTable key={view.by} view={view} report={shown} isFailed={report.error !== null} onView={setView} />
    </Screen>
  )
}

function hasNoPrice({ total }: CostReport): boolean {
  return total.total === 0 && total.bytesIn + total.bytesOut > 0
}

function Choices({ view, onView }: { view: CostsView; onView(change: Partial<CostsView>): void }) {
  return (
    <SegmentedControl
      aria-label="Period"
      data={periodNames.map((value) => ({ value, label: periods[value] }))}
      value={view.period}
      onChange={(value) => onView({ period: periodNames.find((one) => one === value) ?? 'month' })}
    />
  )
}

function Scope({ report }: { report: CostReport | undefined }) {
  if (report === undefined || report.totalRows <= report.rows.length) return null
  return (
    <span>
      {formatCount(report.rows.length)} of {formatCount(report.totalRows)} rows, those that cost most
    </span>
  )
}

function CostTools({ view, report, line }: { view: CostsView; report: CostReport | undefined; line: string }) {
  return (
    <>
      {report !== undefined && (
        <ExportButton
          isIcon
          label="Export the rows as CSV"
          fileName={`costs-by-${view.by}-${new Date(report.from).toISOString().slice(0, 10)}.csv`}
          make={() =>
            Promise.resolve({
              text: costsCsv(view.by, report.currency, report.rows),
              done: `${plural(report.rows.length, 'row')} exported.`,
            })
          }
        />
      )}
      <CopyAsCommand command={line} isIcon />
      <Button component={RouteLink} href={paths.settingsTab('costs')}>
        Price sheet
      </Button>
    </>
  )
}

function CostTable({
  view,
  report,
  isFailed,
  onView,
}: {
  view: CostsView
  report: CostReport | undefined
  isFailed: boolean
  onView(change: Partial<CostsView>): void
}) {
  const [sort, setSort] = useState<Sort | null>(null)
  const [active, setActive] = useState<string | null>(null)
  const go = useGo()
  const columns = useMemo(() => costColumns(view.by, report?.currency ?? ''), [view.by, report?.currency])
  const layout = useColumns(`costs.${view.by}`, columns)
  const rows = useMemo(() => shownRows(report, view, sort), [report, view, sort])
  return (
    <>
      <div className={page.bar}>
        <SegmentedControl
          aria-label="One row per"
          data={reportKeys.map((value) => ({ value, label: `By ${value}` }))}
          value={view.by}
          onChange={(value) => onView({ by: reportKeys.find((one) => one === value) ?? 'device' })}
        />
        <ColumnsMenu columns={columns} layout={layout} />
      </div>
      <div className={page.list}>
        <DataGrid
          label={`Costs by ${view.by}`}
          layout={layout}
          total={rows.length}
          rowAt={(index) => rows[index]}
          keyOf={({ key }) => key}
          sort={sort}
          onSort={setSort}
          active={active}
          onActive={setActive}
          onOpen={({ key, by }: ShownCost) => {
            if (by === 'device') go(paths.device(key))
            else if (by === 'rollout' && key !== '') go(paths.rollout(Number(key)))
          }}
          empty={report === undefined ? isFailed ? null : <Loading /> : <NoUse view={view} onView={onView} />}
        />
      </div>
    </>
  )
}

function shownRows(report: CostReport | undefined, { by }: CostsView, sort: Sort | null): ShownCost[] {
  if (report === undefined) return []
  const whole = report.total.total
  const rows = report.rows.map((row) => ({ ...row, by, share: whole === 0 ? null : row.total / whole }))
  if (sort === null) return rows
  const id = sort.column as keyof ShownCost
  const compare = (a: ShownCost, b: ShownCost): number =>
    id === 'key' ? a.key.localeCompare(b.key, 'en', { numeric: true }) : Number(a[id]) - Number(b[id])
  return rows.toSorted((a, b) => (sort.descending ? compare(b, a) : compare(a, b)))
}

function NoUse({ view, onView }: { view: CostsView; onView(change: Partial<CostsView>): void }) {
  return (
    <EmptyState
      title={view.query === '' ? 'No device told of its use in this period' : `No device of this query told of its use in this period`}
      actions={
        <>
          {view.query !== '' && <Button onClick={() => onView({ query: '' })}>All devices</Button>}
          {view.period !== '30d' && <Button onClick={() => onView({ period: '30d' })}>Look at 30 days</Button>}
          <Button component={RouteLink} href={paths.settingsTab('costs')}>
            Write the price sheet
          </Button>
        </>
      }
    >
      Devices write down what they received, sent, reckoned and keep every five minutes. With the prices of links, computing and storage
      that becomes money here, and a forecast before each rollout.
    </EmptyState>
  )
}
