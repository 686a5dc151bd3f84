import { Button, Group, Modal, NumberInput, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ReportSubject } from '../../../shared/domain/report/kinds.ts'
import { reportRhythms, type ReportPlan } from '../../../shared/domain/report/schedule.ts'
import { ProblemBox } from '../../components/answered.tsx'
import { formatExact } from '../../components/format.ts'
import { useCommand } from '../../data/use-command.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import { zoneHere } from './period-words.ts'
import { FormatFields, ZoneField } from './question-fields.tsx'
import { SubjectFields } from './subject-fields.tsx'
import { plainName } from './template-dialog.tsx'
import styles from './reports.module.css'

/** A schedule as it is being written. */
export interface ScheduleDraft {
  name: string
  subject: ReportSubject
  plan: ReportPlan
  isOn: boolean
}

export const freshSchedule: ScheduleDraft = {
  name: '',
  subject: { kind: 'fleet', query: '', model: null, rollout: null },
  plan: { every: 'weekly', at: '06:00', zone: zoneHere, formats: ['html', 'pdf'], keepCount: 30, keepDays: null },
  isOn: true,
}

export const rhythmTitles = { daily: 'Each day', weekly: 'Each week', monthly: 'Each month' } as const
const rhythmHints = {
  daily: 'of the day that has just ended',
  weekly: 'of the week that has just ended, from Monday',
  monthly: 'of the month that has just ended',
} as const

/** Has a report made by itself. */
export function ScheduleDialog({ start, isNew, onClose }: { start: ScheduleDraft; isNew: boolean; onClose(): void }) {
  const [draft, setDraft] = useState(start)
  const [isPending, setPending] = useState(false)
  const save = useCommand('reports.setSchedule', { isShownInPlace: true })
  const isReady = plainName.test(draft.name) && !isPending && draft.plan.at !== ''
  const submit = async (): Promise<void> => {
    const { nextAt } = await save.run(draft)
    showDone(
      nextAt === null ? `The schedule ${draft.name} is kept, and off.` : `The next report of ${draft.name} is made ${formatExact(nextAt)}.`,
    )
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title={isNew ? 'New schedule' : `Schedule ${start.name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady && !save.isRunning) void submit().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Name"
            description="Small letters, digits and dashes"
            placeholder="monday-mornings"
            required
            disabled={!isNew}
            maxLength={64}
            value={draft.name}
            error={draft.name === '' || plainName.test(draft.name) ? null : 'Small letters, digits and dashes'}
            onChange={({ currentTarget }) => setDraft({ ...draft, name: currentTarget.value })}
            data-autofocus
          />
          <SubjectFields isCompact subject={draft.subject} onChange={(subject) => setDraft({ ...draft, subject })} onPending={setPending} />
          <PlanFields plan={draft.plan} onChange={(plan) => setDraft({ ...draft, plan })} />
          {save.problem !== null && <ProblemBox problem={save.problem} />}
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <MayButton method="reports.setSchedule" type="submit" variant="filled" disabled={!isReady} loading={save.isRunning}>
              Save the schedule
            </MayButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function PlanFields({ plan, onChange }: { plan: ReportPlan; onChange(plan: ReportPlan): void }) {
  const change = (part: Partial<ReportPlan>): void => onChange({ ...plan, ...part })
  return (
    <>
      <div>
        <div className={styles.label}>How often</div>
        <SegmentedControl
          aria-label="How often"
          fullWidth
          value={plan.every}
          onChange={(value) => change({ every: reportRhythms.find((one) => one === value) ?? plan.every })}
          data={reportRhythms.map((value) => ({ value, label: rhythmTitles[value] }))}
        />
        <div className={styles.hint}>{rhythmHints[plan.every]}</div>
      </div>
      <div className={styles.pair}>
        <TextInput
          type="time"
          label="At"
          description="A console that slept makes it when it wakes"
          required
          value={plan.at}
          onChange={({ currentTarget }) => change({ at: currentTarget.value })}
        />
        <ZoneField value={plan.zone} onChange={(zone) => change({ zone })} description="Of days, weeks and times" />
        <NumberInput
          label="Reports that are kept"
          description="The newest; older ones go"
          min={1}
          max={10_000}
          allowDecimal={false}
          value={plan.keepCount}
          onChange={(value) => change({ keepCount: Math.min(10_000, Math.max(1, Math.round(Number(value)))) })}
        />
        <NumberInput
          label="Days that they are kept"
          description="Empty: their number alone decides"
          placeholder="no limit"
          min={1}
          max={36_500}
          allowDecimal={false}
          value={plan.keepDays ?? ''}
          onChange={(value) => change({ keepDays: value === '' ? null : Math.min(36_500, Math.max(1, Math.round(Number(value)))) })}
        />
      </div>
      <div>
        <div className={styles.label}>Written as</div>
        <FormatFields formats={plan.formats} onChange={(formats) => change({ formats })} />
      </div>
    </>
  )
}
