import { Button } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { EmptyState, Loading, ProblemBox } from '../../components/answered.tsx'
import { plural } from '../../components/format.ts'
import { ColumnsMenu } from '../../components/grid/columns-menu.tsx'
import { DataGrid } from '../../components/grid/data-grid.tsx'
import { useColumns } from '../../components/grid/use-columns.ts'
import page from '../../components/list-page.module.css'
import { SidePanel } from '../../components/side-panel.tsx'
import { useLink } from '../../data/link-context.ts'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { reportColumns } from './report-columns.tsx'
import { ReportBody } from './report-body.tsx'
import type { Report, ReportsView } from './reports-view.ts'
import { useReport } from './use-report.ts'
import styles from './reports.module.css'

const PAGE = 100
const LOAD_BEFORE_END = 20

/** Reports, the newest first, older ones as a person goes down. */
function useReports() {
  const link = useLink()
  const answer = useInfiniteQuery<
    OutputOf<'reports.list'>,
    Problem,
    { pages: OutputOf<'reports.list'>[] },
    readonly unknown[],
    number | null
  >({
    queryKey: ['reports.list', 'all'],
    queryFn: ({ pageParam }) => link.call('reports.list', { limit: PAGE, ...(pageParam === null ? {} : { before: pageParam }) }),
    initialPageParam: null,
    getNextPageParam: ({ reports }) => (reports.length < PAGE ? null : reports.at(-1)!.report),
    placeholderData: keepPreviousData,
  })
  const rows = useMemo(() => answer.data?.pages.flatMap(({ reports }) => reports), [answer.data])
  return { answer, rows }
}

/** The list with the chosen report beside. */
export function ReportList({ view, onView }: { view: ReportsView; onView(change: Partial<ReportsView>): void }) {
  const go = useGo()
  const layout = useColumns('reports', reportColumns)
  const { answer, rows } = useReports()
  const reports: readonly Report[] = rows ?? []
  const loadMore = (): void => {
    if (answer.hasNextPage && !answer.isFetchingNextPage) void answer.fetchNextPage()
  }
  return (
    <>
      {answer.error !== null && (
        <div className={page.problem}>
          <ProblemBox problem={answer.error} onRetry={() => void answer.refetch()} isOverData={rows !== undefined} />
        </div>
      )}
      <div className={page.split}>
        <div className={page.list}>
          <DataGrid
            label="Reports"
            layout={layout}
            total={reports.length}
            rowAt={(index) => reports[index]}
            keyOf={({ report }) => String(report)}
            onVisible={(_, last) => {
              if (reports.length > 0 && last >= reports.length - LOAD_BEFORE_END) loadMore()
            }}
            active={view.report === '' ? null : view.report}
            onActive={(report) => onView({ report })}
            onOpen={({ report }) => go(paths.report(report))}
            empty={
              rows === undefined ? (
                answer.error === null ? (
                  <Loading />
                ) : null
              ) : (
                <NoReports onSchedules={() => onView({ tab: 'schedules' })} />
              )
            }
          />
          {reports.length > 0 && (
            <div className={styles.more}>
              <span className="dim">The newest {plural(reports.length, 'report')}. Enter opens one.</span>
              {answer.hasNextPage && (
                <Button loading={answer.isFetchingNextPage} onClick={loadMore}>
                  Older reports
                </Button>
              )}
              <ColumnsMenu columns={reportColumns} layout={layout} />
            </div>
          )}
        </div>
        {view.report !== '' && <ReportPanel report={Number(view.report)} onClose={() => onView({ report: '' })} />}
      </div>
    </>
  )
}

function ReportPanel({ report, onClose }: { report: number; onClose(): void }) {
  const answer = useReport(report)
  return (
    <SidePanel title={answer.data?.title ?? `Report ${report}`} fullPath={paths.report(report)} onClose={onClose}>
      <ReportBody key={report} answer={answer} onRemoved={onClose} hasLink />
    </SidePanel>
  )
}

function NoReports({ onSchedules }: { onSchedules(): void }) {
  return (
    <EmptyState
      title="There are no reports yet"
      actions={
        <>
          <MayButton method="reports.create" href={paths.newReport()} variant="filled">
            Make the first report
          </MayButton>
          <Button onClick={onSchedules}>Have one made each week</Button>
        </>
      }
    >
      A report says what the fleet did in a period: as a page, a PDF, a workbook or data. It is signed, and any of its values can be made
      anew from the store to see that it is true.
    </EmptyState>
  )
}
