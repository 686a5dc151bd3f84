import { Button } from '@mantine/core'
import { ProblemBox } from '../../../components/answered.tsx'
import { Progress } from '../../../components/progress.tsx'
import pageStyles from '../models.module.css'
import styles from './import.module.css'
import type { ImportRun } from './use-import-run.ts'
import { MayButton } from '../../../shell/may-button.tsx'

/** Starts an import, shows how far it is, and why it cannot start or has failed. @param why why it cannot start; `null`: it can */
export function StartSection({ run, why, onStart, onDiscard }: { run: ImportRun; why: string | null; onStart(): void; onDiscard(): void }) {
  if (run.job !== null) return <Running run={run} />
  const idle = run.wasCancelled ? 'The import was cancelled; nothing was stored.' : 'Nothing is stored until you import.'
  return (
    <div className={pageStyles.stack}>
      {run.problem !== null && !run.isLocked && <ProblemBox problem={run.problem} />}
      <div className={pageStyles.line}>
        <MayButton method="models.import" variant="filled" disabled={why !== null} loading={run.isLocked} onClick={onStart}>
          Import
        </MayButton>
        <Button onClick={onDiscard} disabled={run.isLocked}>
          Discard
        </Button>
        <span className="dim" role="status">
          {why ?? idle}
        </span>
      </div>
    </div>
  )
}

function Running({ run }: { run: ImportRun }) {
  const note = run.progress?.note ?? ''
  return (
    <div className={styles.running}>
      <Progress share={run.progress?.progress ?? null} label="Import" />
      <div className={pageStyles.line}>
        <span className="foreign" role="status">
          {note === '' ? 'Waiting to start' : note}
        </span>
        <Button onClick={run.cancel}>Cancel the import</Button>
        <span className="dim">It goes on if you leave this page.</span>
      </div>
    </div>
  )
}
