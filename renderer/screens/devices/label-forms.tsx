import { Autocomplete, Button, Group, Popover, Stack, TextInput } from '@mantine/core'
import { IconTag, IconTagOff } from '@tabler/icons-react'
import { useState } from 'react'
import { CopyAsCommand } from '../../components/copy.tsx'
import { plural } from '../../components/format.ts'
import { useQuery } from '../../data/use-query.ts'
import { labelLine } from './device-lines.ts'
import { keyProblem } from './label-change.ts'
import { MayButton } from '../../shell/may-button.tsx'

/** Names of the labels that are in use. */
function useLabelNames(): string[] {
  const attributes = useQuery('devices.attributes', {}).data ?? []
  return attributes.flatMap(({ attribute, summary }) => (summary === `Label ${attribute}.` ? [attribute] : []))
}

/** Sets a label on the selected devices. */
export function SetLabel({
  count,
  query,
  onSet,
}: {
  count: number
  query: string | null
  onSet(key: string, value: string): Promise<void>
}) {
  const [isOpen, setOpen] = useState(false)
  const [key, setKey] = useState('')
  const [value, setValue] = useState('')
  const names = useLabelNames()
  const problem = key === '' ? null : keyProblem(key)
  const isReady = key !== '' && problem === null
  const submit = async (): Promise<void> => {
    await onSet(key.trim(), value.trim())
    setOpen(false)
    setKey('')
    setValue('')
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} position="top-start" shadow="md" width={340} trapFocus>
      <Popover.Target>
        <MayButton method="devices.setLabels" leftSection={<IconTag size={14} />} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Set label
        </MayButton>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            // What fails is shown as a notice; the form stays as it is.
            if (isReady) submit().catch(() => undefined)
          }}
        >
          <Stack gap="xs">
            <Group gap="xs" align="flex-start" wrap="nowrap">
              <Autocomplete
                label="Name"
                data={names}
                value={key}
                onChange={setKey}
                error={problem}
                maxLength={64}
                placeholder="line"
                comboboxProps={{ withinPortal: false }}
                data-autofocus
              />
              <TextInput
                label="Value"
                value={value}
                maxLength={256}
                placeholder="3"
                onChange={(event) => setValue(event.currentTarget.value)}
              />
            </Group>
            <Group justify="space-between">
              {query !== null && isReady ? <CopyAsCommand command={labelLine({ [key.trim()]: value.trim() }, query)} isIcon /> : <span />}
              <Button type="submit" variant="filled" disabled={!isReady}>
                Set on {plural(count, 'device')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

/** Clears a label of the selected devices. */
export function ClearLabel({ count, query, onClear }: { count: number; query: string | null; onClear(key: string): Promise<void> }) {
  const [isOpen, setOpen] = useState(false)
  const [key, setKey] = useState('')
  const names = useLabelNames()
  const submit = async (): Promise<void> => {
    await onClear(key)
    setOpen(false)
    setKey('')
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} position="top-start" shadow="md" width={280} trapFocus>
      <Popover.Target>
        <MayButton
          method="devices.setLabels"
          leftSection={<IconTagOff size={14} />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          Clear label
        </MayButton>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            if (names.includes(key)) submit().catch(() => undefined)
          }}
        >
          <Stack gap="xs">
            <Autocomplete label="Name" data={names} value={key} onChange={setKey} comboboxProps={{ withinPortal: false }} data-autofocus />
            <Group justify="space-between">
              {query !== null && names.includes(key) ? <CopyAsCommand command={labelLine({ [key]: null }, query)} isIcon /> : <span />}
              <Button type="submit" variant="filled" disabled={!names.includes(key)}>
                Clear on {plural(count, 'device')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
