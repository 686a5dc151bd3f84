import { useCallback, useEffect, useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useQuery } from '../../data/use-query.ts'
import { cliLines } from './cli-lines.ts'
import { FilesSection } from './import/files-section.tsx'
import { handOverFiles, isExported, takeHandedFiles } from './import/handed-files.ts'
import { checkDraft, whyNotReady, type Draft } from './import/import-draft.ts'
import { ImportResult } from './import/import-result.tsx'
import { Inspection } from './import/inspection.tsx'
import styles from './import/import.module.css'
import { NameSection } from './import/name-section.tsx'
import { StartSection } from './import/start-section.tsx'
import { ticketsOf } from './import/upload-desk.ts'
import { useImportRun, type ImportRun } from './import/use-import-run.ts'
import { useUploads, type Uploads } from './import/use-uploads.ts'
import { LockedNotice } from '../trust/keys/locked-notice.tsx'
import pageStyles from './models.module.css'
import { DropAnywhere } from './registry/drop-anywhere.tsx'

const nothingWritten: Draft = { model: null, version: null, target: null }

/** Imports a model: files are sent and read first, nothing is stored until the person says so. */
export function ImportModel() {
  const uploads = useUploads()
  const { files, desk } = uploads
  const [draft, setDraft] = useState<Draft>(nothingWritten)
  const run = useImportRun(desk)
  const { inspected, checked, why, isAsked } = useInspection(uploads, draft, run)
  const go = useGo()
  const add = useCallback(
    (given: readonly File[]) => {
      // What a console has exported is another import, with a page of its own.
      if (!given.some(isExported)) return desk.add(given)
      handOverFiles(given)
      go(paths.importFile)
    },
    [desk, go],
  )
  useEffect(() => {
    const handed = takeHandedFiles()
    if (handed.length > 0) desk.add(handed)
  }, [desk])
  const reset = (): void => {
    desk.clear()
    run.reset()
    setDraft(nothingWritten)
  }
  const names = Object.fromEntries(files.flatMap(({ role, name }) => (role === null ? [] : [[role, name]])))
  const reference = checked.modelProblem === null && checked.versionProblem === null ? `${checked.model}@${checked.version}` : null
  const data = files.length === 0 ? undefined : inspected.data
  return (
    <Screen
      title="Import a model"
      beside={<RouteLink href={paths.importFile}>Import a .muster file</RouteLink>}
      actions={<CopyAsCommand command={cliLines.import(names, { reference, target: draft.target })} isIcon />}
    >
      {!run.isLocked && <DropAnywhere label="Drop to add to this import" onFiles={add} />}
      <div className={styles.page}>
        {run.result !== null ? (
          <ImportResult result={run.result} onAnother={reset} />
        ) : (
          <div className={pageStyles.stack}>
            <LockedNotice />
            <FilesSection uploads={uploads} isLocked={run.isLocked} onFiles={add} />
            {data !== undefined && data.model !== null && data.model.problem === null && (
              <NameSection
                checked={checked}
                inspected={data}
                isLocked={run.isLocked}
                onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
              />
            )}
            {files.length > 0 && (
              <StartSection
                run={run}
                why={why}
                onStart={() => run.start(ticketsOf(files), { checked, target: draft.target })}
                onDiscard={reset}
              />
            )}
          </div>
        )}
        <div className={pageStyles.stack}>
          {inspected.error !== null && files.length > 0 && (
            <ProblemBox problem={inspected.error} onRetry={() => void inspected.refetch()} />
          )}
          <Inspection inspected={data} isAsked={isAsked} />
        </div>
      </div>
    </Screen>
  )
}

/** What the core reads in the files that are sent, and what that makes of the draft. */
function useInspection({ files }: Uploads, draft: Draft, run: ImportRun) {
  const tickets = ticketsOf(files)
  const isAsked = Object.keys(tickets).length > 0 && run.job === null
  const inspected = useQuery(
    'models.inspect',
    { files: tickets, ...(draft.target === null ? {} : { target: draft.target }) },
    { enabled: isAsked, keepsPrevious: true },
  )
  const known = useQuery('models.list', {})
  const checked = checkDraft(draft, inspected.data?.model ?? null, known.data?.versions ?? [])
  return { inspected, isAsked, checked, why: whyNotReady(files, inspected.isPlaceholderData ? undefined : inspected.data, checked) }
}
