import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import type { LabellingTask } from '../../../shared/rpc/contract/labelling.ts'
import { useCommand } from '../../data/use-command.ts'
import { useQuery, type Answer } from '../../data/use-query.ts'
import { showDone } from '../../shell/notices.tsx'
import { courseWith, type CoursePoint } from './interval-scene.ts'

type Scope = Pick<InputOf<'labelling.queue'>, 'query' | 'deployment' | 'model' | 'version' | 'reason'>
type Progress = OutputOf<'labelling.queue'>['progress']

/** Rows that are at hand: a person who presses keys fast never waits, and pictures stay few. */
const AT_HAND = 8
/** No topic tells of new samples: they come all the time, and nobody waits for one. */
const EVERY_MS = 15_000

/** A desk: the row in front of a person, and what can be done with it. */
export interface Desk {
  answer: Answer<'labelling.queue'>
  task: LabellingTask | null
  /** Rows that come next, this one included. */
  next: readonly LabellingTask[]
  total: number
  progress: Progress | undefined
  /** The interval after each label since the page was opened. */
  course: readonly CoursePoint[]
  label(label: string | number): void
  skip(): void
  undo(): void
  /** Looks at the next row, or at the one before. */
  move(by: number): void
  show(task: string): void
}

/** The queue of one person. @param by name of the labeller; empty: the caller */
export function useDesk(scope: Scope, by: string): Desk {
  const who = useMemo(() => (by === '' ? {} : { by }), [by])
  const answer = useQuery('labelling.queue', { ...scope, ...who, limit: AT_HAND }, { keepsPrevious: true, everyMs: EVERY_MS })
  const [said, setSaid] = useState<ReadonlySet<string>>(new Set())
  const [shown, setShown] = useState<string | null>(null)
  const seen = useRef(new Map<string, LabellingTask>())
  const tasks = answer.data?.tasks ?? []
  for (const one of tasks) seen.current.set(one.task, one)
  const open = tasks.filter(({ task }) => !said.has(task))
  // The row in front of a person stays, whatever the order of the queue becomes.
  const kept = shown === null || said.has(shown) ? undefined : (open.find(({ task }) => task === shown) ?? seen.current.get(shown))
  const task = kept ?? open[0] ?? null
  const next = task === null || open.some((one) => one.task === task.task) ? open : [task, ...open]
  const shownTask = task?.task ?? null
  useEffect(() => setShown(shownTask), [shownTask])

  const label = useCommand('labelling.label')
  const skip = useCommand('labelling.skip')
  const undo = useCommand('labelling.undo')
  const take = useCallback((name: string, isSaid: boolean): void => {
    setSaid((before) => {
      const after = new Set(before)
      if (isSaid) after.add(name)
      else after.delete(name)
      return after
    })
  }, [])
  // The next row stands there at once; what the core refuses comes back, with the reason in a notice.
  const say = (run: (name: string) => Promise<unknown>): void => {
    if (task === null) return
    const name = task.task
    const at = next.findIndex((one) => one.task === name)
    take(name, true)
    setShown((next[at + 1] ?? next[at - 1])?.task ?? null)
    run(name).catch(() => {
      take(name, false)
      setShown(name)
    })
  }
  const move = (by: number): void => {
    const at = next.findIndex((one) => one.task === shownTask)
    const other = next[at + by]
    if (other !== undefined) setShown(other.task)
  }
  const takeBack = async (): Promise<void> => {
    const { reason: _, ...of } = scope
    const { task: undone } = await undo.run({ ...of, ...who })
    if (undone === null) showDone('There is nothing to take back.')
    else {
      take(undone, false)
      setShown(undone)
    }
  }
  return {
    ...{ answer, task, next, total: answer.data?.total ?? 0, progress: answer.data?.progress, course: useCourse(answer.data?.progress) },
    label: (given) => say((name) => label.run({ task: name, label: given, ...who })),
    skip: () => say((name) => skip.run({ task: name, ...who })),
    undo: () => void takeBack().catch(() => undefined),
    move,
    show: setShown,
  }
}

/** The course of the interval: a point whenever the labels are others than before. */
function useCourse(progress: Progress | undefined): readonly CoursePoint[] {
  const [course, setCourse] = useState<readonly CoursePoint[]>([])
  useEffect(() => {
    if (progress !== undefined) setCourse((before) => courseWith(before, progress))
  }, [progress])
  return course
}
