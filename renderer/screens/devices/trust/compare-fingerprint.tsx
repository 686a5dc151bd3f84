import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import { isSameFingerprint } from '../../../../shared/protocol/certificate.ts'
import type { PendingDevice } from '../../../../shared/rpc/contract/device-trust.ts'

/**
 * The person writes what the device itself shows, and the console compares. What it has seen stands nowhere on the page: whoever could copy it
 * from there would compare nothing.
 */
export function CompareFingerprint({ device, onRefuse, onClose }: { device: PendingDevice; onRefuse(): void; onClose(): void }) {
  const [typed, setTyped] = useState('')
  const confirm = useCommand('devices.confirm', { isShownInPlace: true })
  const isWhole = typed.replace(/[\s:-]/g, '').length >= 32
  const isSame = isSameFingerprint(typed, device.fingerprint)
  const isOther = isWhole && !isSame
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
          // What fails is shown in the dialog.
          if (isSame && !confirm.isRunning) run().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          {confirm.problem !== null && <ProblemBox problem={confirm.problem} />}
          <TextInput
            label="Fingerprint that the device shows"
            description="Read it on the device itself, where the command waits: eight groups of four. The console compares it with the key that it was sent."
            placeholder="0000 0000 0000 0000 0000 0000 0000 0000"
            classNames={{ input: 'mono' }}
            value={typed}
            maxLength={128}
            autoComplete="off"
            spellCheck={false}
            error={isOther ? 'Another key asked to join. Read it once more; if it stays so, somebody stands in between: refuse.' : null}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          <Group justify="flex-end" gap="xs">
            {isOther && <Button onClick={onRefuse}>Refuse it</Button>}
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
