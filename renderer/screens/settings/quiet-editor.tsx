import { ActionIcon, Button, Group, NumberInput, Select, TextInput } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { plainQuiet, quietDays, quietWindow, usualQuiet, type PlainQuiet, type QuietDays, type QuietWindow } from './quiet-draft.ts'
import styles from './cost-settings.module.css'

const MOST_WINDOWS = 10

/** The quiet hours of one link: no download begins in them. */
export function QuietEditor({
  link,
  quiet,
  onChange,
}: {
  link: string
  quiet: readonly QuietWindow[]
  onChange(quiet: QuietWindow[]): void
}) {
  const replace = (at: number, window: QuietWindow): void => onChange(quiet.map((one, i) => (i === at ? window : one)))
  return (
    <div className={styles.quiet}>
      {quiet.map((window, at) => (
        <Group key={at} gap={4} wrap="nowrap" role="group" aria-label={`Quiet hours ${at + 1} of ${link}`}>
          <WindowFields window={window} onChange={(next) => replace(at, next)} />
          <ActionIcon aria-label={`Remove quiet hours ${at + 1} of ${link}`} onClick={() => onChange(quiet.filter((_, i) => i !== at))}>
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Button size="compact-xs" disabled={quiet.length >= MOST_WINDOWS} onClick={() => onChange([...quiet, usualQuiet])}>
        Add quiet hours
      </Button>
    </div>
  )
}

function WindowFields({ window, onChange }: { window: QuietWindow; onChange(window: QuietWindow): void }) {
  const plain = plainQuiet(window)
  if (plain === null) return <CronFields window={window} onChange={onChange} />
  const change = (part: Partial<PlainQuiet>): void => onChange(quietWindow({ ...plain, ...part }))
  return (
    <>
      <TextInput
        type="time"
        aria-label="From"
        value={plain.from}
        onChange={({ currentTarget }) => currentTarget.value !== '' && change({ from: currentTarget.value })}
      />
      <TextInput
        type="time"
        aria-label="To"
        value={plain.to}
        onChange={({ currentTarget }) => currentTarget.value !== '' && change({ to: currentTarget.value })}
      />
      <Select
        aria-label="Days"
        allowDeselect={false}
        w={150}
        data={Object.entries(quietDays).map(([value, label]) => ({ value, label }))}
        value={plain.days}
        onChange={(value) => change({ days: (value ?? '*') as QuietDays })}
      />
      <Zone value={plain.timeZone} onChange={(timeZone) => change({ timeZone })} />
    </>
  )
}

/** What came from a file and is more than times of a day. */
function CronFields({ window, onChange }: { window: QuietWindow; onChange(window: QuietWindow): void }) {
  return (
    <>
      <TextInput
        aria-label="Begins (cron)"
        className="mono"
        value={window.cron}
        onChange={({ currentTarget }) => onChange({ ...window, cron: currentTarget.value })}
      />
      <NumberInput
        aria-label="Minutes"
        w={90}
        min={1}
        max={10_080}
        allowDecimal={false}
        suffix=" min"
        value={window.minutes}
        onChange={(value) => onChange({ ...window, minutes: Math.max(1, Math.round(Number(value))) })}
      />
      <Zone value={window.timeZone} onChange={(timeZone) => onChange({ ...window, timeZone })} />
    </>
  )
}

function Zone({ value, onChange }: { value: string; onChange(zone: string): void }) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone
  const others = [...new Set(['UTC', here, value])].filter((zone) => zone !== 'site')
  return (
    <Select
      aria-label="Time zone"
      allowDeselect={false}
      w={160}
      data={[{ value: 'site', label: 'Time of the device' }, ...others.map((zone) => ({ value: zone, label: zone }))]}
      value={value}
      onChange={(zone) => onChange(zone ?? 'site')}
    />
  )
}
