import { Button } from '@mantine/core'
import { useMemo } from 'react'
import { Link as RouteLink } from 'wouter'
import { z } from 'zod'
import { Answered, EmptyState } from '../../components/answered.tsx'
import { formatCount, plural } from '../../components/format.ts'
import { paths } from '../../data/paths.ts'
import { useStoredChoice } from '../../data/stored-choice.ts'
import { useQuery } from '../../data/use-query.ts'
import { AnswerBar } from './answer-bar.tsx'
import { RowFacts } from './desk-side.tsx'
import { IntervalChart } from './interval-chart.tsx'
import { labelKeys } from './label-keys.ts'
import { scopeOf, type LabellingView } from './labelling-view.ts'
import { NextStrip } from './next-strip.tsx'
import { SampleView } from './sample-view.tsx'
import { useDesk, type Desk as DeskState } from './use-desk.ts'
import { useDeskKeys } from './use-desk-keys.ts'
import styles from './labelling.module.css'

/** One row at a time, labelled by keyboard. */
export function Desk({ view, by, onReason }: { view: LabellingView; by: string; onReason(reason: ''): void }) {
  const desk = useDesk({ ...scopeOf(view), ...(view.reason === '' ? {} : { reason: view.reason }) }, by)
  return <Answered answer={desk.answer}>{() => <DeskBody desk={desk} view={view} onReason={onReason} />}</Answered>
}

function DeskBody({ desk, view, onReason }: { desk: DeskState; view: LabellingView; onReason(reason: ''): void }) {
  const { task, next, progress, course } = desk
  const [isAnswerShown, setAnswerShown] = useStoredChoice('labelling.answer', z.boolean(), true)
  const keys = useMemo(() => (task === null ? null : labelKeys(task.labels)), [task])
  useDeskKeys({ keys, label: desk.label, skip: desk.skip, undo: desk.undo, move: desk.move })
  return (
    <div className={styles.desk}>
      <div className={styles.middle}>
        {task === null ? (
          <NothingToLabel desk={desk} view={view} onReason={onReason} />
        ) : (
          <>
            <div className={styles.above}>
              <NextStrip tasks={next} shown={task.task} onShow={desk.show} />
              <span className="dim">
                {formatCount(desk.total)} want a label · <kbd>←</kbd> <kbd>→</kbd> look at others
              </span>
            </div>
            <div className={styles.stage} data-task={task.task} tabIndex={-1} role="group" aria-label="The sample">
              <SampleView task={task} />
            </div>
            <AnswerBar task={task} keys={keys} onLabel={desk.label} onSkip={desk.skip} onUndo={desk.undo} />
          </>
        )}
      </div>
      <aside className={styles.side}>
        {progress !== undefined && <IntervalChart progress={progress} course={course} />}
        {task !== null && <RowFacts task={task} isAnswerShown={isAnswerShown} onAnswerShown={setAnswerShown} />}
        {progress !== undefined && (
          <p className="dim">
            {plural(progress.labelled, 'row')} labelled
            {progress.disputed > 0 && `, ${formatCount(progress.disputed)} disputed`}
            {progress.skipped > 0 && `, ${formatCount(progress.skipped)} skipped`}
          </p>
        )}
      </aside>
    </div>
  )
}

/** Why there is nothing to do, and what to do about it. */
function NothingToLabel({ desk, view, onReason }: { desk: DeskState; view: LabellingView; onReason(reason: ''): void }) {
  const settings = useQuery('labelling.settings', {})
  const { progress } = desk
  if (view.reason !== '')
    return (
      <EmptyState title="No row of this kind wants a label" actions={<Button onClick={() => onReason('')}>Show all kinds</Button>}>
        Others may: this view is of one kind only.
      </EmptyState>
    )
  if (progress !== undefined && progress.labelled + progress.open + progress.skipped + progress.disputed > 0)
    return (
      <EmptyState
        title={progress.open > 0 ? 'Nothing is left for you' : 'Every sample is labelled'}
        actions={<Button onClick={desk.undo}>Take the last one back</Button>}
      >
        {progress.open > 0 ? `You have seen every sample; ${plural(progress.open, 'row')} want the label of somebody else. ` : ''}
        New ones come by themselves as devices send them.
      </EmptyState>
    )
  return (
    <EmptyState title="No samples yet" actions={<RouteLink href={paths.configuration}>Switch samples on in the configuration</RouteLink>}>
      {settings.data?.sampling ?? 'Devices send samples of their inputs when the configuration says so.'}
    </EmptyState>
  )
}
