import { Checkbox, SegmentedControl, Select, TextInput } from '@mantine/core'
import { reportFormats, type ReportFormat } from '../../../shared/domain/report/kinds.ts'
import { periodText } from '../../../shared/domain/report/value-text.ts'
import { periodChoices, periodHints, periodNames, zoneNames, type PeriodDraft } from './period-words.ts'
import { formatTitles, formatUses } from './reports-view.ts'
import styles from './reports.module.css'

/** The period of a report: whole days, weeks or months of the zone, a length up to now, or days that are named. */
export function PeriodFields({
  draft,
  zone,
  span,
  onChange,
}: {
  draft: PeriodDraft
  zone: string
  /** What the draft comes to; null: nothing yet. */
  span: { from: number; through: number } | null
  onChange(draft: PeriodDraft): void
}) {
  return (
    <div className={styles.running}>
      <SegmentedControl
        aria-label="Period"
        value={draft.choice}
        onChange={(value) => onChange({ ...draft, choice: periodNames.find((one) => one === value) ?? draft.choice })}
        data={periodNames.map((value) => ({ value, label: periodChoices[value] }))}
      />
      {draft.choice === 'days' && (
        <div className={styles.pair}>
          <TextInput
            type="date"
            label="First day"
            value={draft.first}
            onChange={({ currentTarget }) => onChange({ ...draft, first: currentTarget.value })}
          />
          <TextInput
            type="date"
            label="Last day"
            value={draft.last}
            onChange={({ currentTarget }) => onChange({ ...draft, last: currentTarget.value })}
          />
        </div>
      )}
      <span className="dim" role="status">
        {span === null
          ? 'Name a first day and a last day that is not before it.'
          : `${periodText({ ...span, zone })}, ${periodHints[draft.choice]}`}
      </span>
    </div>
  )
}

/** The zone that times are written in, and that days begin in. */
export function ZoneField({ value, onChange, description }: { value: string; onChange(zone: string): void; description: string }) {
  return (
    <Select
      label="Zone"
      description={description}
      value={value}
      onChange={(zone) => onChange(zone ?? value)}
      data={zoneNames(value)}
      allowDeselect={false}
      searchable
      limit={60}
    />
  )
}

/** Formats that a report is written in at once. */
export function FormatFields({ formats, onChange }: { formats: readonly ReportFormat[]; onChange(formats: ReportFormat[]): void }) {
  return (
    <div className={styles.formats} role="group" aria-label="Formats">
      {reportFormats.map((format) => (
        <Checkbox
          key={format}
          label={formatTitles[format]}
          description={format === 'json' ? `always: ${formatUses.json}` : formatUses[format]}
          checked={format === 'json' || formats.includes(format)}
          disabled={format === 'json'}
          onChange={({ currentTarget }) =>
            onChange(reportFormats.filter((one) => (one === format ? currentTarget.checked : formats.includes(one))))
          }
        />
      ))}
    </div>
  )
}
