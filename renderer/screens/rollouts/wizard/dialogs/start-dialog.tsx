import { Checkbox, Stack } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../../components/answered.tsx'
import { Confirm } from '../../../../components/confirm.tsx'
import { plural } from '../../../../components/format.ts'
import type { Problem } from '../../../../../shared/domain/problem.ts'
import type { PlanDraft } from '../plan/plan-draft.ts'
import { forecastSentence, previewSentence, startSentences } from '../preview/preview-words.ts'
import type { PlanPreview } from '../sections/section-props.ts'
import styles from '../preview/preview.module.css'

/** Asks before a rollout is started: says exactly what happens. */
export function StartDialog({
  draft,
  deployment,
  preview,
  problem,
  isBusy,
  onStart,
  onClose,
}: {
  draft: PlanDraft
  deployment: string
  preview: PlanPreview
  problem: Problem | null
  isBusy: boolean
  onStart(despiteAlerts: boolean): void
  onClose(): void
}) {
  const [isDespite, setDespite] = useState(false)
  const [openedAt] = useState(() => Date.now())
  return (
    <Confirm
      isOpen
      title="Start the rollout"
      action={preview.needsApproval === null ? `Start for ${plural(preview.targeted, 'device')}` : 'Ask for approval'}
      isDangerous={false}
      isBusy={isBusy}
      onConfirm={() => onStart(isDespite)}
      onClose={onClose}
    >
      <Stack gap="xs">
        <p className={styles.lead}>{previewSentence(preview, deployment)}</p>
        <ul className={styles.sentences}>
          {startSentences(draft, preview, openedAt).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        <p className={`dim ${styles.lead}`}>Forecast: {forecastSentence(preview.forecast)}.</p>
        {preview.heldBy !== null && (
          <div className={styles.held}>
            <p>{preview.heldBy} Nothing is offered while it fires; the rollout goes on by itself afterwards.</p>
            <Checkbox
              label="Offer the version despite the alert"
              checked={isDespite}
              onChange={(event) => setDespite(event.currentTarget.checked)}
            />
          </div>
        )}
        {problem !== null && <ProblemBox problem={problem} />}
      </Stack>
    </Confirm>
  )
}
