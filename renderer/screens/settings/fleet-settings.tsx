import { Group, NumberInput, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { Facts } from '../../components/facts.tsx'
import { Section } from '../../components/screen.tsx'
import { useCommand } from '../../data/use-command.ts'
import { showDone } from '../../shell/notices.tsx'
import { MayButton } from '../../shell/may-button.tsx'

const MEGABYTE = 1_000_000

/** Name of the fleet and the cap on model transfers. */
export function FleetSettings({ settings }: { settings: OutputOf<'settings.show'> }) {
  const [name, setName] = useState(settings.fleetName)
  const [limit, setLimit] = useState<number | ''>(settings.limitBytesPerSecond === null ? '' : settings.limitBytesPerSecond / MEGABYTE)
  const update = useCommand('settings.update')
  const wanted = { fleetName: name.trim(), limitBytesPerSecond: limit === '' ? null : Math.max(1024, Math.round(limit * MEGABYTE)) }
  const isChanged = wanted.fleetName !== settings.fleetName || wanted.limitBytesPerSecond !== settings.limitBytesPerSecond
  const before = { fleetName: settings.fleetName, limitBytesPerSecond: settings.limitBytesPerSecond }
  const save = async (): Promise<void> => {
    await update.run(wanted)
    showDone('Settings are saved.', { undo: () => void update.run(before).then(() => setName(before.fleetName)) })
  }
  return (
    <Stack gap="lg">
      <Section title="Fleet">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (isChanged && wanted.fleetName !== '') void save().catch(() => undefined)
          }}
        >
          <Stack gap="sm">
            <TextInput
              label="Name"
              description="As people see it. The id below stays."
              value={name}
              maxLength={200}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NumberInput
              label="Cap on model transfers"
              description="MB per second for the whole fleet; empty: none. Telemetry always goes first."
              placeholder="No cap"
              suffix=" MB/s"
              min={0.001}
              decimalScale={3}
              value={limit}
              onChange={(value) => setLimit(value === '' ? '' : Number(value))}
            />
            <Group>
              <MayButton
                method="settings.update"
                type="submit"
                variant="filled"
                disabled={!isChanged || wanted.fleetName === ''}
                loading={update.isRunning}
              >
                Save settings
              </MayButton>
            </Group>
          </Stack>
        </form>
      </Section>
      <Section title="Identity">
        <Facts rows={[['Id of the fleet', <span className="mono">{settings.fleet}</span>]]} />
      </Section>
    </Stack>
  )
}
