import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { z } from 'zod'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { bundleFileWritten } from '../../../../shared/rpc/contract/bundle-files.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { CodeLine } from '../../../components/copy.tsx'
import { Progress } from '../../../components/progress.tsx'
import { useStoredChoice } from '../../../data/stored-choice.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { cliLines } from '../cli-lines.ts'
import { ExportedFile } from './exported-file.tsx'
import { fileIn, folderOf, placeProblem } from './export-place.ts'
import { useExport } from './use-export.ts'

/** Writes a version into one signed .muster file on the machine of the console, which another console imports. */
export function ExportDialog({ detail, onClose }: { detail: OutputOf<'models.show'>; onClose(): void }) {
  const { model, version } = detail
  // Most exports go where the last one went.
  const [folder, keepFolder] = useStoredChoice('export-folder', z.string().max(1024), '')
  const [file, setFile] = useState(folder === '' ? '' : fileIn(folder, { model, version }))
  const [withHoldout, setWithHoldout] = useState(false)
  const run = useExport({ model, version })
  const why = placeProblem(file)
  const start = (replace: boolean): void => {
    keepFolder(folderOf(file))
    run.start({ file: file.trim(), withHoldout, replace })
  }
  const written = bundleFileWritten.safeParse(run.result)
  const isThere = run.problem?.code === 'bundle.file-exists'
  return (
    <Modal opened onClose={onClose} title={`Export ${model} ${version}`} size="lg">
      {written.success ? (
        <ExportedFile written={written.data} onClose={onClose} />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (why === null && !run.isBusy) start(false)
          }}
        >
          <Stack gap="sm">
            <p style={{ margin: 0 }}>
              One signed file with the model, its baseline and its golden set. Another console imports it under the same digest.
            </p>
            <ExportFields
              {...{ detail, file, withHoldout, isLocked: run.isBusy }}
              onFile={(next) => {
                run.forget()
                setFile(next)
              }}
              onHoldout={setWithHoldout}
            />
            {run.problem !== null && (
              <ProblemBox problem={isThere ? { code: run.problem.code, message: run.problem.message } : run.problem} />
            )}
            {run.isRunning && (
              <div role="status">
                <Progress share={run.progress?.progress ?? null} label="Export" /> <span className="dim">{run.progress?.note}</span>
              </div>
            )}
            <CodeLine text={cliLines.export(model, version, { file: file.trim(), withHoldout })} label="Copy as command" />
            <Group justify="space-between" gap="xs" wrap="nowrap">
              <span className="dim" role="status">
                {file === '' ? '' : why}
              </span>
              <Group gap="xs" wrap="nowrap">
                {run.isRunning ? <Button onClick={run.cancel}>Cancel the export</Button> : <Button onClick={onClose}>Close</Button>}
                {isThere ? (
                  <MayButton method="models.export" variant="filled" color="red.9" loading={run.isBusy} onClick={() => start(true)}>
                    Replace the file
                  </MayButton>
                ) : (
                  <MayButton method="models.export" type="submit" variant="filled" disabled={why !== null} loading={run.isBusy}>
                    Export
                  </MayButton>
                )}
              </Group>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}

function ExportFields({
  detail: { model, version, hasHoldout, lineage },
  file,
  withHoldout,
  isLocked,
  onFile,
  onHoldout,
}: {
  detail: OutputOf<'models.show'>
  file: string
  withHoldout: boolean
  isLocked: boolean
  onFile(file: string): void
  onHoldout(withHoldout: boolean): void
}) {
  return (
    <>
      <TextInput
        label="File"
        description="Its whole path on the machine of the console, in a folder that exists; it ends in .muster."
        placeholder={fileIn('/srv/exports', { model, version })}
        value={file}
        maxLength={1024}
        disabled={isLocked}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
        onChange={(event) => onFile(event.currentTarget.value)}
      />
      <Checkbox
        label={hasHoldout ? `Also the hold-out rows of its import (${lineage.holdoutName ?? 'holdout.csv'})` : 'Also hold-out rows'}
        description={hasHoldout ? 'They may be about people; whoever gets the file can read them.' : 'It came without hold-out rows.'}
        checked={withHoldout}
        disabled={!hasHoldout || isLocked}
        onChange={(event) => onHoldout(event.currentTarget.checked)}
      />
    </>
  )
}
