import { StateMark, type State } from './state-mark.tsx'
import { formatCount } from './format.ts'
import styles from './state-bar.module.css'

/** One part of a whole: how many are in this state, and the word for it. */
export interface StatePart {
  state: State
  word: string
  count: number
}

/** How a whole is divided into states: a bar, and below it each part with its shape, its number and its word. Parts of nothing are left out. */
export function StateBar({ label, parts, isWordless = false }: { label: string; parts: readonly StatePart[]; isWordless?: boolean }) {
  const there = parts.filter(({ count }) => count > 0)
  const total = there.reduce((sum, { count }) => sum + count, 0)
  const sentence = there.map(({ count, word }) => `${formatCount(count)} ${word}`).join(', ')
  return (
    <div className={styles.box}>
      <div className={styles.bar} role="img" aria-label={`${label}: ${sentence === '' ? 'none' : sentence}`} title={sentence}>
        {there.map(({ state, word, count }) => (
          <span key={word} className={styles.part} data-state={state} style={{ flexGrow: count / total }} />
        ))}
      </div>
      {!isWordless && (
        <div className={styles.words} aria-hidden="true">
          {there.map(({ state, word, count }) => (
            <StateMark key={word} state={state} word={`${formatCount(count)} ${word}`} />
          ))}
        </div>
      )}
    </div>
  )
}

/** "97 of 120" with a bar: the number says it, the bar lets rows be compared at a glance. */
export function Portion({ part, whole, label }: { part: number; whole: number; label: string }) {
  const share = whole === 0 ? 0 : Math.min(1, part / whole)
  return (
    <span className={styles.portion}>
      <span className={styles.portionTrack} aria-hidden="true">
        <span data-whole={share === 1 || undefined} style={{ width: `${share * 100}%` }} />
      </span>
      <span aria-label={`${label}: ${formatCount(part)} of ${formatCount(whole)}`} role="img">
        {formatCount(part)} of {formatCount(whole)}
      </span>
    </span>
  )
}
