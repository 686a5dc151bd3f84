import { ActionIcon, Menu } from '@mantine/core'
import {
  IconArrowBackUp,
  IconCopy,
  IconDots,
  IconFlag,
  IconHandStop,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconSquare,
  IconTrash,
} from '@tabler/icons-react'
import { Link as RouteLink } from 'wouter'
import { paths } from '../../../data/paths.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import { actWords, type ActVerb } from './act-words.ts'
import { MayButton, MayMenuItem } from '../../../shell/may-button.tsx'
import styles from './rollout.module.css'

const icons: Partial<Record<ActVerb, typeof IconFlag>> = {
  start: IconPlayerPlay,
  pause: IconPlayerPause,
  halt: IconHandStop,
  resume: IconPlayerPlay,
  stop: IconSquare,
  revert: IconArrowBackUp,
}

/** Acts in the order of their buttons; the first that may be done now is the main one, unless it takes something back. */
const shownActs = ['start', 'resume', 'pause', 'halt', 'stop', 'revert'] as const

/** The big, calm acts: each says on hover what it would do now, and asks before it does it. */
export function RolloutActs({ of, onAct }: { of: RolloutDetail; onAct(verb: ActVerb): void }) {
  const offered = shownActs.filter((verb) => of.acts[verb])
  return (
    <div className={styles.acts} role="group" aria-label="Acts">
      {offered.map((verb) => {
        const { button, does } = actWords(of, { verb })
        const Icon = icons[verb]
        return (
          <MayButton
            key={verb}
            method={`rollouts.${verb === 'halt' ? 'pause' : verb}`}
            size="sm"
            variant={verb === 'start' || verb === 'resume' ? 'filled' : 'default'}
            title={does}
            leftSection={Icon === undefined ? undefined : <Icon size={16} />}
            onClick={() => onAct(verb)}
          >
            {button}
          </MayButton>
        )
      })}
    </div>
  )
}

/** What is done with the plan of a rollout and less often. */
export function RolloutMenu({ of, onAct, onPriority }: { of: RolloutDetail; onAct(verb: ActVerb): void; onPriority(): void }) {
  const { rollout, acts } = of
  return (
    <>
      {acts.edit && (
        <MayButton method="rollouts.edit" href={paths.newRollout({ rollout })} leftSection={<IconPencil size={14} />}>
          Edit
        </MayButton>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label="More acts">
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={RouteLink} href={paths.newRollout({ from: rollout })} leftSection={<IconCopy size={14} />}>
            Copy to a new rollout
          </Menu.Item>
          <MayMenuItem method="rollouts.setPriority" leftSection={<IconFlag size={14} />} onClick={onPriority}>
            Change its priority
          </MayMenuItem>
          {acts.remove && (
            <MayMenuItem method="rollouts.remove" leftSection={<IconTrash size={14} />} onClick={() => onAct('remove')}>
              Remove the draft
            </MayMenuItem>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
