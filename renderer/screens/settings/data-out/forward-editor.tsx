import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../../components/answered.tsx'
import { plural } from '../../../components/format.ts'
import { RemoveButton } from '../../../components/remove-button.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import { showDone } from '../../../shell/notices.tsx'
import { forwardSet, forwardWords, type ForwardDraft } from './forward-draft.ts'
import { ForwardFields } from './forward-fields.tsx'

/** Writes one way out. Secrets are never shown again: an empty field leaves the one that is there. */
export function ForwardEditor({ draft: given, onClose }: { draft: ForwardDraft; onClose(): void }) {
  const [draft, setDraft] = useState(given)
  const save = useCommand('forward.set', { isShownInPlace: true })
  const change = (part: Partial<ForwardDraft>): void => setDraft({ ...draft, ...part })
  const wanted = forwardSet(draft)
  const set = 'set' in wanted ? wanted.set : null
  const run = async (): Promise<void> => {
    if (set === null) return
    const made = await save.run({ ...(draft.forward === null ? {} : { forward: draft.forward }), set })
    showDone(`${made.name} is set. Try it, to see that it works.`)
    onClose()
  }
  const words = forwardWords[draft.kind]
  return (
    <Modal opened onClose={onClose} title={given.forward === null ? `New: ${words.title}` : given.name} size="md">
      <form
        aria-label="Where data goes out to"
        onSubmit={(event) => {
          event.preventDefault()
          if (set !== null && !save.isRunning) void run().catch(() => undefined)
        }}
      >
        <Stack gap="sm">
          <p style={{ margin: 0 }}>{words.summary}</p>
          <TextInput
            label="Name"
            value={draft.name}
            maxLength={64}
            onChange={(event) => change({ name: event.currentTarget.value })}
            data-autofocus
          />
          <ForwardFields draft={draft} onChange={change} />
          {save.problem !== null && <ProblemBox problem={save.problem} />}
          <p className="dim" role="status" style={{ margin: 0 }}>
            {'problem' in wanted ? wanted.problem : ''}
          </p>
          <Group justify="space-between">
            {draft.forward === null ? (
              <span />
            ) : (
              <RemoveButton
                {...{ method: 'forward.remove', input: { forward: draft.forward }, name: given.name, action: 'Remove it', onDone: onClose }}
                alsoDone={({ dropped }) => (dropped === 0 ? '' : ` ${plural(dropped, 'waiting event')} dropped.`)}
              >
                Nothing goes out there any more, and events that wait are dropped. What a database holds stays there. Its secret is
                forgotten.
              </RemoveButton>
            )}
            <Group gap="xs">
              <Button onClick={onClose}>Cancel</Button>
              <MayButton method="forward.set" type="submit" variant="filled" disabled={set === null} loading={save.isRunning}>
                Save
              </MayButton>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
