import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { Confirm } from '../../../components/confirm.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { showDone } from '../../../shell/notices.tsx'
import { MayButton } from '../../../shell/may-button.tsx'
import type { PendingDevice } from '../../../../shared/rpc/contract/device-trust.ts'
import { CompareFingerprint } from './compare-fingerprint.tsx'
import styles from './trust.module.css'

/** Devices that wait until a person has compared their fingerprint; nothing while there are none. @param isInset within the text of a page */
export function PendingDevices({ isInset = false }: { isInset?: boolean }) {
  const waiting = useQuery('devices.pending', {}).data ?? []
  const [asked, setAsked] = useState<{ what: 'confirm' | 'refuse'; device: PendingDevice } | null>(null)
  if (waiting.length === 0) return null
  const close = (): void => setAsked(null)
  return (
    <div className={isInset ? styles.inset : styles.pending} role="region" aria-label="Devices that wait">
      {waiting.map((device) => (
        <div key={device.request} className={styles.row}>
          <StateMark state="attention" word="Waits for you" />
          <span className={styles.who}>
            <strong className="mono foreign" title={device.device}>
              {device.device}
            </strong>
            <span className="dim">
              {device.isNew ? 'asked to join' : 'is enrolled already and asks for new keys'} <Ago at={device.askedAt} />
            </span>
          </span>
          <span className={styles.acts}>
            <MayButton method="devices.refuse" onClick={() => setAsked({ what: 'refuse', device })}>
              Refuse
            </MayButton>
            <MayButton method="devices.confirm" variant="filled" onClick={() => setAsked({ what: 'confirm', device })}>
              Compare
            </MayButton>
          </span>
        </div>
      ))}
      {asked?.what === 'confirm' && (
        <CompareFingerprint
          key={asked.device.request}
          device={asked.device}
          onRefuse={() => setAsked({ ...asked, what: 'refuse' })}
          onClose={close}
        />
      )}
      {asked?.what === 'refuse' && <Refuse key={asked.device.request} device={asked.device} onClose={close} />}
    </div>
  )
}

function Refuse({ device, onClose }: { device: PendingDevice; onClose(): void }) {
  const [reason, setReason] = useState('')
  const refuse = useCommand('devices.refuse')
  const run = async (): Promise<void> => {
    await refuse.run({ request: device.request, reason: reason.trim() })
    showDone(`${device.device} was turned away.`)
    onClose()
  }
  return (
    <Confirm
      isOpen
      title={`Turn ${device.device} away`}
      action="Turn it away"
      isBusy={refuse.isRunning}
      // What fails is shown as a notice.
      onConfirm={() => void run().catch(() => undefined)}
      onClose={onClose}
    >
      <p className={styles.words}>Its code is used up. To let it join after all, make a new one.</p>
      <TextInput
        label="Reason"
        description="It stands in the audit log. It may be left empty."
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </Confirm>
  )
}
