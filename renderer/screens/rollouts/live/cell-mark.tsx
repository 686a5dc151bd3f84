import type { RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'
import { deviceMarks, type CellKind } from './rollout-words.ts'
import styles from './cell-mark.module.css'

/** The shape of a cell, 10 x 10; the canvas of a wave paints the same. */
const shapes: Record<CellKind, React.ReactNode> = {
  ok: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  working: (
    <>
      <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" />
      <path d="M5 1.5 A3.5 3.5 0 0 1 5 8.5 Z" fill="currentColor" />
    </>
  ),
  failed: <rect x="1" y="1" width="8" height="8" fill="currentColor" />,
  attention: <path d="M5 0.8 L9.6 9 H0.4 Z" fill="currentColor" />,
  offline: <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  waiting: <circle cx="5" cy="5" r="1.75" fill="currentColor" />,
  left: <path d="M1.5 5 H8.5" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  returned: (
    <>
      <circle cx="5" cy="5" r="3.5" fill="none" stroke="currentColor" />
      <circle cx="5" cy="5" r="1.25" fill="currentColor" />
    </>
  ),
}

/** Shape and word of the state of a device in a rollout. @param word another word than the state's own, such as "3 failed" */
export function CellMark({ state, word, isBare = false }: { state: RolloutDeviceState; word?: string; isBare?: boolean }) {
  const { kind, word: own } = deviceMarks[state]
  const text = word ?? own
  return (
    <span className={styles.mark} data-kind={kind} title={isBare ? text : undefined}>
      <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true" focusable="false">
        {shapes[kind]}
      </svg>
      <span className={isBare ? 'sr-only' : undefined}>{text}</span>
    </span>
  )
}
