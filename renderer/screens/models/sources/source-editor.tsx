import { Button, Group, Modal, Stack, Switch, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { RemoveButton } from '../../../components/remove-button.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'
import { sourceSet, sourceWords, type SourceDraft } from './source-draft.ts'
import { SourceFields } from './source-fields.tsx'

/** Writes one place that models come from. Secrets are never shown again: an empty field leaves the one that is there. */
export function SourceEditor({ draft: given, onClose }: { draft: SourceDraft; onClose(): void }) {
  const [draft, setDraft] = useState(given)
  const add = useCommand('sources.add', { isShownInPlace: true })
  const change = useCommand('sources.change', { isShownInPlace: true })
  const save = given.isNew ? add : change
  const wanted = sourceSet(draft)
  const settings = 'settings' in wanted ? wanted.settings : null
  const run = async (): Promise<void> => {
    if (settings === null) return
    await save.run({ source: draft.source, settings })
    showDone(`${draft.source} is ${given.isNew ? 'added' : 'changed'}.`)
    onClose()
  }
  const words = sourceWords[draft.kind]
  return (
    <Modal opened onClose={onClose} title={given.isNew ? `New source: ${words.title}` : `Change ${given.source}`} size="md">
      <form
        aria-label="Source"
        onSubmit={(event) => {
          event.preventDefault()
          if (settings !== null && !save.isRunning) void run().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <p className="dim" style={{ margin: 0 }}>
            {words.summary}
          </p>
          {given.isNew && (
            <TextInput
              label="Name"
              value={draft.source}
              maxLength={64}
              spellCheck={false}
              data-autofocus
              onChange={(event) => setDraft({ ...draft, source: event.currentTarget.value })}
            />
          )}
          <SourceFields draft={draft} onChange={(part) => setDraft({ ...draft, ...part })} />
          <Switch
            label="On"
            checked={draft.isEnabled}
            onChange={(event) => setDraft({ ...draft, isEnabled: event.currentTarget.checked })}
          />
          {save.problem !== null && <ProblemBox problem={save.problem} />}
          <p className="dim" role="status" style={{ margin: 0 }}>
            {'problem' in wanted ? wanted.problem : ''}
          </p>
          <Group justify="space-between">
            {given.isNew ? (
              <span />
            ) : (
              <RemoveButton
                {...{ method: 'sources.remove', input: { source: given.source }, name: given.source, onDone: onClose }}
                action="Remove the source"
              >
                Nothing is imported from it any more, and its secret is forgotten. Versions that came from it stay, with what is known of
                their origin.
              </RemoveButton>
            )}
            <Group gap="xs">
              <Button onClick={onClose}>Cancel</Button>
              <MayButton method="sources.add" type="submit" variant="filled" disabled={settings === null} loading={save.isRunning}>
                Save the source
              </MayButton>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
