import { Button } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useRef } from 'react'
import { Link as RouteLink, useSearch } from 'wouter'
import { ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Progress } from '../../components/progress.tsx'
import { Screen, Section } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { LockedNotice } from '../trust/keys/locked-notice.tsx'
import { cliLines } from './cli-lines.ts'
import { FileFacts } from './import-file/file-facts.tsx'
import { whyNot } from './import-file/file-words.ts'
import type { SentFile } from './import-file/sent-file.ts'
import { useBundleFile } from './import-file/use-bundle-file.ts'
import { useFileRun, type FileRun } from './import-file/use-file-run.ts'
import { ImportResult } from './import/import-result.tsx'
import importStyles from './import/import.module.css'
import styles from './models.module.css'
import { DropAnywhere } from './registry/drop-anywhere.tsx'

/** Imports a version that a console has exported: the file is sent and read first, nothing is stored until the person says so. */
export function ImportFile() {
  const opened = new URLSearchParams(useSearch()).get('opened') ?? ''
  const { file, sender, choose } = useBundleFile(opened)
  const run = useFileRun(sender)
  const isAsked = file.ticket !== null && run.job === null
  const found = useQuery('models.inspectFile', { file: file.ticket ?? '' }, { enabled: isAsked })
  const data = file.ticket === null ? undefined : found.data
  return (
    <Screen
      title="Import an exported version"
      beside={<RouteLink href={paths.importModel}>Import an ONNX file</RouteLink>}
      actions={<CopyAsCommand command={cliLines.importFile(file.name, data?.signedBy ?? null)} isIcon />}
    >
      {!run.isLocked && <DropAnywhere label="Drop a .muster file" hint="One version, as a console has exported it" onFiles={choose} />}
      {run.result !== null ? (
        <ImportResult result={run.result} onAnother={run.reset} />
      ) : (
        <div className={styles.stack}>
          <LockedNotice />
          {run.problem !== null && !run.isLocked && <ProblemBox problem={run.problem} />}
          <FileSection file={file} isLocked={run.isLocked} onFiles={choose} />
          {isAsked && found.error !== null && (
            // What the file is does not change by asking again.
            <ProblemBox
              problem={found.error}
              {...(found.error.code.startsWith('bundle.') ? {} : { onRetry: () => void found.refetch() })}
            />
          )}
          {data !== undefined && <FileFacts found={data} />}
          {file.ticket !== null && (
            <Start
              run={run}
              why={isAsked && found.error !== null ? 'The file would be refused.' : whyNot(data)}
              onStart={() => run.start(file.ticket ?? '', data?.signedBy ?? '')}
            />
          )}
        </div>
      )}
    </Screen>
  )
}

function FileSection({ file, isLocked, onFiles }: { file: SentFile; isLocked: boolean; onFiles(files: readonly File[]): void }) {
  const input = useRef<HTMLInputElement>(null)
  const { name, ticket, problem, share } = file
  return (
    <Section title="File">
      <div className={styles.stack}>
        {name !== null && <span className="foreign">{name}</span>}
        {problem !== null && <ProblemBox problem={problem} />}
        {name !== null && ticket === null && problem === null && <Progress share={share} label={`Sending ${name}`} />}
        {!isLocked && (
          <div className={name === null ? importStyles.drop : `${importStyles.drop} ${importStyles.small}`}>
            {name === null && <strong>Drop a .muster file anywhere on this page</strong>}
            <Button
              variant={name === null ? 'filled' : 'default'}
              leftSection={<IconUpload size={14} />}
              onClick={() => input.current?.click()}
            >
              {name === null ? 'Choose a .muster file' : 'Choose another file'}
            </Button>
            <input
              ref={input}
              type="file"
              hidden
              accept=".muster"
              aria-label="Choose a .muster file"
              onChange={(event) => {
                onFiles([...(event.currentTarget.files ?? [])])
                // The same file can be chosen again after it was changed.
                event.currentTarget.value = ''
              }}
            />
            {name === null ? (
              <span className="dim">
                Another console writes one on the page of a version (More, Export as a .muster file), or with{' '}
                <code>muster models export NAME@VERSION --out FILE</code>
              </span>
            ) : (
              <span className="dim">or drop it anywhere on this page</span>
            )}
          </div>
        )}
      </div>
    </Section>
  )
}

function Start({ run, why, onStart }: { run: FileRun; why: string | null; onStart(): void }) {
  if (run.job === null)
    return (
      <div className={styles.line}>
        <MayButton method="models.importFile" variant="filled" disabled={why !== null} loading={run.isLocked} onClick={onStart}>
          Import
        </MayButton>
        <Button onClick={run.reset} disabled={run.isLocked}>
          Discard
        </Button>
        <span className="dim" role="status">
          {why ?? 'Nothing is stored until you import.'}
        </span>
      </div>
    )
  const note = run.progress?.note ?? ''
  return (
    <div className={importStyles.running}>
      <Progress share={run.progress?.progress ?? null} label="Import" />
      <div className={styles.line}>
        <span className="foreign" role="status">
          {note === '' ? 'Waiting to start' : note}
        </span>
        <Button onClick={run.cancel}>Cancel the import</Button>
        <span className="dim">It goes on if you leave this page.</span>
      </div>
    </div>
  )
}
