import { Group } from '@mantine/core'
import { useState } from 'react'
import type { BackupShown, BackupsShown } from '../../../../shared/rpc/contract/backups.ts'
import { EmptyState } from '../../../components/answered.tsx'
import { Confirm } from '../../../components/confirm.tsx'
import { formatBytes, formatExact } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'
import styles from '../settings.module.css'
import { RestoreDialog } from './restore-dialog.tsx'

/** The backups, the newest first, with what can be done with each. */
export function BackupList({ shown }: { shown: BackupsShown }) {
  const [restoring, setRestoring] = useState<BackupShown | null>(null)
  const [removing, setRemoving] = useState<BackupShown | null>(null)
  const remove = useCommand('backups.remove')
  if (shown.backups.length === 0)
    return (
      <Section title="What there is">
        <EmptyState title="There is no backup yet">Make one now, or leave it to the schedule.</EmptyState>
      </Section>
    )
  return (
    <Section title="What there is">
      <table className={styles.table} aria-label="Backups">
        <thead>
          <tr>
            <th>Made</th>
            <th>Size</th>
            <th>Devices</th>
            <th>Keys</th>
            <th>Checked</th>
            <th>State</th>
            <th data-actions>What to do</th>
          </tr>
        </thead>
        <tbody>
          {shown.backups.map((backup) => (
            <Row key={backup.name} backup={backup} onRestore={() => setRestoring(backup)} onRemove={() => setRemoving(backup)} />
          ))}
        </tbody>
      </table>
      {restoring !== null && <RestoreDialog backup={restoring} onClose={() => setRestoring(null)} />}
      <Confirm
        isOpen={removing !== null}
        title="Remove a backup"
        action="Remove the backup"
        isBusy={remove.isRunning}
        onClose={() => setRemoving(null)}
        onConfirm={() => {
          const { name } = removing!
          remove
            .run({ name })
            .then(() => showDone(`The backup ${name} was removed.`))
            .catch(() => undefined)
            .finally(() => setRemoving(null))
        }}
      >
        {removing !== null && <p>The backup of {formatExact(removing.madeAt)} cannot be had back. The others stay.</p>}
      </Confirm>
    </Section>
  )
}

function Row({ backup, onRestore, onRemove }: { backup: BackupShown; onRestore(): void; onRemove(): void }) {
  const verify = useCommand('backups.verify')
  const { name, fault, isOurs } = backup
  return (
    <tr>
      <td>
        <Ago at={backup.madeAt} />
        <div className="dim">{backup.reason === 'schedule' ? 'by the schedule' : 'by a person'}</div>
      </td>
      <td>{formatBytes(backup.bytes)}</td>
      <td>{backup.devices}</td>
      <td>{backup.keys === 'sealed' ? 'sealed' : 'left out'}</td>
      <td>
        <Ago at={backup.verifiedAt} />
      </td>
      <td>
        {fault !== null ? (
          <StateMark state="failed" word="Damaged" />
        ) : isOurs ? (
          <StateMark state="ok" word="Good" />
        ) : (
          <StateMark state="attention" word="Of another console" />
        )}
        {fault !== null && <div className="dim foreign">{fault}</div>}
      </td>
      <td>
        <Group gap={4} wrap="nowrap" justify="flex-end">
          <MayButton
            method="backups.verify"
            size="compact-xs"
            aria-label={`Check ${name}`}
            loading={verify.isRunning}
            onClick={() => {
              verify
                .run({ name })
                .then(() => showDone('The backup is compared with its manifest, byte by byte.'))
                .catch(() => undefined)
            }}
          >
            Check
          </MayButton>
          <MayButton
            method="backups.planRestore"
            size="compact-xs"
            aria-label={`Restore ${name}`}
            disabled={!isOurs || fault !== null}
            onClick={onRestore}
          >
            Restore
          </MayButton>
          <MayButton method="backups.remove" size="compact-xs" aria-label={`Remove ${name}`} onClick={onRemove}>
            Remove
          </MayButton>
        </Group>
      </td>
    </tr>
  )
}
