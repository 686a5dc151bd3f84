import { ProblemBox } from '../../../components/answered.tsx'
import { plural } from '../../../components/format.ts'
import { wireText } from '../../../components/wire-text.ts'
import { keyNames } from '../../../shell/shortcuts.ts'
import type { Problem } from '../../../../shared/domain/problem.ts'
import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import type { PlanPreview } from './sections/section-props.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from './preview/preview.module.css'

/** What pressing a button does, and the buttons: always on the screen. */
export function WizardFoot({
  plan,
  preview,
  errors,
  isWaiting,
  isDirty,
  isBusy,
  problem,
  canStart,
  onSave,
  onStart,
}: {
  plan: RolloutPlan | null
  preview: PlanPreview | undefined
  errors: number
  isWaiting: boolean
  /** There is something to save. */
  isDirty: boolean
  isBusy: boolean
  problem: Problem | null
  canStart: boolean
  onSave(): void
  onStart(): void
}) {
  return (
    <footer className={styles.foot}>
      {problem !== null && <ProblemBox problem={problem} />}
      <p className={styles.lead}>{footSentence({ plan, preview, errors, isWaiting })}</p>
      <div className={styles.footButtons}>
        <MayButton method="rollouts.create" size="sm" disabled={plan === null || !isDirty} loading={isBusy} onClick={onSave}>
          Save draft
        </MayButton>
        <MayButton method="rollouts.start" size="sm" variant="filled" disabled={!canStart} onClick={onStart} className={styles.start}>
          Start rollout
          <kbd className={styles.key}>{keyNames('mod+')}Enter</kbd>
        </MayButton>
      </div>
    </footer>
  )
}

function footSentence({
  plan,
  preview,
  errors,
  isWaiting,
}: {
  plan: RolloutPlan | null
  preview: PlanPreview | undefined
  errors: number
  isWaiting: boolean
}): string {
  if (plan === null) return 'Nothing is sent before you press the button.'
  if (isWaiting) return 'Working out what it would do'
  if (errors > 0) return `${plural(errors, 'error keeps', 'errors keep')} it from being started; it can be saved as a draft.`
  if (preview === undefined) return 'What it would do is not known.'
  if (preview.targeted === 0) return 'No device matches now; those that do later get it.'
  const { bytes } = preview.forecast
  return `Nothing is sent yet. ${plural(preview.targeted, 'device')}, ${wireText(bytes)}.`
}
