import { Button, Checkbox, Group, Modal, NumberInput, PasswordInput, Select, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { messageOf } from '../../../../shared/domain/problem.ts'
import type { OtlpShown } from '../../../../shared/rpc/contract/metrics.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { StateMark, type State } from '../../../components/state-mark.tsx'
import { useLink } from '../../../data/link-context.ts'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'
import { draftOfExport, draftProblem, exportOf, logChoices, type OtlpDraft } from './otlp-draft.ts'

const logLabels = { off: 'none', error: 'errors', warn: 'errors and warnings', info: 'all' } as const

/** Sets where metrics and logs are exported to. */
export function OtlpEditor({ shown, onClose }: { shown: OtlpShown['export']; onClose(): void }) {
  const [draft, setDraft] = useState(() => draftOfExport(shown))
  const [checked, setChecked] = useState<{ state: State; word: string } | null>(null)
  const set = useCommand('metrics.setOtlp', { isShownInPlace: true })
  const link = useLink()
  const change = (part: Partial<OtlpDraft>): void => {
    // What the receiver said is of another draft.
    setChecked(null)
    setDraft((before) => ({ ...before, ...part }))
  }
  const problem = draftProblem(draft)
  const check = async (): Promise<void> => {
    setChecked({ state: 'working', word: 'Asking the receiver' })
    const { url, header, secret, allowsPrivate } = exportOf(draft)
    try {
      const { ok, sentence } = await link.call('metrics.checkOtlp', { url, header, secret, allowsPrivate })
      setChecked(ok ? { state: 'ok', word: sentence } : { state: 'failed', word: `The receiver does not take it: ${sentence}` })
    } catch (error) {
      setChecked({ state: 'failed', word: messageOf(error) })
    }
  }
  const save = async (): Promise<void> => {
    await set.run({ export: exportOf(draft) })
    showDone('The export begins.')
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title="Export by OpenTelemetry" size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (problem === null) void save().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <Fields draft={draft} hasSecret={shown?.hasSecret === true} onChange={change} />
          {checked !== null && (
            <div role="status">
              <StateMark {...checked} />
            </div>
          )}
          <p className="dim" role="status" style={{ margin: 0 }}>
            {draft.url === '' ? '' : problem}
          </p>
          {set.problem !== null && <ProblemBox problem={set.problem} />}
          <Group justify="flex-end" gap="xs">
            <Button mr="auto" onClick={() => void check()} disabled={problem !== null} loading={checked?.state === 'working'}>
              Ask the receiver
            </Button>
            <Button onClick={onClose}>Cancel</Button>
            <MayButton method="metrics.setOtlp" type="submit" variant="filled" disabled={problem !== null} loading={set.isRunning}>
              Save the export
            </MayButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Fields({ draft, hasSecret, onChange }: { draft: OtlpDraft; hasSecret: boolean; onChange(part: Partial<OtlpDraft>): void }) {
  return (
    <>
      <TextInput
        label="Address of the receiver"
        description="Without the path of a signal: /v1/metrics and /v1/logs are added."
        placeholder="https://collector.example:4318"
        value={draft.url}
        maxLength={2048}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
        onChange={(event) => onChange({ url: event.currentTarget.value })}
      />
      <Checkbox
        label="The address may be in a private or loopback network"
        checked={draft.allowsPrivate}
        onChange={(event) => onChange({ allowsPrivate: event.currentTarget.checked })}
      />
      <Group grow align="end">
        <TextInput
          label="Header of the secret"
          description="Its name."
          value={draft.header}
          maxLength={64}
          spellCheck={false}
          onChange={(event) => onChange({ header: event.currentTarget.value })}
        />
        <PasswordInput
          label="Secret"
          description={hasSecret ? 'Empty: the one that is stored, at the same address.' : 'Such as "Bearer …"; empty: none.'}
          value={draft.secret}
          maxLength={2048}
          autoComplete="off"
          onChange={(event) => onChange({ secret: event.currentTarget.value })}
        />
      </Group>
      <Checkbox label="Metrics" checked={draft.metrics} onChange={(event) => onChange({ metrics: event.currentTarget.checked })} />
      <Group grow>
        <NumberInput
          label="Every"
          suffix=" s"
          min={5}
          max={3600}
          allowDecimal={false}
          value={draft.everySeconds}
          onChange={(value) => onChange({ everySeconds: value === '' ? '' : Number(value) })}
        />
        <Select
          label="Log entries of the console"
          data={logChoices.map((value) => ({ value, label: logLabels[value] }))}
          value={draft.logs}
          allowDeselect={false}
          onChange={(next) => onChange({ logs: logChoices.find((one) => one === next) ?? 'off' })}
        />
      </Group>
    </>
  )
}
