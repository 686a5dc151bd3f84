import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Loading, ProblemBox } from '../../../components/answered.tsx'
import { CopyAsCommand } from '../../../components/copy.tsx'
import { ExportButton } from '../../../components/export-button.tsx'
import { plural } from '../../../components/format.ts'
import { useLink } from '../../../data/link-context.ts'
import { useCommand } from '../../../data/use-command.ts'
import { MayButton } from '../../../shell/may-button.tsx'
import type { RolloutEvent } from '../../../../shared/domain/rollout/event.ts'
import type { InputOf, OutputOf } from '../../../../shared/rpc/contract.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import type { ChangeRolloutView, RolloutView } from '../live/rollout-view.ts'
import { EventList } from './event-list.tsx'
import { eventsCsv } from './event-words.ts'
import { useRolloutEvents } from './use-rollout-events.ts'
import page from '../../../components/list-page.module.css'
import styles from './events.module.css'

const PAGE = 100

/** The log: what happened to the rollout as a whole, or to its devices as well; who did it, why, and on what evidence. */
export function EventsTab({ shown, view, onView }: { shown: RolloutDetail; view: RolloutView; onView: ChangeRolloutView }) {
  const isWithoutDevices = view.log === 'rollout'
  const question = { rollout: shown.rollout, isWithoutDevices }
  const pages = useRolloutEvents(question, PAGE)
  return (
    <div className={page.list}>
      <div className={styles.bar}>
        <SegmentedControl
          aria-label="What the log shows"
          value={view.log}
          onChange={(value) => onView({ log: value === 'all' ? 'all' : 'rollout' })}
          data={[
            { value: 'rollout', label: 'Rollout as a whole' },
            { value: 'all', label: 'With every device' },
          ]}
        />
        <AddNote rollout={shown.rollout} />
        <CopyAsCommand
          command={`npm run -s muster -- rollouts events ${shown.rollout}${isWithoutDevices ? ' --without-devices' : ''}`}
          isIcon
        />
        <ExportLog question={question} />
      </div>
      {pages.problem !== null && (
        <div className={page.problem}>
          <ProblemBox problem={pages.problem} onRetry={pages.retry} isOverData={pages.events !== undefined} />
        </div>
      )}
      <div className={styles.scroll} tabIndex={0} role="group" aria-label="Log">
        {pages.events === undefined ? (
          pages.problem === null && <Loading />
        ) : (
          <EventList label="Log of the rollout" events={pages.events} onDevice={(device) => onView({ device })} />
        )}
        {pages.hasMore && (
          <Button ml={16} mb={16} loading={pages.isLoadingMore} onClick={pages.loadMore}>
            Load older entries
          </Button>
        )}
      </div>
    </div>
  )
}

function AddNote({ rollout }: { rollout: number }) {
  const [text, setText] = useState('')
  const annotate = useCommand('rollouts.annotate')
  return (
    <form
      className={styles.note}
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() === '') return
        void annotate.run({ rollout, text: text.trim() }).then(
          () => setText(''),
          () => undefined,
        )
      }}
    >
      <TextInput
        aria-label="Note for the log"
        placeholder="Add a note: what was seen, what was decided"
        value={text}
        maxLength={2000}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <MayButton method="rollouts.annotate" type="submit" disabled={text.trim() === ''} loading={annotate.isRunning}>
        Add note
      </MayButton>
    </form>
  )
}

type Question = Omit<InputOf<'rollouts.events'>, 'before' | 'limit'>

function ExportLog({ question }: { question: Question }) {
  const link = useLink()
  return (
    <ExportButton
      isIcon
      label="Export the log as CSV"
      fileName={`rollout-${question.rollout}-log.csv`}
      make={async ({ signal }) => {
        const events = await allEvents((input) => link.call('rollouts.events', input), question, signal)
        return { text: eventsCsv(events), done: `${plural(events.length, 'entry', 'entries')} exported.` }
      }}
    />
  )
}

/** Asks for the whole log, page by page. */
export async function allEvents(
  ask: (input: InputOf<'rollouts.events'>) => Promise<OutputOf<'rollouts.events'>>,
  question: Question,
  signal: AbortSignal,
): Promise<RolloutEvent[]> {
  const events: RolloutEvent[] = []
  let before: number | null = null
  do {
    signal.throwIfAborted()
    const page: OutputOf<'rollouts.events'> = await ask({ ...question, limit: 1000, ...(before === null ? {} : { before }) })
    events.push(...page.events)
    before = page.next
  } while (before !== null)
  return events
}
