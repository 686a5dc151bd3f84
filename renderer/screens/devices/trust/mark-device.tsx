import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { Confirm } from '../../../components/confirm.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import { markWords } from './trust-words.ts'
import styles from './trust.module.css'

/** Asks for the reason before a device is shut in, or out. */
export function MarkDevice({ what, device, onClose }: { what: keyof typeof markWords; device: string; onClose(): void }) {
  const [reason, setReason] = useState('')
  const quarantine = useCommand('devices.quarantine')
  const revoke = useCommand('devices.revoke')
  const words = markWords[what]
  const run = async (): Promise<void> => {
    const given = { device, reason: reason.trim() }
    await (what === 'revoke' ? revoke.run(given) : quarantine.run(given))
    showDone(`${device} ${words.done}.`)
    onClose()
  }
  return (
    <Confirm
      isOpen
      title={words.title(device)}
      action={words.action}
      isReady={reason.trim() !== ''}
      isBusy={quarantine.isRunning || revoke.isRunning}
      // What fails is shown as a notice.
      onConfirm={() => void run().catch(() => undefined)}
      onClose={onClose}
    >
      <p className={styles.words}>{words.text}</p>
      <TextInput
        label="Reason"
        description="It stands in the audit log."
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </Confirm>
  )
}
