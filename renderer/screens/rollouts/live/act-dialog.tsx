import { Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { Sentence } from '../../../components/time.tsx'
import { paths } from '../../../data/paths.ts'
import { useGo } from '../../../data/url-state.ts'
import { showDone } from '../../../shell/notices.tsx'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import { actCommand, actWords, type Act } from './act-words.ts'
import { useAct } from './use-act.ts'
import styles from './rollout.module.css'

/** Asks before anything is done with a rollout: says what it will do now, and takes the reason for the log. */
export function ActDialog({ of, act, onClose }: { of: RolloutDetail; act: Act; onClose(): void }) {
  const [why, setWhy] = useState('')
  const [halt, setHalt] = useState(false)
  const [despiteAlerts, setDespite] = useState(false)
  const doing = useAct(of.rollout)
  const go = useGo()
  const words = actWords(of, act)
  const run = async (): Promise<void> => {
    const { isChanged, sentence } = await doing.mutateAsync({ act, choice: { why: why.trim(), halt, despiteAlerts } })
    showDone(isChanged ? sentence : `Nothing to do: somebody was faster. ${sentence}`)
    onClose()
    if (act.verb === 'remove') go(paths.rollouts())
  }
  return (
    <Confirm
      isOpen
      title={words.title}
      action={words.action}
      isDangerous={words.isDangerous}
      isBusy={doing.isPending}
      onConfirm={() => void run().catch(() => undefined)}
      onClose={onClose}
    >
      <div className={styles.dialog}>
        {doing.error !== null && <ProblemBox problem={doing.error} />}
        <p>
          <Sentence text={words.does} />
        </p>
        {act.verb === 'pause' && (
          <Checkbox
            label="Devices keep from it at once"
            description="Also those that have the order already, if they have not activated the version yet; until it goes on."
            checked={halt}
            onChange={(event) => setHalt(event.currentTarget.checked)}
          />
        )}
        {act.verb === 'start' && of.heldBy !== null && (
          <Checkbox
            label="Start despite the alert"
            description={of.heldBy}
            checked={despiteAlerts}
            onChange={(event) => setDespite(event.currentTarget.checked)}
          />
        )}
        {words.hasReason && (
          <TextInput
            label="Reason"
            description="For the log and for whoever comes next."
            value={why}
            maxLength={2000}
            onChange={(event) => setWhy(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <CopyAsCommand command={actCommand(of, act, { why, halt, despiteAlerts })} />
      </div>
    </Confirm>
  )
}
