import styles from './state-mark.module.css'

/** The state words of the console, each with a shape of its own: colour is never the only carrier. */
export const states = {
  ok: 'ok',
  working: 'working',
  attention: 'attention',
  failed: 'failed',
  offline: 'offline',
  unsure: 'not enough evidence',
} as const
export type State = keyof typeof states

/** The shape of a state, 10 x 10: disc, half disc, triangle, square, ring, diamond. */
const shapes: Record<State, React.ReactNode> = {
  ok: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  working: (
    <>
      <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" />
      <path d="M5 1.5 A3.5 3.5 0 0 1 5 8.5 Z" fill="currentColor" />
    </>
  ),
  attention: <path d="M5 0.8 L9.6 9 H0.4 Z" fill="currentColor" />,
  failed: <rect x="1" y="1" width="8" height="8" fill="currentColor" />,
  offline: <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  unsure: <path d="M5 0.6 L9.4 5 L5 9.4 L0.6 5 Z" fill="none" stroke="currentColor" strokeWidth="1.5" />,
}

/** Shape and word of a state. @param word another word than the state's own, such as "3 failed" */
export function StateMark({ state, word, isBare = false }: { state: State; word?: string; isBare?: boolean }) {
  const text = word ?? states[state]
  return (
    <span className={styles.mark} data-state={state} title={isBare ? text : undefined}>
      <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true" focusable="false">
        {shapes[state]}
      </svg>
      <span className={isBare ? 'sr-only' : undefined}>{text}</span>
    </span>
  )
}
