import { Button } from '@mantine/core'
import { IconShieldCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { periodText } from '../../../shared/domain/report/value-text.ts'
import { Answered, ProblemBox } from '../../components/answered.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { Copy, CopyAsCommand } from '../../components/copy.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatCount, shortDigest } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { useCommand } from '../../data/use-command.ts'
import type { Answer } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import { CheckResult } from './check-result.tsx'
import { MakingReport } from './making-report.tsx'
import { periodWords } from './period-words.ts'
import { ReportFiles } from './report-files.tsx'
import { askerText, devicesText, kindTitles, narrowedText, reportLines, reportStates, type Report } from './reports-view.ts'
import { useCheck } from './use-check.ts'
import styles from './reports.module.css'

/** What is said of a report, and done with it, beside the list and beside its page. */
export function ReportBody({
  answer,
  onRemoved,
  hasLink = false,
}: {
  answer: Answer<'reports.show'>
  onRemoved(): void
  hasLink?: boolean
}) {
  return (
    <Answered answer={answer}>
      {(report) => (
        <>
          <div className={styles.line}>
            <StateMark {...reportStates[report.state]} />
            {hasLink && report.state === 'made' && <RouteLink href={paths.report(report.report)}>Read it here</RouteLink>}
          </div>
          {report.state === 'making' && <MakingReport report={report} />}
          {report.state === 'failed' && <FailedReport report={report} />}
          {report.state === 'made' && <MadeReport report={report} />}
          <ReportFacts report={report} />
          <Acts report={report} onRemoved={onRemoved} />
        </>
      )}
    </Answered>
  )
}

function FailedReport({ report }: { report: Report }) {
  return (
    <ProblemBox
      problem={{
        code: 'report.not-made',
        message: report.problem ?? '',
        hint: 'Nothing was stored of it. Make it again when the reason is gone.',
      }}
    />
  )
}

function MadeReport({ report }: { report: Report }) {
  const check = useCheck()
  return (
    <>
      <p className={`${styles.lead} foreign`}>{report.sentence}</p>
      <ReportFiles report={report} />
      <section className={styles.part}>
        <h2>Is it true?</h2>
        <div className={styles.running}>
          <CheckResult check={check} />
          {!check.isRunning && (
            <div className={styles.line}>
              <MayButton
                method="reports.verify"
                leftSection={<IconShieldCheck size={14} />}
                onClick={() => check.startReport(report.report)}
              >
                {check.result === null ? 'Verify' : 'Verify again'}
              </MayButton>
              {check.result === null && <span className="dim">Checks the signature, and makes every value anew from the store.</span>}
            </div>
          )}
        </div>
      </section>
    </>
  )
}

function ReportFacts({ report }: { report: Report }) {
  const { question, dataHash } = report
  return (
    <section className={styles.part}>
      <h2>Facts</h2>
      <Facts
        rows={[
          ['Kind', kindTitles[report.kind]],
          ['Period', <span title={periodText(question)}>{periodWords(question)}</span>],
          ['Zone', question.zone],
          ['Devices', devicesText(question.query)],
          ['Of', narrowedText(question) === '' ? null : narrowedText(question)],
          ['Asked by', askerText(report)],
          ['Asked', <Ago at={report.askedAt} />],
          ['Made', report.madeAt === null ? null : <Ago at={report.madeAt} />],
          ['Values', dataHash === null ? null : formatCount(report.facts)],
          [
            'Data hash',
            dataHash === null ? null : (
              <span className={styles.hash}>
                <span className="mono" title={dataHash}>
                  {shortDigest(dataHash)}
                </span>
                <Copy value={dataHash} label="Copy the data hash" />
              </span>
            ),
          ],
        ]}
      />
    </section>
  )
}

function Acts({ report, onRemoved }: { report: Report; onRemoved(): void }) {
  const [isAsked, setAsked] = useState(false)
  const remove = useCommand('reports.remove')
  const number = report.report
  return (
    <div className={styles.line}>
      <MayButton method="reports.create" href={paths.newReport({ from: number })}>
        Make it again
      </MayButton>
      <MayButton method="reports.remove" disabled={report.state === 'making'} onClick={() => setAsked(true)}>
        Remove
      </MayButton>
      <Copy value={`${location.origin}${paths.report(number)}`} label="Copy the link" />
      <CopyAsCommand command={reportLines.show(number)} isIcon />
      <Confirm
        isOpen={isAsked}
        title={`Remove report ${number}`}
        action="Remove the report"
        isBusy={remove.isRunning}
        onClose={() => setAsked(false)}
        onConfirm={() => {
          remove
            .run({ report: number })
            .then(() => {
              showDone(`Report ${number} was removed.`)
              onRemoved()
            })
            .catch(() => undefined)
            .finally(() => setAsked(false))
        }}
      >
        <p>
          Its files go from this console and cannot be had back. Files that were saved elsewhere stay, but only JSON can be verified after
          that: the hashes of the other formats go with the report.
        </p>
      </Confirm>
    </div>
  )
}

/** What stands where there is no report of a number. */
export function BackToReports() {
  return (
    <Button component={RouteLink} href={paths.reports}>
      All reports
    </Button>
  )
}
