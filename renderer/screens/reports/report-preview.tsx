import { Button } from '@mantine/core'
import { IconPrinter } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { EmptyState, ProblemBox } from '../../components/answered.tsx'
import { formatBytes } from '../../components/format.ts'
import { Progress } from '../../components/progress.tsx'
import { useLink } from '../../data/link-context.ts'
import type { Report } from './reports-view.ts'
import { fetchReport } from './use-report-file.ts'
import styles from './reports.module.css'

/** Beyond it the page would stand still while the frame is laid out; the file is there all the same. */
const LARGEST_BYTES = 12_000_000

type Fetched = { html: string } | { problem: Problem } | { share: number | null }

/** The HTML of a report, fetched once. */
function useHtml(report: number, again: number): Fetched {
  const link = useLink()
  const [fetched, setFetched] = useState<Fetched>({ share: null })
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    setFetched({ share: null })
    fetchReport(link, { report, format: 'html' }, { signal, onProgress: (share) => setFetched({ share }) }).then(
      ({ bytes }) => signal.aborted || setFetched({ html: new TextDecoder().decode(bytes) }),
      (error: unknown) =>
        signal.aborted || setFetched({ problem: error instanceof Problem ? error : new Problem('internal', messageOf(error)) }),
    )
    return () => controller.abort()
  }, [link, report, again])
  return fetched
}

/** Styles of the frame are allowed by the policy of the page, whose nonce they need; nothing else in it runs or loads. */
export function withPageNonce(html: string, nonce: string): string {
  return html.replace('<style>', `<style nonce="${nonce}">`)
}

/** The report as it is printed. The frame runs no script; it is of this origin only so that it can be printed from here. */
export function ReportPreview({ report }: { report: Report }) {
  const known = report.files.find(({ format }) => format === 'html')?.bytes ?? 0
  return known > LARGEST_BYTES ? (
    <div className={styles.paperBody}>
      <EmptyState title={`The page has ${formatBytes(known)}`}>
        That is too much to show here. Save it as HTML, and open it in a browser.
      </EmptyState>
    </div>
  ) : (
    <Preview report={report} />
  )
}

function Preview({ report }: { report: Report }) {
  const [again, setAgain] = useState(0)
  const fetched = useHtml(report.report, again)
  const frame = useRef<HTMLIFrameElement>(null)
  if ('problem' in fetched)
    return (
      <div className={styles.paperBody}>
        <ProblemBox problem={fetched.problem} onRetry={() => setAgain(again + 1)} />
      </div>
    )
  if (!('html' in fetched))
    return (
      <div className={styles.paperBody} role="status">
        <Progress share={fetched.share} label="The page of the report" />
      </div>
    )
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
  return (
    <>
      <iframe
        ref={frame}
        className={styles.frame}
        title={`Report ${report.report}`}
        sandbox="allow-same-origin allow-modals"
        srcDoc={withPageNonce(fetched.html, nonce)}
      />
      <div className={styles.more}>
        <span className="dim">As it is printed. The frame runs no script and loads nothing.</span>
        <Button leftSection={<IconPrinter size={14} />} onClick={() => frame.current?.contentWindow?.print()}>
          Print
        </Button>
      </div>
    </>
  )
}
