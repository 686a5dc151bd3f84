import { formatCount } from '../../../components/format.ts'
import { deviceMarks, partsOf } from './rollout-words.ts'
import type { RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'
import { CellMark } from './cell-mark.tsx'
import styles from './stacked-states.module.css'

type Counts = Partial<Record<RolloutDeviceState, number>>

const sentenceOf = (counts: Counts): string =>
  partsOf(counts)
    .map(({ state, count }) => `${formatCount(count)} ${deviceMarks[state].word}`)
    .join(', ')

/** How devices are divided into states: a bar, lying or standing; what waits is the ground of the bar. */
export function StackedStates({ counts, label, isStanding = false }: { counts: Counts; label: string; isStanding?: boolean }) {
  const sentence = sentenceOf(counts)
  return (
    <div
      className={styles.bar}
      data-standing={isStanding || undefined}
      role="img"
      aria-label={`${label}: ${sentence === '' ? 'no device' : sentence}`}
      title={sentence}
    >
      {partsOf(counts).map(({ state, count }) => (
        <span key={state} data-kind={deviceMarks[state].kind} style={{ flexGrow: count }} />
      ))}
    </div>
  )
}

/** The same as words, each with its shape. */
export function StateWords({ counts }: { counts: Counts }) {
  return (
    <div className={styles.words}>
      {partsOf(counts).map(({ state, count }) => (
        <CellMark key={state} state={state} word={`${formatCount(count)} ${deviceMarks[state].word}`} />
      ))}
    </div>
  )
}
