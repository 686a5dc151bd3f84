import { Button } from '@mantine/core'
import { EmptyState } from '../../components/answered.tsx'
import { paths } from '../../data/paths.ts'
import { StartSampleFleet } from './start-sample-fleet.tsx'
import { MayButton } from '../../shell/may-button.tsx'

/** The fleet has no device yet. */
export function NoDevices() {
  return (
    <EmptyState
      title="No device is enrolled yet"
      actions={
        <>
          <MayButton method="devices.createCode" href={paths.enrol} variant="filled">
            Enrol a device
          </MayButton>
          <StartSampleFleet />
        </>
      }
    >
      A device joins with a one-time code and one command. To look around first, start the sample fleet: five agents on this machine with
      sample models and real rows.
    </EmptyState>
  )
}

/** Devices are there, but none that the query selects. */
export function NoMatch({ query, onClear }: { query: string; onClear(): void }) {
  return (
    <EmptyState title="No device matches" actions={<Button onClick={onClear}>Show all devices</Button>}>
      Nothing in the fleet fits <span className="mono foreign">{query}</span>.
    </EmptyState>
  )
}
