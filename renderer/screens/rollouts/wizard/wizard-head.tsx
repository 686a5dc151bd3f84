import { Button, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useState } from 'react'
import { Confirm } from '../../../components/confirm.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { useLink } from '../../../data/link-context.ts'
import { saveFile } from '../../../data/save-file.ts'
import { showDone, showProblem } from '../../../shell/notices.tsx'
import { messageOf, Problem } from '../../../../shared/domain/problem.ts'
import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import { planFileName, wizardCommand } from './plan/cli-lines.ts'
import type { PlanDraft } from './plan/plan-draft.ts'

/** Files and the command line, beside the title. */
export function WizardHead({
  draft,
  plan,
  rollout,
  onFile,
  onRemove,
}: {
  draft: PlanDraft
  plan: RolloutPlan | null
  /** The draft that holds exactly what the form does; null: there is none. */
  rollout: number | null
  onFile(): void
  onRemove: (() => void) | null
}) {
  const exportPlan = useExport(draft)
  const [isRemoving, setRemoving] = useState(false)
  const fileName = planFileName(draft)
  return (
    <>
      {plan !== null && <CopyAsCommand command={wizardCommand({ rollout, fileName })} isIcon />}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button leftSection={<IconDots size={14} />}>File</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onFile}>Open a rollout file</Menu.Item>
          <Menu.Item disabled={plan === null} onClick={() => plan !== null && exportPlan(plan, 'save')}>
            Save as {fileName}
          </Menu.Item>
          <Menu.Item disabled={plan === null} onClick={() => plan !== null && exportPlan(plan, 'copy')}>
            Copy as YAML
          </Menu.Item>
          {onRemove !== null && <Menu.Item onClick={() => setRemoving(true)}>Remove the draft</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      {onRemove !== null && (
        <Confirm
          isOpen={isRemoving}
          title="Remove the draft"
          action="Remove"
          onConfirm={() => {
            setRemoving(false)
            onRemove()
          }}
          onClose={() => setRemoving(false)}
        >
          The draft is gone then. Nothing was sent by it, and no device changes.
        </Confirm>
      )}
    </>
  )
}

/** Makes the file of a plan, as the command line reads it. */
function useExport(draft: PlanDraft): (plan: RolloutPlan, how: 'save' | 'copy') => void {
  const link = useLink()
  const run = async (plan: RolloutPlan, how: 'save' | 'copy'): Promise<void> => {
    const { text, findings } = await link.call('rollouts.check', { plan })
    if (text === null) throw new Problem('rollout.invalid', findings[0]?.message ?? 'The plan cannot be written as a file.')
    if (how === 'save') saveFile(planFileName(draft), text, 'application/yaml')
    else await navigator.clipboard.writeText(text)
    showDone(how === 'save' ? `${planFileName(draft)} is saved.` : 'The plan is copied as YAML.')
  }
  return (plan, how) => {
    run(plan, how).catch((error: unknown) => {
      showProblem(error instanceof Problem ? error : new Problem('internal', `The file was not made: ${messageOf(error)}`))
    })
  }
}
