import { Button, Group, Modal, NumberInput, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ReportTemplate } from '../../../shared/domain/report/kinds.ts'
import { ProblemBox } from '../../components/answered.tsx'
import { useCommand } from '../../data/use-command.ts'
import { MayButton } from '../../shell/may-button.tsx'
import { showDone } from '../../shell/notices.tsx'
import { SubjectFields } from './subject-fields.tsx'

/** Small letters, digits and dashes: what a name may be made of. */
export const plainName = /^[a-z0-9][a-z0-9-]{0,63}$/

/** Saves a report under a name. */
export function TemplateDialog({ start, isNew, onClose }: { start: ReportTemplate; isNew: boolean; onClose(): void }) {
  const [draft, setDraft] = useState(start)
  const [isPending, setPending] = useState(false)
  const save = useCommand('reports.setTemplate', { isShownInPlace: true })
  const isReady = plainName.test(draft.name) && !isPending
  const change = (part: Partial<ReportTemplate>): void => setDraft((old) => ({ ...old, ...part }))
  const submit = async (): Promise<void> => {
    await save.run(draft)
    showDone(`The template ${draft.name} is kept.`)
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title={isNew ? 'New template' : `Template ${start.name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady && !save.isRunning) void submit().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <Group align="flex-start" grow>
            <TextInput
              label="Name"
              description="Small letters, digits and dashes"
              placeholder="lyon-week"
              required
              disabled={!isNew}
              maxLength={64}
              value={draft.name}
              error={draft.name === '' || plainName.test(draft.name) ? null : 'Small letters, digits and dashes'}
              onChange={({ currentTarget }) => change({ name: currentTarget.value })}
              data-autofocus
            />
            <NumberInput
              label="Days"
              description="Length of the period, up to now"
              min={1}
              max={3660}
              allowDecimal={false}
              value={draft.days}
              onChange={(value) => change({ days: Math.min(3660, Math.max(1, Math.round(Number(value)))) })}
            />
          </Group>
          <TextInput
            label="What it is for"
            placeholder="Lyon, for the meeting on Mondays"
            maxLength={200}
            value={draft.summary}
            onChange={({ currentTarget }) => change({ summary: currentTarget.value })}
          />
          <SubjectFields isCompact subject={draft.subject} onChange={(subject) => change({ subject })} onPending={setPending} />
          {save.problem !== null && <ProblemBox problem={save.problem} />}
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <MayButton method="reports.setTemplate" type="submit" variant="filled" disabled={!isReady} loading={save.isRunning}>
              Save the template
            </MayButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
