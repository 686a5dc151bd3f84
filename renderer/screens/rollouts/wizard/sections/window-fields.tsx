import { Autocomplete, Button, TextInput } from '@mantine/core'
import { useNow } from '../../../../components/time.tsx'
import type { TimeWindow } from '../../../../../shared/domain/rollout/plan.ts'
import { LengthField } from '../../../alerts/length-field.tsx'
import { At } from '../fields/findings.tsx'
import { cronOf, dailyOf, dayNames, nextOpenings, weekOrder, windowWords, type DailyWindow } from '../plan/window-words.ts'
import styles from '../wizard.module.css'

/** One recurring window: a time on days of the week, or a cron expression for what is more than that. */
export function WindowFields({
  name,
  place,
  window,
  onChange,
}: {
  name: string
  place: string
  window: TimeWindow
  onChange(window: TimeWindow): void
}) {
  const change = (part: Partial<TimeWindow>): void => onChange({ ...window, ...part })
  const daily = dailyOf(window.cron)
  return (
    <At place={place} isWhole>
      <div className={styles.triple}>
        {daily === null ? (
          <TextInput
            label="Opens, as cron"
            description="minute hour day month weekday"
            value={window.cron}
            maxLength={100}
            spellCheck={false}
            onChange={(event) => change({ cron: event.currentTarget.value })}
          />
        ) : (
          <TextInput
            type="time"
            label="Opens at"
            description="Time of day"
            value={timeOf(daily)}
            onChange={(event) => {
              const next = timeFrom(event.currentTarget.value)
              if (next !== null) change({ cron: cronOf({ ...daily, ...next }) })
            }}
          />
        )}
        <LengthField
          label="For"
          description="How long it stays open"
          value={window.minutes * 60_000}
          onChange={(ms) => change({ minutes: Math.max(1, Math.min(10_080, Math.round(ms / 60_000))) })}
        />
        <Autocomplete
          label="Clock"
          description="site: each device by its label tz"
          value={window.timeZone}
          maxLength={64}
          onChange={(timeZone) => change({ timeZone })}
          data={zones}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
      </div>
      {daily !== null && <Days name={name} daily={daily} onDaily={(next) => change({ cron: cronOf(next) })} />}
      <Openings window={window} />
      <Button
        variant="subtle"
        size="compact-xs"
        onClick={() => change({ cron: daily === null ? '0 2 * * *' : '0 2 1 * *' })}
        title={daily === null ? undefined : 'For example the first of each month'}
      >
        {daily === null ? 'A time of day instead' : 'Write it as cron'}
      </Button>
    </At>
  )
}

const zones = [...new Set(['site', Intl.DateTimeFormat().resolvedOptions().timeZone, 'UTC'])]

function Days({ name, daily, onDaily }: { name: string; daily: DailyWindow; onDaily(daily: DailyWindow): void }) {
  const isOn = (day: number): boolean => daily.days.length === 0 || daily.days.includes(day)
  return (
    <div className={styles.chips} role="group" aria-label={`${name}: days`}>
      {weekOrder.map((day) => (
        <button
          key={day}
          type="button"
          className={styles.chip}
          aria-pressed={isOn(day)}
          onClick={() => {
            const days = weekOrder.filter((one) => (one === day ? !isOn(day) : isOn(one)))
            if (days.length > 0) onDaily({ ...daily, days })
          }}
        >
          {dayNames[day]}
        </button>
      ))}
    </div>
  )
}

function Openings({ window }: { window: TimeWindow }) {
  const openings = nextOpenings(window, useNow())
  return (
    <p className={styles.about}>
      Opens {windowWords(window)}.
      {openings === null ? ' The preview says when the first device may begin.' : openings.length > 0 && ` Next: ${openings.join('; ')}.`}
    </p>
  )
}

function timeOf({ hour, minute }: DailyWindow): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
}

function timeFrom(text: string): { hour: number; minute: number } | null {
  const found = /^(\d{2}):(\d{2})/.exec(text)
  return found === null ? null : { hour: Number(found[1]), minute: Number(found[2]) }
}
