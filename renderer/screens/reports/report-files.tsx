import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { reportFormats, type ReportFormat } from '../../../shared/domain/report/kinds.ts'
import { Copy } from '../../components/copy.tsx'
import { formatBytes, formatPercent } from '../../components/format.ts'
import { formatTitles, formatUses, type Report } from './reports-view.ts'
import { useDownload } from './use-report-file.ts'
import styles from './reports.module.css'

/** Every format of a report; what was not written yet is written when somebody takes it. */
export function ReportFiles({ report }: { report: Report }) {
  const { running, start } = useDownload(report.report)
  return (
    <section className={styles.part} aria-label="Formats">
      <h2>Take it along</h2>
      <ul className={styles.files}>
        {reportFormats.map((format) => {
          const file = report.files.find((one) => one.format === format)
          return (
            <li key={format}>
              <span>
                {formatTitles[format]}
                <small>{formatUses[format]}</small>
              </span>
              <span className="dim">{file === undefined ? '' : formatBytes(file.bytes)}</span>
              <span className={styles.hash}>
                {file !== undefined && <Copy value={file.sha256} label={`Copy the SHA-256 of the ${formatTitles[format]} file`} />}
                <DownloadButton format={format} share={running?.format === format ? running.share : undefined} onStart={start} />
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function DownloadButton({
  format,
  share,
  onStart,
}: {
  format: ReportFormat
  /** How far it is; null: it is being written; undefined: nothing is on its way. */
  share: number | null | undefined
  onStart(format: ReportFormat): void
}) {
  return (
    <Button
      size="compact-xs"
      leftSection={<IconDownload size={12} />}
      aria-label={`Save as ${formatTitles[format]}`}
      disabled={share !== undefined}
      onClick={() => onStart(format)}
    >
      {share === undefined ? 'Save' : share === null ? 'Writing' : formatPercent(share, 0)}
    </Button>
  )
}
