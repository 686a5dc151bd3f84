import { Group } from '@mantine/core'
import { useState } from 'react'
import { StateMark } from '../../../components/state-mark.tsx'
import { useQuery } from '../../../data/use-query.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { UnlockDialog } from './unlock-dialog.tsx'

/** Says, where a model is about to be imported, that signing is locked, and opens it. Nothing where it is not. */
export function LockedNotice() {
  const keys = useQuery('keys.show', {}).data
  const [isOpen, setOpen] = useState(false)
  if (keys?.isLocked !== true) return null
  return (
    <Group gap="sm" role="note">
      <StateMark state="attention" word="New models need the targets key, which is locked." />
      <MayButton method="keys.unlock" size="compact-sm" onClick={() => setOpen(true)}>
        Unlock for signing
      </MayButton>
      {isOpen && <UnlockDialog shown={keys} onClose={() => setOpen(false)} />}
    </Group>
  )
}
