import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { showDone } from '../../../shell/notices.tsx'
import { MayButton } from '../../../shell/may-button.tsx'
import { isSameFingerprint, shownFingerprint } from '../../../../shared/protocol/certificate.ts'
import type { PendingDevice } from '../../../../shared/rpc/contract/device-trust.ts'
import styles from './trust.module.css'

/** Devices that wait until a person has compared their fingerprint; nothing while there are none. */
export function PendingDevices() {
  const waiting = useQuery('devices.pending', {}).data ?? []
  const [asked, setAsked] = useState<{ what: 'confirm' | 'refuse'; device: PendingDevice } | null>(null)
  if (waiting.length === 0) return null
  const close = (): void => setAsked(null)
  return (
    <div className={styles.pending} role="region" aria-label="Devices that wait">
      {waiting.map((device) => (
        <div key={device.request} className={styles.row}>
          <StateMark state="attention" word="Waits for you" />
          <strong className="mono foreign">{device.device}</strong>
          <span className="mono">{shownFingerprint(device.fingerprint)}</span>
          <span className="dim">
            asked <Ago at={device.askedAt} />
            {device.isNew ? '' : '; a device of this id is enrolled already and would get new keys'}
          </span>
          <span>
            <MayButton method="devices.confirm" variant="filled" onClick={() => setAsked({ what: 'confirm', device })}>
              Compare
            </MayButton>
            <MayButton method="devices.refuse" onClick={() => setAsked({ what: 'refuse', device })}>
              Refuse
            </MayButton>
          </span>
        </div>
      ))}
      {asked?.what === 'confirm' && <Compare key={asked.device.request} device={asked.device} onClose={close} />}
      {asked?.what === 'refuse' && <Refuse device={asked.device} onClose={close} />}
    </div>
  )
}

/** The person types, or pastes, what the device itself shows: to press a button would compare nothing. */
function Compare({ device, onClose }: { device: PendingDevice; onClose(): void }) {
  const [typed, setTyped] = useState('')
  const confirm = useCommand('devices.confirm', { isShownInPlace: true })
  const isWhole = typed.replace(/[\s:-]/g, '').length >= 32
  const isSame = isSameFingerprint(typed, device.fingerprint)
  const run = async (): Promise<void> => {
    await confirm.run({ request: device.request, fingerprint: typed })
    showDone(`${device.device} joins.`)
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title={`Let ${device.device} join`} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          // What fails is shown in the dialogue.
          if (isSame) run().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          {confirm.problem !== null && <ProblemBox problem={confirm.problem} />}
          <div>
            The console has seen this fingerprint:
            <div className="mono">{shownFingerprint(device.fingerprint)}</div>
          </div>
          <TextInput
            label="Fingerprint that the device shows"
            description="Read it on the device itself. If it is another one, somebody stands in between: refuse."
            value={typed}
            error={isWhole && !isSame ? 'This is another fingerprint.' : null}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="filled" disabled={!isSame} loading={confirm.isRunning}>
              Let it join
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Refuse({ device, onClose }: { device: PendingDevice; onClose(): void }) {
  const refuse = useCommand('devices.refuse')
  const run = async (): Promise<void> => {
    await refuse.run({ request: device.request })
    showDone(`${device.device} was turned away.`)
    onClose()
  }
  return (
    <Confirm
      isOpen
      title={`Turn ${device.device} away`}
      action="Refuse"
      isBusy={refuse.isRunning}
      onConfirm={() => void run().catch(() => undefined)}
      onClose={onClose}
    >
      Its code is used up. To let it join after all, make a new one.
    </Confirm>
  )
}
