import type { WaveView } from '../../../../shared/rpc/contract/rollouts.ts'

/** The wave that a person looks at: the chosen one (from 1; 0: none), else the one that is open, at its gate or next. */
export function shownWave(views: readonly WaveView[], chosen: number): WaveView | undefined {
  return (
    views[chosen - 1] ??
    views.find(({ state }) => state === 'open' || state === 'at-gate') ??
    views.find(({ state }) => state === 'waiting') ??
    views.at(-1)
  )
}
