import { Group } from '@mantine/core'
import { useState } from 'react'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { plural } from '../../components/format.ts'
import { StateMark } from '../../components/state-mark.tsx'
import { Ago, Ahead } from '../../components/time.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import { devicesText, formatTitles, kindTitles, narrowedText, type Schedule } from './reports-view.ts'
import { freshSchedule, rhythmTitles, ScheduleDialog, type ScheduleDraft } from './schedule-dialog.tsx'
import styles from './reports.module.css'

/** Reports that are made by themselves: when the next one is, what is kept, and what went wrong. */
export function Schedules() {
  const answer = useQuery('reports.schedules', {})
  const [editing, setEditing] = useState<{ start: ScheduleDraft; isNew: boolean } | null>(null)
  const [removing, setRemoving] = useState<string | null>(null)
  const add = (
    <MayButton method="reports.setSchedule" onClick={() => setEditing({ start: freshSchedule, isNew: true })}>
      New schedule
    </MayButton>
  )
  return (
    <div className={styles.scroll}>
      <Answered answer={answer}>
        {({ schedules }) =>
          schedules.length === 0 ? (
            <EmptyState title="No report is made by itself" actions={add}>
              A schedule makes a report of each day, week or month that has ended, and keeps so many of them.
            </EmptyState>
          ) : (
            <>
              <div className={styles.line}>{add}</div>
              <ScheduleTable
                schedules={schedules}
                onEdit={({ name, subject, plan, isOn }) => setEditing({ start: { name, subject, plan, isOn }, isNew: false })}
                onRemove={setRemoving}
              />
            </>
          )
        }
      </Answered>
      {editing !== null && <ScheduleDialog {...editing} onClose={() => setEditing(null)} />}
      <RemoveSchedule name={removing} onClose={() => setRemoving(null)} />
    </div>
  )
}

function ScheduleTable({
  schedules,
  onEdit,
  onRemove,
}: {
  schedules: readonly Schedule[]
  onEdit(schedule: Schedule): void
  onRemove(name: string): void
}) {
  return (
    <table className={styles.table} aria-label="Schedules">
      <thead>
        <tr>
          <th>Name</th>
          <th>Report</th>
          <th>When</th>
          <th>Next</th>
          <th>Written as</th>
          <th>Kept</th>
          <th>State</th>
          <th data-actions>What to do</th>
        </tr>
      </thead>
      <tbody>
        {schedules.map((schedule) => (
          <Row key={schedule.name} schedule={schedule} onEdit={() => onEdit(schedule)} onRemove={() => onRemove(schedule.name)} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ schedule, onEdit, onRemove }: { schedule: Schedule; onEdit(): void; onRemove(): void }) {
  const { name, subject, plan, isOn, nextAt, reports, failure } = schedule
  const switchOn = useCommand('reports.setSchedule')
  const narrowed = narrowedText(subject)
  return (
    <tr>
      <td className="mono">{name}</td>
      <td>
        {kindTitles[subject.kind]}
        <div className="dim foreign">{[narrowed, devicesText(subject.query)].filter(Boolean).join(', ')}</div>
      </td>
      <td>
        {rhythmTitles[plan.every]} at {plan.at}
        <div className="dim">{plan.zone}</div>
      </td>
      <td data-nowrap>{nextAt === null ? <span className="dim">never</span> : <Ahead at={nextAt} />}</td>
      <td>{plan.formats.length === 0 ? 'JSON' : plan.formats.map((format) => formatTitles[format]).join(', ')}</td>
      <td>
        {reports} of {plan.keepCount}
        {plan.keepDays !== null && <div className="dim">{plural(plan.keepDays, 'day')}</div>}
      </td>
      <td>
        <ScheduleState isOn={isOn} failure={failure} />
      </td>
      <td data-actions>
        <Group gap={4} wrap="nowrap" justify="flex-end">
          <MayButton
            method="reports.setSchedule"
            size="compact-xs"
            aria-label={`${isOn ? 'Pause' : 'Resume'} ${name}`}
            loading={switchOn.isRunning}
            onClick={() => {
              switchOn
                .run({ name, subject, plan, isOn: !isOn })
                .then(() => showDone(isOn ? `${name} is paused; its reports stay.` : `${name} goes on.`))
                .catch(() => undefined)
            }}
          >
            {isOn ? 'Pause' : 'Resume'}
          </MayButton>
          <MayButton method="reports.setSchedule" size="compact-xs" aria-label={`Edit ${name}`} onClick={onEdit}>
            Edit
          </MayButton>
          <MayButton method="reports.removeSchedule" size="compact-xs" aria-label={`Remove ${name}`} onClick={onRemove}>
            Remove
          </MayButton>
        </Group>
      </td>
    </tr>
  )
}

function ScheduleState({ isOn, failure }: Pick<Schedule, 'isOn' | 'failure'>) {
  if (failure !== null)
    return (
      <>
        <StateMark state="failed" word="Failed" />
        <div className="dim foreign">
          {failure.problem} <Ago at={failure.at} />
        </div>
      </>
    )
  return isOn ? <StateMark state="ok" word="On" /> : <StateMark state="offline" word="Paused" />
}

function RemoveSchedule({ name, onClose }: { name: string | null; onClose(): void }) {
  const remove = useCommand('reports.removeSchedule')
  return (
    <Confirm
      isOpen={name !== null}
      title={`Remove the schedule ${name ?? ''}`}
      action="Remove the schedule"
      isBusy={remove.isRunning}
      onClose={onClose}
      onConfirm={() => {
        remove
          .run({ name: name! })
          .then(() => showDone(`The schedule ${name} was removed.`))
          .catch(() => undefined)
          .finally(onClose)
      }}
    >
      <p>Nothing is made by itself under this name any more. Its reports stay until a person removes them.</p>
    </Confirm>
  )
}
