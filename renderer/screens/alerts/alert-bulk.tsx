import { ActionIcon, Tooltip } from '@mantine/core'
import { IconBellOff, IconCheck, IconX } from '@tabler/icons-react'
import { plural } from '../../components/format.ts'
import type { Alert } from '../../../shared/domain/alert.ts'
import { toAcknowledge } from './use-alert-acts.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './alerts.module.css'

/** What can be done with the selected alerts; it stands below the list only while something is selected. */
export function AlertBulk({
  alerts,
  isBusy,
  onAcknowledge,
  onUnacknowledge,
  onSilence,
  onNone,
}: {
  alerts: readonly Alert[]
  isBusy: boolean
  onAcknowledge(): void
  onUnacknowledge(): void
  onSilence(): void
  onNone(): void
}) {
  if (alerts.length === 0) return null
  const open = toAcknowledge(alerts).length
  return (
    <div className={styles.bulk} role="toolbar" aria-label="Selected alerts">
      <strong>{plural(alerts.length, 'alert')} selected</strong>
      <Tooltip label="Select nothing">
        <ActionIcon size="sm" aria-label="Select nothing" onClick={onNone}>
          <IconX size={14} />
        </ActionIcon>
      </Tooltip>
      <MayButton
        method="alerts.acknowledge"
        leftSection={<IconCheck size={14} />}
        disabled={open === 0}
        loading={isBusy}
        onClick={onAcknowledge}
      >
        Acknowledge {open === alerts.length || open === 0 ? '' : open}
      </MayButton>
      {open < alerts.length && (
        <MayButton method="alerts.unacknowledge" onClick={onUnacknowledge}>
          Take acknowledgement back
        </MayButton>
      )}
      <MayButton method="alerts.silence" leftSection={<IconBellOff size={14} />} onClick={onSilence}>
        Silence
      </MayButton>
    </div>
  )
}
