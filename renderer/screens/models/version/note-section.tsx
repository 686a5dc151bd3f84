import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { ProblemBox } from '../../../components/answered.tsx'
import { Section } from '../../../components/screen.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { showDone } from '../../../shell/notices.tsx'
import pageStyles from '../models.module.css'
import { MayButton } from '../../../shell/may-button.tsx'
import styles from './version.module.css'

const MOST_CHARACTERS = 10_000

/** What people should know of a version; written in place, taken back from the notice. */
export function NoteSection({ detail }: { detail: OutputOf<'models.show'> }) {
  const { note } = detail
  const [isWriting, setWriting] = useState(false)
  return (
    <Section
      title="Note"
      actions={
        !isWriting && (
          <MayButton method="models.setNote" size="compact-xs" onClick={() => setWriting(true)}>
            {note === null ? 'Write a note' : 'Edit'}
          </MayButton>
        )
      }
    >
      {isWriting ? (
        <NoteForm detail={detail} onClose={() => setWriting(false)} />
      ) : note === null ? (
        <p className="dim">No note yet: why this version was made, what to watch.</p>
      ) : (
        <>
          <p className={`${styles.note} foreign`}>{note.text}</p>
          <span className="dim">
            {note.by}, <Ago at={note.at} />
          </span>
        </>
      )}
    </Section>
  )
}

function NoteForm({ detail, onClose }: { detail: OutputOf<'models.show'>; onClose(): void }) {
  const { model, version, note } = detail
  const before = note?.text ?? ''
  const [text, setText] = useState(before)
  const set = useCommand('models.setNote', { isShownInPlace: true })
  const undo = useCommand('models.setNote')
  const save = (): void => {
    set.run({ model, version, text }).then(
      () => {
        onClose()
        showDone(text.trim() === '' ? 'The note is removed.' : 'The note is saved.', {
          undo: () => void undo.run({ model, version, text: before }).catch(() => undefined),
        })
      },
      // What failed is shown in place.
      () => undefined,
    )
  }
  return (
    <form
      className={pageStyles.stack}
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save()
        if (event.key === 'Escape') onClose()
      }}
    >
      <Textarea
        aria-label="Note"
        autosize
        minRows={4}
        maxRows={16}
        maxLength={MOST_CHARACTERS}
        value={text}
        autoFocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {set.problem !== null && <ProblemBox problem={set.problem} />}
      <div className={pageStyles.actions}>
        <Button type="submit" variant="filled" loading={set.isRunning}>
          Save the note
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </form>
  )
}
