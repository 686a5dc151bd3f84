import { Autocomplete, Button, Checkbox, Group, Modal, MultiSelect, SegmentedControl, Select, TextInput, Textarea } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../components/answered.tsx'
import { QueryBox } from '../../components/query-box.tsx'
import { useCommand } from '../../data/use-command.ts'
import { useQuery } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { alertGrains, alertSeverities } from '../../../shared/domain/alert.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { ConditionFields } from './condition-fields.tsx'
import { LengthField } from './length-field.tsx'
import { ruleInput, type RuleDraft } from './rule-draft.ts'
import { RulePreview } from './rule-preview.tsx'
import { kindWords } from './rule-words.ts'
import { RemoveRule } from './remove-rule.tsx'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './alerts.module.css'

/** Writes one rule; beside it stands what it would say of the fleet now. */
export function RuleEditor({
  draft: given,
  runbooks,
  thresholdWords,
  onClose,
}: {
  draft: RuleDraft
  runbooks: OutputOf<'alerts.rules'>['runbooks']
  thresholdWords: string
  onClose(): void
}) {
  const [draft, setDraft] = useState(given)
  const [isPending, setPending] = useState(false)
  const save = useCommand('alerts.setRule', { isShownInPlace: true })
  const change = (part: Partial<RuleDraft>): void => setDraft({ ...draft, ...part })
  const input = ruleInput(draft)
  const set = 'set' in input ? input.set : null
  const canSave = set !== null && !isPending && !save.isRunning
  const run = async (): Promise<void> => {
    if (set === null) return
    const { rule } = await save.run({ ...(draft.rule === null ? {} : { rule: draft.rule }), set })
    showDone(`${rule.name} is set.`)
    onClose()
  }
  const kind = kindWords[draft.condition.kind]
  return (
    <Modal opened onClose={onClose} title={given.rule === null ? `New rule: ${kind.title.toLowerCase()}` : given.name} size={920}>
      <form
        aria-label="Rule"
        onSubmit={(event) => {
          event.preventDefault()
          if (canSave) void run().catch(() => undefined)
        }}
      >
        <div className={styles.editor}>
          <div className={styles.fields}>
            <p className={styles.intro}>{kind.summary}</p>
            <TextInput
              label="Name"
              value={draft.name}
              maxLength={120}
              onChange={(event) => change({ name: event.currentTarget.value })}
              data-autofocus
            />
            <ConditionFields condition={draft.condition} onChange={(condition) => change({ condition })} />
            <Where draft={draft} onChange={change} onPending={setPending} />
            <When draft={draft} onChange={change} />
            <Telling draft={draft} runbooks={runbooks} onChange={change} />
          </div>
          <RulePreview set={isPending ? null : set} problem={'problem' in input ? input.problem : null} thresholdWords={thresholdWords} />
        </div>
        {save.problem !== null && <ProblemBox problem={save.problem} />}
        <Group justify="space-between" mt="md">
          {draft.rule === null ? <span /> : <RemoveRule rule={draft.rule} name={given.name} isBuiltIn={draft.isBuiltIn} onDone={onClose} />}
          <Group gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <MayButton method="alerts.setRule" type="submit" variant="filled" disabled={!canSave} loading={save.isRunning}>
              Save the rule
            </MayButton>
          </Group>
        </Group>
      </form>
    </Modal>
  )
}

type Part = { draft: RuleDraft; onChange(part: Partial<RuleDraft>): void }

function Where({ draft, onChange, onPending }: Part & { onPending(isPending: boolean): void }) {
  const deployments = useQuery('deployments.list', {}).data?.deployments ?? []
  return (
    <>
      <div>
        <div className={styles.label}>Devices</div>
        <QueryBox
          value={draft.query}
          onChange={(query) => onChange({ query })}
          onPending={onPending}
          label="Devices that the rule looks at"
        />
      </div>
      <div className={styles.pair}>
        <Autocomplete
          label="Deployment"
          placeholder="Every deployment"
          value={draft.deployment ?? ''}
          maxLength={64}
          onChange={(deployment) => onChange({ deployment: deployment === '' ? null : deployment })}
          data={deployments.map(({ deployment }) => deployment)}
        />
        <Select
          label="One alert per"
          value={draft.per}
          allowDeselect={false}
          onChange={(per) => onChange({ per: alertGrains.find((one) => one === per) ?? 'version' })}
          data={[
            { value: 'fleet', label: 'Fleet' },
            { value: 'version', label: 'Deployment and version' },
            { value: 'device', label: 'Device' },
          ]}
        />
      </div>
    </>
  )
}

function When({ draft, onChange }: Part) {
  return (
    <div className={styles.pair}>
      <LengthField label="Fires after it held for" value={draft.forMs} onChange={(forMs) => onChange({ forMs })} />
      <LengthField label="Resolved after it was over for" value={draft.clearMs} onChange={(clearMs) => onChange({ clearMs })} />
    </div>
  )
}

function Telling({ draft, runbooks, onChange }: Part & { runbooks: OutputOf<'alerts.rules'>['runbooks'] }) {
  const channels = useQuery('alerts.channels', {}).data?.channels ?? []
  return (
    <>
      <div>
        <div className={styles.label}>Severity</div>
        <SegmentedControl
          aria-label="Severity"
          fullWidth
          value={draft.severity}
          onChange={(value) => onChange({ severity: alertSeverities.find((one) => one === value) ?? 'warning' })}
          data={[...alertSeverities]}
        />
      </div>
      <MultiSelect
        label="Channels"
        placeholder={draft.channels === null ? 'All that are on' : ''}
        value={draft.channels ?? []}
        onChange={(chosen) => onChange({ channels: chosen.length === 0 ? null : chosen })}
        data={channels.map(({ channel, name }) => ({ value: channel, label: name }))}
        clearable
        clearButtonProps={{ 'aria-label': 'All channels' }}
      />
      <Checkbox
        label="Holds releases while it fires"
        description="Nothing is released to the deployment of the alert, unless somebody releases despite it."
        checked={draft.holdsReleases}
        onChange={(event) => onChange({ holdsReleases: event.currentTarget.checked })}
      />
      <Autocomplete
        label="Runbook"
        description="One of the built-in pages, or an address."
        value={draft.runbook ?? ''}
        maxLength={500}
        onChange={(runbook) => onChange({ runbook: runbook === '' ? null : runbook })}
        data={runbooks.map(({ name }) => name)}
      />
      <Textarea
        label="Note"
        description="What it means and whom it concerns."
        value={draft.summary}
        maxLength={500}
        autosize
        minRows={1}
        maxRows={4}
        onChange={(event) => onChange({ summary: event.currentTarget.value })}
      />
    </>
  )
}
