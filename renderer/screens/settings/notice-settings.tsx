import { Button, Stack, Switch } from '@mantine/core'
import { useEffect, useState } from 'react'
import { Link as RouteLink } from 'wouter'
import { callHost } from '../../../shared/host/bridge.ts'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { browserNoticeState, chooseNotices } from '../../data/notice-choice.ts'
import { paths } from '../../data/paths.ts'
import { noticesAllowed } from '../../shell/alert-notices.ts'
import { hostBridge } from '../../transport/choose-link.ts'

/** Whether alerts show as notifications here: in the desktop by the system, in a browser once a person has allowed it. */
export function NoticeSettings() {
  return (
    <Section title="Notifications of alerts" actions={<RouteLink href={paths.alertsTab('channels')}>All channels</RouteLink>}>
      {hostBridge() === null ? <BrowserNotices /> : <DesktopNotices />}
    </Section>
  )
}

function DesktopNotices() {
  const bridge = hostBridge()
  const [has, setHas] = useState<boolean | null>(null)
  useEffect(() => {
    if (bridge !== null)
      callHost(bridge, 'host.describe', {}).then(
        ({ hasNotifications }) => setHas(hasNotifications),
        () => setHas(false),
      )
  }, [bridge])
  if (has === null) return null
  return has ? (
    <StateMark state="ok" word="The system shows them; a click opens the alert" />
  ) : (
    <StateMark state="attention" word="This system shows no notifications: alerts show in the window, and by the other channels" />
  )
}

function BrowserNotices() {
  const [state, setState] = useState(browserNoticeState)
  const allow = async (): Promise<void> => {
    // Browsers ask the person only in answer to a click.
    await Notification.requestPermission()
    chooseNotices(true)
    setState(browserNoticeState())
    window.dispatchEvent(new Event(noticesAllowed))
  }
  const turn = (isOn: boolean): void => {
    chooseNotices(isOn)
    setState(browserNoticeState())
    if (isOn) window.dispatchEvent(new Event(noticesAllowed))
  }
  return (
    <Stack gap="xs" align="flex-start">
      {state === 'ask' && <Button onClick={() => void allow()}>Allow notifications in this browser</Button>}
      {(state === 'on' || state === 'off') && (
        <Switch
          label="Show alerts as notifications of this browser"
          checked={state === 'on'}
          onChange={(event) => turn(event.currentTarget.checked)}
        />
      )}
      {state === 'denied' && (
        <StateMark state="attention" word="This browser was told to show none; its settings for this address can allow them again" />
      )}
      {state === 'unsupported' && <StateMark state="offline" word="This browser has no notifications" />}
      <span className="dim">
        Each alert is shown once, by whichever window asks first, while this page is open. Where nothing may show it, it waits on the page
        of alerts.
      </span>
    </Stack>
  )
}
