import { NumberInput } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import styles from './rollout.module.css'

/** Changes which of two rollouts to one deployment has the devices of both. */
export function PriorityDialog({ of, onClose }: { of: RolloutDetail; onClose(): void }) {
  const [priority, setPriority] = useState<number | string>(of.priority)
  const command = useCommand('rollouts.setPriority', { isShownInPlace: true })
  const run = async (): Promise<void> => {
    const { sentence } = await command.run({ rollout: of.rollout, priority: Number(priority) })
    showDone(sentence)
    onClose()
  }
  return (
    <Confirm
      isOpen
      title={`Priority of ${of.name}`}
      action="Change the priority"
      isDangerous={false}
      isBusy={command.isRunning}
      onConfirm={() => void run().catch(() => undefined)}
      onClose={onClose}
    >
      <div className={styles.dialog}>
        {command.problem !== null && <ProblemBox problem={command.problem} />}
        <p>Of two rollouts to {of.deployment} the one with the higher priority has the devices that both want.</p>
        <NumberInput label="Priority" min={0} max={1000} value={priority} onChange={setPriority} data-autofocus />
      </div>
    </Confirm>
  )
}
