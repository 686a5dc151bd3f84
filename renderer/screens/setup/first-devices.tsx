import { Button } from '@mantine/core'
import { IconDeviceDesktopPlus, IconEye, IconPlayerPlay } from '@tabler/icons-react'
import { useCommand } from '../../data/use-command.ts'
import styles from './setup.module.css'

/** How the first devices come: the sample fleet on this machine, a real device, or later. */
export function FirstDevices({
  isBusy,
  onSample,
  onEnrol,
  onLater,
}: {
  isBusy: boolean
  onSample(): Promise<void>
  onEnrol(): Promise<void>
  onLater(): Promise<void>
}) {
  const start = useCommand('sampleFleet.start')
  const sample = async (): Promise<void> => {
    await onSample()
    await start.run({})
  }
  const quietly = (work: Promise<void>): void => void work.catch(() => undefined)
  return (
    <div className={styles.choices}>
      <section>
        <IconPlayerPlay size={22} stroke={1.5} aria-hidden="true" />
        <div>
          <h2>Try it with the sample fleet</h2>
          <p className="dim">
            Five agents on this machine, each a process of its own, with the sample models and real rows. It can be removed later with one
            click.
          </p>
        </div>
        <Button variant="filled" loading={isBusy || start.isRunning} onClick={() => quietly(sample())}>
          Start the sample fleet
        </Button>
      </section>
      <section>
        <IconDeviceDesktopPlus size={22} stroke={1.5} aria-hidden="true" />
        <div>
          <h2>Enrol the first device</h2>
          <p className="dim">A one-time code and the exact command for Linux, Windows or Docker.</p>
        </div>
        <Button disabled={isBusy} onClick={() => quietly(onEnrol())}>
          Enrol a device
        </Button>
      </section>
      <section>
        <IconEye size={22} stroke={1.5} aria-hidden="true" />
        <div>
          <h2>Look around first</h2>
          <p className="dim">Both can be done at any time from the devices page.</p>
        </div>
        <Button disabled={isBusy} onClick={() => quietly(onLater())}>
          Open the console
        </Button>
      </section>
    </div>
  )
}
