import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { IconCopy, IconDots, IconKey, IconLink, IconRocket, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { Confirm } from '../../components/confirm.tsx'
import { CopyAsCommand, shellWord } from '../../components/copy.tsx'
import { paths } from '../../data/paths.ts'
import { useGo } from '../../data/url-state.ts'
import { useCommand } from '../../data/use-command.ts'
import { hostBridge } from '../../transport/choose-link.ts'
import { showDone } from '../../shell/notices.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { removeLine } from './device-lines.ts'
import { idQuery } from './selection-query.ts'
import { MayButton, MayMenuItem } from '../../shell/may-button.tsx'

/** What can be done with one device. */
export function DeviceActions({ shown }: { shown: OutputOf<'devices.show'> }) {
  const { device } = shown
  const [isRemoved, setRemoved] = useState(false)
  return (
    <>
      <MayButton
        method="deployments.apply"
        href={paths.deploy({ query: idQuery([device]) })}
        variant="filled"
        leftSection={<IconRocket size={14} />}
      >
        Deploy here
      </MayButton>
      <CopyAsCommand command={`npm run -s muster -- devices show ${shellWord(device)}`} isIcon />
      <MoreActions device={device} onRemove={() => setRemoved(true)} />
      <RemoveDevice shown={shown} isOpen={isRemoved} onClose={() => setRemoved(false)} />
    </>
  )
}

function MoreActions({ device, onRemove }: { device: string; onRemove(): void }) {
  const copy = (text: string, what: string): void => {
    void navigator.clipboard.writeText(text).then(() => showDone(`${what} is copied.`))
  }
  // In the desktop the page has no address that anybody else could open.
  const link = hostBridge() === null ? location.href : `muster://device/${device}`
  return (
    <Menu position="bottom-end">
      <Tooltip label="More actions">
        <Menu.Target>
          <ActionIcon aria-label="More actions">
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
      </Tooltip>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={14} />} onClick={() => copy(device, 'The id')}>
          Copy id
        </Menu.Item>
        <Menu.Item leftSection={<IconLink size={14} />} onClick={() => copy(link, 'The link')}>
          Copy link
        </Menu.Item>
        <Menu.Item
          component={RouteLink}
          href={`${paths.enrol}?${new URLSearchParams({ device }).toString()}`}
          leftSection={<IconKey size={14} />}
        >
          Enrol it again
        </Menu.Item>
        <Menu.Divider />
        <MayMenuItem method="devices.remove" color="var(--failed)" leftSection={<IconTrash size={14} />} onClick={onRemove}>
          Remove from the fleet
        </MayMenuItem>
      </Menu.Dropdown>
    </Menu>
  )
}

function RemoveDevice({ shown, isOpen, onClose }: { shown: OutputOf<'devices.show'>; isOpen: boolean; onClose(): void }) {
  const { device, slots } = shown
  const remove = useCommand('devices.remove')
  const go = useGo()
  const served = slots.flatMap(({ active }) => (active === null ? [] : [`${active.model} ${active.version}`]))
  return (
    <Confirm
      isOpen={isOpen}
      title={`Remove ${device} from the fleet`}
      action="Remove device"
      typed={device}
      isBusy={remove.isRunning}
      onClose={onClose}
      onConfirm={() => {
        // A failure is shown as a notice.
        remove.run({ device }).then(
          () => {
            showDone(`${device} is out of the fleet.`)
            go(paths.devices())
          },
          () => undefined,
        )
      }}
    >
      <p>
        Its credentials stop working at once, and no order reaches it any more.{' '}
        {served.length > 0 && `It goes on answering with ${served.join(', ')} locally. `}
        Telemetry that is stored here stays.
      </p>
      <p>This cannot be undone: to come back, it must be enrolled again with a new code.</p>
      <CopyAsCommand command={removeLine(device)} />
    </Confirm>
  )
}
