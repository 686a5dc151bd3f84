import { Button, Checkbox, Group, Modal, NumberInput, PasswordInput, Select, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { OtlpShown } from '../../../../shared/rpc/contract/metrics.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { useLink } from '../../../data/link-context.ts'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import { draftOfExport, draftProblem, exportOf, logChoices, type OtlpDraft } from './otlp-draft.ts'

const logLabels = { off: 'none', error: 'errors', warn: 'errors and warnings', info: 'all' } as const

/** Sets where metrics and logs are exported to. */
export function OtlpEditor({ shown, onClose }: { shown: OtlpShown['export']; onClose(): void }) {
  const [draft, setDraft] = useState(() => draftOfExport(shown))
  const [checked, setChecked] = useState<string | null>(null)
  const set = useCommand('metrics.setOtlp', { isShownInPlace: true })
  const link = useLink()
  const change = (part: Partial<OtlpDraft>): void => setDraft((before) => ({ ...before, ...part }))
  const problem = draftProblem(draft)
  const check = async (): Promise<void> => {
    setChecked('Asking the receiver')
    const { url, header, secret, allowsPrivate } = exportOf(draft)
    try {
      setChecked((await link.call('metrics.checkOtlp', { url, header, secret, allowsPrivate })).sentence)
    } catch (error) {
      setChecked(error instanceof Error ? error.message : String(error))
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
          {checked !== null && <p role="status">{checked}</p>}
          {problem !== null && draft.url !== '' && <p role="status">{problem}</p>}
          {set.problem !== null && <ProblemBox problem={set.problem} />}
          <Group justify="flex-end" gap="xs">
            <Button onClick={() => void check()} disabled={problem !== null}>
              Ask the receiver
            </Button>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="filled" disabled={problem !== null} loading={set.isRunning}>
              Save the export
            </Button>
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
          onChange={(value) => onChange({ everySeconds: Math.min(3600, Math.max(5, Number(value))) })}
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
