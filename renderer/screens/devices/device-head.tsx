import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago } from '../../components/time.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { LabelChips } from './label-chips.tsx'
import { LabelsEditor } from './labels-editor.tsx'
import styles from './device.module.css'

/** Labels and the age of what is shown: a device that is not connected is seen as it was. */
export function DeviceHead({ shown }: { shown: OutputOf<'devices.show'> }) {
  const [isEdited, setEdited] = useState(false)
  const { device, labels, status, lastSeenAt, agentVersion } = shown
  return (
    <div className={styles.strip}>
      <LabelChips labels={labels} />
      <MayButton method="devices.setLabels" variant="subtle" leftSection={<IconPencil size={14} />} onClick={() => setEdited(true)}>
        Edit labels
      </MayButton>
      <span className={styles.spacer} />
      {status === 'online' ? (
        <span className="dim">Connected{agentVersion === null ? '' : `, agent ${agentVersion}`}</span>
      ) : (
        <span>
          <StateMark state="offline" word={status === 'never-seen' ? 'Never connected' : 'Not connected'} />{' '}
          {status === 'offline' && (
            <span className="dim">
              This is what it reported <Ago at={lastSeenAt} />.
            </span>
          )}
        </span>
      )}
      <LabelsEditor device={device} labels={labels} isOpen={isEdited} onClose={() => setEdited(false)} />
    </div>
  )
}
