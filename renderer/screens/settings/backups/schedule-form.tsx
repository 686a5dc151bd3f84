import { Button, Checkbox, Group, NumberInput, Stack, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { BackupSchedule } from '../../../../shared/domain/backup/schedule.ts'
import type { BackupsShown } from '../../../../shared/rpc/contract/backups.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { Section } from '../../../components/screen.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'

const periods = [
  { name: 'daily', label: 'Daily ones kept', min: 1 },
  { name: 'weekly', label: 'Weekly', min: 0 },
  { name: 'monthly', label: 'Monthly', min: 0 },
] as const

/** When backups are made by themselves, how many are kept, and where they lie. */
export function ScheduleForm({ shown }: { shown: BackupsShown }) {
  const [draft, setDraft] = useState<Partial<BackupSchedule>>({})
  const save = useCommand('backups.setSchedule', { isShownInPlace: true })
  const schedule = { ...shown.schedule, ...draft }
  const change = (part: Partial<BackupSchedule>): void => setDraft((before) => ({ ...before, ...part }))
  const isChanged = JSON.stringify(schedule) !== JSON.stringify(shown.schedule)
  const submit = (): void => {
    save
      .run(draft)
      .then(() => {
        setDraft({})
        showDone('The schedule is kept.')
      })
      .catch(() => undefined)
  }
  return (
    <Section title="Schedule">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isChanged) submit()
        }}
      >
        <Stack gap="sm">
          <Switch
            label="Make a backup each day"
            checked={schedule.isOn}
            onChange={({ currentTarget }) => change({ isOn: currentTarget.checked })}
          />
          <Group align="flex-end">
            <TextInput
              type="time"
              label="At"
              required
              disabled={!schedule.isOn}
              value={schedule.at}
              onChange={({ currentTarget }) => change({ at: currentTarget.value })}
            />
            {periods.map(({ name, label, min }) => (
              <NumberInput
                key={name}
                label={label}
                min={min}
                max={366}
                allowDecimal={false}
                w={120}
                disabled={!schedule.isOn}
                value={schedule.keep[name]}
                onChange={(value) => change({ keep: { ...schedule.keep, [name]: Math.max(min, Math.round(Number(value))) } })}
              />
            ))}
          </Group>
          <TextInput
            label="Folder"
            description="The whole path; best on another disk. Empty: in the data directory. Older backups stay where they are."
            value={schedule.folder ?? ''}
            placeholder={shown.folder}
            maxLength={1024}
            onChange={({ currentTarget }) => change({ folder: currentTarget.value === '' ? null : currentTarget.value })}
          />
          {shown.isSameDisk && (
            <Checkbox
              label="The disk of the data is fine: it is backed up, or mirrored, by other means"
              checked={schedule.isSameDiskFine}
              onChange={({ currentTarget }) => change({ isSameDiskFine: currentTarget.checked })}
            />
          )}
          <p className="dim">
            A console that slept at that hour makes the backup when it runs again. One that a person made stays until a person removes it.
          </p>
          {save.problem !== null && <ProblemBox problem={save.problem} />}
          <Group>
            <MayButton method="backups.setSchedule" type="submit" variant="filled" disabled={!isChanged} loading={save.isRunning}>
              Save the schedule
            </MayButton>
            {isChanged && <Button onClick={() => setDraft({})}>Discard changes</Button>}
          </Group>
        </Stack>
      </form>
    </Section>
  )
}
