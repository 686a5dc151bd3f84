import { EmptyState } from '../../components/answered.tsx'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { periodWords } from './period-words.ts'
import { BackToReports, ReportBody } from './report-body.tsx'
import { ReportPreview } from './report-preview.tsx'
import { useReport } from './use-report.ts'
import styles from './reports.module.css'

/** One report: the page as it is printed, and beside it where it comes from and what can be done with it. */
export function ReportPage({ report }: { report: number }) {
  const answer = useReport(report)
  const go = useGo()
  if (answer.error?.code === 'report.not-found' || !Number.isInteger(report))
    return (
      <Screen title={`Report ${report}`}>
        <EmptyState title={`There is no report ${report}`} actions={<BackToReports />}>
          It was removed by a person, or by the rule that says how long reports are kept.
        </EmptyState>
      </Screen>
    )
  const shown = answer.data
  return (
    <Screen
      title={shown === undefined ? `Report ${report}` : shown.title}
      isFlush
      beside={shown !== undefined && <span>{periodWords(shown.question)}</span>}
      actions={<BackToReports />}
    >
      <div className={styles.page}>
        <section className={styles.paper} aria-label="The report">
          {shown?.state === 'made' && <ReportPreview key={shown.report} report={shown} />}
          {shown?.state === 'making' && (
            <div className={styles.paperBody}>
              <EmptyState title="The report is being made">It appears here as soon as it is signed. Nothing else waits for it.</EmptyState>
            </div>
          )}
          {shown?.state === 'failed' && (
            <div className={styles.paperBody}>
              <EmptyState title="This report was not made">There is nothing to read: {shown.problem}</EmptyState>
            </div>
          )}
        </section>
        <aside className={styles.side} aria-label="About the report">
          <ReportBody answer={answer} onRemoved={() => go(paths.reports)} />
        </aside>
      </div>
    </Screen>
  )
}
