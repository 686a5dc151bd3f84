import { EmptyState, Loading, ProblemBox } from '../../../../components/answered.tsx'
import { plural } from '../../../../components/format.ts'
import type { Answer } from '../../../../data/use-query.ts'
import type { PlanFinding } from '../plan/plan-draft.ts'
import type { PlanPreview } from '../sections/section-props.ts'
import { previewSentence } from './preview-words.ts'
import { FindingList } from './finding-list.tsx'
import { Forecast } from './forecast.tsx'
import { PlannedWaves } from './planned-waves.tsx'
import { Overlaps, Skipped, Standing } from './standing.tsx'
import styles from './preview.module.css'

/** What the plan would do, kept up to date while it is written: findings, waves, forecast. */
export function Preview({
  answer,
  findings,
  isComplete,
  isOld,
  deployment,
}: {
  answer: Answer<'rollouts.plan'>
  findings: readonly PlanFinding[]
  /** The plan can be read: there is something to work out. */
  isComplete: boolean
  /** What is shown is of the plan before. */
  isOld: boolean
  deployment: string
}) {
  const preview = answer.data
  return (
    <div className={styles.preview} aria-label="Preview" role="region" tabIndex={0}>
      {answer.error !== null && (
        <ProblemBox problem={answer.error} onRetry={() => void answer.refetch()} isOverData={preview !== undefined} />
      )}
      {preview === undefined && <FindingList findings={findings} />}
      {!isComplete && preview === undefined && (
        <EmptyState title="Choose a version">
          What it would do stands here before anything is sent: which devices are in which wave, when, and what it costs.
        </EmptyState>
      )}
      {isComplete && preview === undefined && answer.error === null && <Loading />}
      {preview !== undefined && (
        <div className={styles.previewBody} data-old={isOld || undefined}>
          <p className={styles.lead}>{previewSentence(preview, deployment)}</p>
          <FindingList findings={findings} />
          <Standing preview={preview} />
          <PlannedWaves preview={preview} />
          <Overlaps overlaps={preview.overlaps} />
          <Skipped skipped={preview.skipped} />
          {preview.targeted > 0 && <Forecast forecast={preview.forecast} />}
        </div>
      )}
    </div>
  )
}

/** How many devices, for the reader of the screen, as it changes. */
export function PreviewStatus({ preview, isOld }: { preview: PlanPreview | undefined; isOld: boolean }) {
  return (
    <span role="status" className="sr-only">
      {preview === undefined || isOld ? '' : `${plural(preview.targeted, 'device')} in ${plural(preview.waves.length, 'wave')}`}
    </span>
  )
}
