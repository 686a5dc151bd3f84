import { Button, Group } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { Facts } from '../../components/facts.tsx'
import { formatExact } from '../../components/format.ts'
import { SidePanel } from '../../components/side-panel.tsx'
import { Ago } from '../../components/time.tsx'
import { paths } from '../../data/paths.ts'
import { idQuery } from '../devices/selection-query.ts'
import { Severity } from './event-columns.tsx'
import type { FleetEvent } from './events-view.ts'
import styles from './events.module.css'

/** An event in full, beside the list. */
export function EventPanel({ event, onClose }: { event: FleetEvent; onClose(): void }) {
  const { at, device, severity, name, message, code } = event
  return (
    <SidePanel title={name} fullPath={paths.device(device)} onClose={onClose}>
      <p className={styles.whole}>{message}</p>
      <Facts
        rows={[
          ['Severity', <Severity key="severity" severity={severity} />],
          [
            'Device',
            <RouteLink key="device" href={paths.device(device)} className="mono">
              {device}
            </RouteLink>,
          ],
          ['When', <Ago key="ago" at={at} />],
          ['Exactly', formatExact(at)],
          ['Code', code === null ? null : <span className="mono">{code}</span>],
        ]}
      />
      <Group gap="xs">
        <Button component={RouteLink} href={paths.device(device)}>
          Open device
        </Button>
        <Button component={RouteLink} href={`${paths.events}?${new URLSearchParams({ query: idQuery([device]) }).toString()}`}>
          Only events of this device
        </Button>
      </Group>
    </SidePanel>
  )
}
