import { useState } from 'react'
import { Confirm } from '../../../components/confirm.tsx'
import { Screen } from '../../../components/screen.tsx'
import { useLeaveGuard } from '../../../data/leave-guard.ts'
import { useMainKey } from '../../../shell/main-key.ts'
import { FileDialog } from './dialogs/file-dialog.tsx'
import { StartDialog } from './dialogs/start-dialog.tsx'
import { Findings } from './fields/findings.tsx'
import type { WizardView } from './new-rollout.tsx'
import { deploymentOf, type PlanDraft } from './plan/plan-draft.ts'
import { Preview, PreviewStatus } from './preview/preview.tsx'
import { AfterSection } from './sections/after-section.tsx'
import { HowSection } from './sections/how-section.tsx'
import { JudgeSection } from './sections/judge-section.tsx'
import { PaceSection } from './sections/pace-section.tsx'
import { SafetySection } from './sections/safety-section.tsx'
import { WavesSection } from './sections/waves-section.tsx'
import { WhatSection } from './sections/what-section.tsx'
import { useActs } from './use-acts.ts'
import { useWizard } from './use-wizard.ts'
import { WizardFoot } from './wizard-foot.tsx'
import { WizardHead } from './wizard-head.tsx'
import styles from './wizard.module.css'

/** The form of a rollout on one page, and beside it always what it would do. */
export function Wizard({
  first,
  rollout,
  onAddress,
}: {
  first: PlanDraft
  /** The draft that is edited; null: a new one. */
  rollout: number | null
  onAddress(change: Partial<WizardView>): void
}) {
  const wizard = useWizard(first, rollout, onAddress)
  const { draft, change, plan, preview, findings, isDirty } = wizard
  const guard = useLeaveGuard(isDirty)
  const acts = useActs({
    ...{ rollout, isDirty, plan },
    onSaved() {
      wizard.noteSaved()
      guard.release()
    },
  })
  const [dialog, setDialog] = useState<'start' | 'file' | null>(null)
  const errors = findings.filter(({ severity }) => severity === 'error').length
  const canStart = plan !== null && preview !== undefined && errors === 0 && !acts.isBusy
  useMainKey(canStart ? () => setDialog('start') : null)
  const parts = { draft, onChange: change, preview }
  const deployment = deploymentOf(draft)
  return (
    <Screen
      title={rollout === null ? 'New rollout' : `Draft of rollout ${rollout}`}
      isFlush
      beside={<PreviewStatus preview={preview} isOld={wizard.isOld} />}
      actions={
        <WizardHead
          draft={draft}
          plan={plan}
          rollout={isDirty ? null : rollout}
          onFile={() => setDialog('file')}
          onRemove={rollout === null ? null : () => void acts.remove().catch(() => undefined)}
        />
      }
    >
      <Findings value={findings}>
        <div className={styles.split}>
          <form key={wizard.revision} className={styles.form} aria-label="Rollout" onSubmit={(event) => event.preventDefault()}>
            <WhatSection {...parts} onPending={wizard.setPending} />
            <HowSection {...parts} />
            <WavesSection {...parts} />
            <JudgeSection {...parts} />
            <PaceSection {...parts} />
            <SafetySection {...parts} />
            <AfterSection {...parts} />
          </form>
          <aside className={styles.side} aria-label="What it does">
            <Preview answer={wizard.answer} findings={findings} isComplete={plan !== null} isOld={wizard.isOld} deployment={deployment} />
            <WizardFoot
              plan={plan}
              preview={preview}
              errors={errors}
              isWaiting={plan !== null && wizard.isOld && wizard.answer.error === null}
              isDirty={isDirty || rollout === null}
              isBusy={acts.isBusy}
              problem={dialog === 'start' ? null : acts.problem}
              canStart={canStart}
              onSave={() => plan !== null && void acts.save(plan).catch(() => undefined)}
              onStart={() => setDialog('start')}
            />
          </aside>
        </div>
      </Findings>
      {dialog === 'file' && (
        <FileDialog
          onTake={(taken) => {
            wizard.replace(taken)
            setDialog(null)
          }}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === 'start' && plan !== null && preview !== undefined && (
        <StartDialog
          {...{ draft, deployment, preview }}
          problem={acts.problem}
          isBusy={acts.isBusy}
          onStart={(despiteAlerts) => void acts.start(plan, despiteAlerts).catch(() => undefined)}
          onClose={() => setDialog(null)}
        />
      )}
      <Confirm
        isOpen={guard.isAsked}
        title="Leave without saving"
        action="Leave"
        dismiss="Stay"
        onConfirm={guard.leave}
        onClose={guard.stay}
      >
        What was written here is not saved as a draft, and would be lost.
      </Confirm>
    </Screen>
  )
}
