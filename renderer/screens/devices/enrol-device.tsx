import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { z } from 'zod'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useUrlState } from '../../data/url-state.ts'
import { EnrolPanel } from './enrol-panel.tsx'
import { EnrolMany } from './trust/enrol-many.tsx'
import styles from './enrol.module.css'

/** The id may stand in the address; the code never does: it is a secret. */
const enrolView = z.object({ device: z.string().max(64).default('') })

/** The page that lets a device join the fleet. */
export function EnrolDevice() {
  const [{ device }] = useUrlState(enrolView)
  return (
    <Screen
      title="Enrol a device"
      actions={
        <Button component={RouteLink} href={paths.devices()}>
          Show all devices
        </Button>
      }
    >
      <p className={`${styles.lead} dim`}>
        A device joins with a one-time code: it gets credentials of its own, the key that it trusts orders by, and an address of the broker.
        The code works once.
      </p>
      <EnrolPanel key={device} device={device} />
      <EnrolMany />
    </Screen>
  )
}
