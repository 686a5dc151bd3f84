import { Button, Group, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import { ProblemBox } from '../../components/answered.tsx'
import { CopyAsCommand } from '../../components/copy.tsx'
import { Section } from '../../components/screen.tsx'
import { Ago } from '../../components/time.tsx'
import { useCommand } from '../../data/use-command.ts'
import { showDone } from '../../shell/notices.tsx'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { noteLine } from './device-lines.ts'
import { MayButton } from '../../shell/may-button.tsx'
import styles from './devices.module.css'

const MAX_LENGTH = 4000

/** The note of a device: what the next person on duty must know. */
export function NoteEditor({ device, note }: { device: string; note: OutputOf<'devices.show'>['note'] }) {
  const [isEdited, setEdited] = useState(false)
  return (
    <Section
      title="Note"
      actions={
        !isEdited && (
          <MayButton method="devices.setNote" size="compact-xs" onClick={() => setEdited(true)}>
            {note === null ? 'Add a note' : 'Edit note'}
          </MayButton>
        )
      }
    >
      {isEdited ? (
        <NoteForm device={device} text={note?.text ?? ''} onClose={() => setEdited(false)} />
      ) : note === null ? (
        <p className={`${styles.note} dim`}>
          None. Write down what the next person must know: where it stands, who to call, what was tried.
        </p>
      ) : (
        <>
          <p className={styles.note}>{note.text}</p>
          <span className="dim foreign">
            {note.notedBy}, <Ago at={note.notedAt} />
          </span>
        </>
      )}
    </Section>
  )
}

function NoteForm({ device, text, onClose }: { device: string; text: string; onClose(): void }) {
  const [written, setWritten] = useState(text)
  const save = useCommand('devices.setNote', { isShownInPlace: true })
  const restore = useCommand('devices.setNote')
  const submit = async (): Promise<void> => {
    const { previous } = await save.run({ device, text: written.trim() })
    onClose()
    showDone(written.trim() === '' ? `The note of ${device} is cleared.` : `The note of ${device} is saved.`, {
      undo: () => void restore.run({ device, text: previous }),
    })
  }
  // What fails is shown in the form.
  const start = (): void => void submit().catch(() => undefined)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        start()
      }}
    >
      <Stack gap="xs">
        {save.problem !== null && <ProblemBox problem={save.problem} />}
        <Textarea
          aria-label="Note"
          autosize
          minRows={3}
          maxRows={12}
          maxLength={MAX_LENGTH}
          value={written}
          autoFocus
          onChange={(event) => setWritten(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) start()
            else if (event.key === 'Escape') onClose()
            else return
            event.preventDefault()
          }}
        />
        <Group gap="xs" justify="flex-end">
          <CopyAsCommand command={noteLine(device, written.trim())} isIcon />
          <Button onClick={onClose}>Cancel</Button>
          <MayButton method="devices.setNote" type="submit" variant="filled" disabled={written.trim() === text} loading={save.isRunning}>
            Save note
          </MayButton>
        </Group>
      </Stack>
    </form>
  )
}
