import { NumberInput, Select } from '@mantine/core'
import { reportKinds, reportKindWords, type ReportKind, type ReportSubject } from '../../../shared/domain/report/kinds.ts'
import { QueryBox } from '../../components/query-box.tsx'
import { useQuery } from '../../data/use-query.ts'
import { kindTitles } from './reports-view.ts'
import styles from './reports.module.css'

/** What a report is about: its kind, its devices, and where the kind allows it one model or rollout. */
export function SubjectFields({
  subject,
  onChange,
  onPending,
  isCompact = false,
}: {
  subject: ReportSubject
  onChange(subject: ReportSubject): void
  /** Told true while the query is being typed, or cannot be read. */
  onPending(isPending: boolean): void
  isCompact?: boolean
}) {
  const { kind, query } = subject
  const choose = (next: ReportKind): void =>
    onChange({
      ...subject,
      kind: next,
      model: next === 'model' || next === 'rollout' ? subject.model : null,
      rollout: next === 'rollout' ? subject.rollout : null,
    })
  return (
    <>
      {isCompact ? (
        <Select
          label="Kind"
          description={reportKindWords[kind]}
          value={kind}
          allowDeselect={false}
          data={reportKinds.map((value) => ({ value, label: kindTitles[value] }))}
          onChange={(value) => choose(reportKinds.find((one) => one === value) ?? kind)}
        />
      ) : (
        <KindCards kind={kind} onChoose={choose} />
      )}
      <div>
        <div className={styles.label}>Devices</div>
        <QueryBox
          value={query}
          onChange={(next) => onChange({ ...subject, query: next })}
          onPending={onPending}
          label="Devices that the report is about"
          placeholder="All devices, also those that have left. Try: site = lyon"
        />
      </div>
      {(kind === 'model' || kind === 'rollout') && <Narrower subject={subject} onChange={onChange} />}
    </>
  )
}

function KindCards({ kind, onChoose }: { kind: ReportKind; onChoose(kind: ReportKind): void }) {
  const move = (event: React.KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const at = (reportKinds.indexOf(kind) + step + reportKinds.length) % reportKinds.length
    onChoose(reportKinds[at]!)
    event.currentTarget.querySelectorAll<HTMLElement>('[role="radio"]')[at]?.focus()
  }
  return (
    <div className={styles.kinds} role="radiogroup" aria-label="Kind" onKeyDown={move}>
      {reportKinds.map((one) => (
        <button
          key={one}
          type="button"
          role="radio"
          aria-checked={one === kind}
          tabIndex={one === kind ? 0 : -1}
          className={styles.kind}
          onClick={() => onChoose(one)}
        >
          <strong>{kindTitles[one]}</strong>
          <span>{reportKindWords[one]}</span>
        </button>
      ))}
    </div>
  )
}

function Narrower({ subject, onChange }: { subject: ReportSubject; onChange(subject: ReportSubject): void }) {
  const models = useQuery('models.list', {}).data?.versions ?? []
  const names = [...new Set([...models.map(({ model }) => model), ...(subject.model === null ? [] : [subject.model])])].toSorted()
  return (
    <div className={styles.pair}>
      <Select
        label="Model"
        placeholder="Every model"
        value={subject.model}
        onChange={(model) => onChange({ ...subject, model })}
        data={names}
        clearable
        clearButtonProps={{ 'aria-label': 'Every model' }}
        searchable
      />
      {subject.kind === 'rollout' && (
        <NumberInput
          label="Rollout"
          placeholder="Every rollout of the period"
          min={1}
          allowDecimal={false}
          hideControls
          value={subject.rollout ?? ''}
          onChange={(value) => onChange({ ...subject, rollout: value === '' ? null : Math.max(1, Math.round(Number(value))) })}
        />
      )}
    </div>
  )
}
