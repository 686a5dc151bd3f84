import type { RolloutSummary } from '../../../../shared/rpc/contract/rollouts.ts'

/** How one wave of a rollout is drawn: through, at work, held or left by a person, ended before it passed, taken back, not begun. */
export type WavePart = 'passed' | 'open' | 'held' | 'ended' | 'back' | 'waiting'

type Standing = Pick<RolloutSummary, 'state' | 'wave' | 'waves' | 'heldBy'>

/** The waves of a rollout, each with how it stands. */
export function waveParts({ state, wave, waves, heldBy }: Standing): WavePart[] {
  return Array.from({ length: waves }, (_, i) => {
    if (state === 'completed') return 'passed'
    if (wave === null || i > wave) return 'waiting'
    if (state === 'reverting' || state === 'reverted') return 'back'
    if (i < wave) return 'passed'
    if (state === 'stopped') return 'ended'
    return state === 'paused' || heldBy !== null ? 'held' : 'open'
  })
}

/** "wave 2 of 4", for people who cannot or need not see the bar. */
export function waveWords({ state, wave, waves }: Standing): string {
  if (state === 'completed') return waves === 1 ? '1 wave' : `${waves} waves`
  return wave === null ? (waves === 1 ? '1 wave' : `${waves} waves`) : `${wave + 1} of ${waves}`
}
