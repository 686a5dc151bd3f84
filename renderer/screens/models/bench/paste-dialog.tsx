import { Button, Group, Modal, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import { plural } from '../../../components/format.ts'
import { StateMark } from '../../../components/state-mark.tsx'
import { Sentence } from '../sentence.tsx'
import { MOST_ROWS, parsePasted, type BenchRow } from './bench-rows.ts'

/** Takes rows of CSV text; says before what it understood. */
export function PasteDialog({
  columns,
  target,
  onTake,
  onClose,
}: {
  columns: readonly string[]
  target: string | null
  onTake(rows: BenchRow[]): void
  onClose(): void
}) {
  const [text, setText] = useState('')
  const parsed = text.trim() === '' ? null : parsePasted(text, columns, target)
  const isReady = parsed !== null && parsed.problem === null
  const take = (): void => {
    if (parsed !== null && isReady) onTake(parsed.rows)
  }
  return (
    <Modal opened onClose={onClose} title="Paste rows" size="xl">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          take()
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) take()
        }}
      >
        <Stack gap="sm">
          <Textarea
            label="Rows as CSV"
            description={`With a header, columns are found by their names; without, they stand in the order of the features. At most ${MOST_ROWS} rows.`}
            placeholder={`${columns.slice(0, 6).join(',')}${columns.length > 6 ? ',…' : ''}`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            minRows={8}
            maxRows={16}
            autosize
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mono)' } }}
            data-autofocus
          />
          <div role="status">
            {parsed?.problem !== null && parsed !== null && <Sentence state="failed" word={parsed.problem} />}
            {isReady && <StateMark state="ok" word={`${plural(parsed.rows.length, 'row')} of ${plural(columns.length, 'feature')}`} />}
            {parsed?.notes.map((note) => (
              <div key={note} className="dim foreign">
                {note}
              </div>
            ))}
          </div>
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="filled" disabled={!isReady}>
              {isReady ? `Try ${plural(parsed.rows.length, 'row')}` : 'Try these rows'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
