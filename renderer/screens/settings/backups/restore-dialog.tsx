import { Button, Group, Modal, Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import type { BackupShown } from '../../../../shared/rpc/contract/backups.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { CodeLine } from '../../../components/copy.tsx'
import { formatExact } from '../../../components/format.ts'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'

const scopes = {
  everything: 'Everything: devices, models, orders, settings and telemetry',
  fleet: 'Devices, models, orders and settings; telemetry stays as it is',
  telemetry: 'Telemetry only',
} as const
type Scope = keyof typeof scopes

/** Plans a restore, after it said what that means. */
export function RestoreDialog({ backup, onClose }: { backup: BackupShown; onClose(): void }) {
  const [scope, setScope] = useState<Scope>('everything')
  const plan = useCommand('backups.planRestore', { isShownInPlace: true })
  const confirm = (): void => {
    plan
      .run({ name: backup.name, scope })
      .then(() => {
        showDone('The backup is restored when the console starts next.', {
          undo: () => void plan.run({ name: null }).catch(() => undefined),
        })
        onClose()
      })
      .catch(() => undefined)
  }
  return (
    <Modal opened onClose={onClose} title={`Restore the backup of ${formatExact(backup.madeAt)}`} size="lg">
      <Stack gap="sm">
        <Radio.Group label="What goes back" value={scope} onChange={(value) => setScope(value)}>
          <Stack gap={12} mt={8}>
            {(Object.keys(scopes) as Scope[]).map((one) => (
              <Radio key={one} value={one} label={scopes[one]} />
            ))}
          </Stack>
        </Radio.Group>
        <div>
          <p>It is done when the console starts next: stores cannot be exchanged while they are in use. Until then it can be taken back.</p>
          <ul>
            <li>What stands there now is moved aside and kept. Nothing is deleted.</li>
            {scope !== 'telemetry' && (
              <>
                <li>What people did after the backup is undone. Devices that were enrolled since must be enrolled anew.</li>
                <li>Devices that were taken out since come back in quarantine. Revocations stay.</li>
                <li>
                  Accounts, passkeys and tokens stay as they are now. Where that cannot be read, those of the backup come back and every
                  token ends. Everybody signs in anew.
                </li>
                <li>Orders and trust metadata are signed anew, in a new epoch. Devices go on answering meanwhile.</li>
                <li>
                  Devices that keep a later head of the audit log raise the alert that it was rolled back. Accept it once, on the page
                  Audit.
                </li>
              </>
            )}
            {scope !== 'fleet' && (
              <li>
                Telemetry that was delivered after the backup is lost: devices delete what the console has acknowledged. The gap is counted.
              </li>
            )}
          </ul>
        </div>
        <CodeLine
          text={`npm run -s muster -- backup restore ${backup.name} --at-next-start${scope === 'everything' ? '' : ` --only ${scope}`}`}
          label="Copy the command"
        />
        {plan.problem !== null && <ProblemBox problem={plan.problem} />}
        <Group justify="flex-end" gap="xs">
          <Button onClick={onClose}>Cancel</Button>
          <MayButton method="backups.planRestore" variant="filled" color="red.9" loading={plan.isRunning} onClick={confirm}>
            Restore at the next start
          </MayButton>
        </Group>
      </Stack>
    </Modal>
  )
}
