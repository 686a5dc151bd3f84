import { Button, Select, TextInput } from '@mantine/core'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { nextVersion, type CheckedDraft, type Draft } from './import-draft.ts'
import styles from './import.module.css'

/** How the version will be called, and which column is the truth. */
export function NameSection({
  checked,
  inspected,
  isLocked,
  onChange,
}: {
  checked: CheckedDraft
  inspected: OutputOf<'models.inspect'>
  isLocked: boolean
  onChange(change: Partial<Draft>): void
}) {
  const rows = inspected.train ?? inspected.holdout
  return (
    <Section title="Name">
      <div className={styles.pair}>
        <TextInput
          label="Model"
          value={checked.model}
          error={checked.modelProblem}
          disabled={isLocked}
          maxLength={64}
          spellCheck={false}
          onChange={(event) => onChange({ model: event.currentTarget.value })}
        />
        <TextInput
          label="Version"
          value={checked.version}
          error={checked.versionProblem}
          disabled={isLocked}
          maxLength={64}
          spellCheck={false}
          onChange={(event) => onChange({ version: event.currentTarget.value })}
        />
      </div>
      <NameState checked={checked} isLocked={isLocked} onVersion={(version) => onChange({ version })} />
      {rows !== null && rows.columns.length > 0 && (
        <Select
          label="Column of the truth"
          description="The true label or value, which the model is measured against"
          data={rows.columns}
          value={rows.target}
          searchable
          allowDeselect={false}
          disabled={isLocked}
          nothingFoundMessage="No column of this name"
          onChange={(target) => onChange({ target })}
        />
      )}
    </Section>
  )
}

/** What the registry has under the name: nothing, other versions, or this very version. */
function NameState({ checked, isLocked, onVersion }: { checked: CheckedDraft; isLocked: boolean; onVersion(version: string): void }) {
  const { model, version, versions, isTaken, modelProblem } = checked
  const next = isTaken && !isLocked ? nextVersion(version, versions) : null
  return (
    <div role="status">
      {isTaken && (
        <p>
          <StateMark state="attention" word={`${model} ${version} is there already`} />{' '}
          <span className="dim">A version never changes: the import succeeds only if the content is the same.</span>{' '}
          {next !== null && (
            <Button size="compact-xs" onClick={() => onVersion(next)}>
              Use {next}
            </Button>
          )}
        </p>
      )}
      {!isTaken && versions.length > 0 && (
        <p className="dim">
          {model} has {versions.slice(-6).join(', ')}.
        </p>
      )}
      {versions.length === 0 && modelProblem === null && <p className="dim">{model} is a new model.</p>}
    </div>
  )
}
