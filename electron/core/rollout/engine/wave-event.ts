import type { RolloutEvent } from '../../../../shared/domain/rollout/event.ts'
import type { WaveState } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutRun, WaveRun } from '../rollout-run.ts'
import { eventDetails } from './event-detail.ts'

/**
 * The one table of a wave. `wave-reached` of a passed wave: a device fell back from the version, and the gate is looked at again.
 * `wave-activated`: the gate before the activation is through, and the wave is open once more.
 */
const waveMoves = {
  'wave-opened': { waiting: 'open' },
  'wave-reached': { open: 'at-gate', passed: 'at-gate' },
  'wave-activated': { open: 'open', 'at-gate': 'open' },
  'wave-passed': { waiting: 'passed', open: 'passed', 'at-gate': 'passed' },
} as const satisfies Record<string, Partial<Record<WaveState, WaveState>>>
type WaveHappening = keyof typeof waveMoves

/** A wave that has not begun. */
export function waitingWave(): WaveRun {
  return {
    ...{ state: 'waiting', openedAt: null, reachedAt: null, activatedAt: null, passedAt: null },
    ...{ isLetThrough: false, boundary: null, evidence: null },
  }
}

/** True for an event of a wave as a whole. */
export function isWaveEvent(kind: string): boolean {
  return Object.hasOwn(waveMoves, kind) || kind === 'verdict' || kind === 'gate-let-through'
}

/** Where a wave is after something happened to it. @throws Error for a pair that the table does not have: that is a bug */
function nextWaveState(from: WaveState, kind: string): WaveState {
  if (!Object.hasOwn(waveMoves, kind)) return from
  const row: Partial<Record<WaveState, WaveState>> = waveMoves[kind as WaveHappening]
  const next = row[from]
  if (next === undefined) throw new Error(`wave of a rollout: '${kind}' is not allowed in '${from}'`)
  return next
}

/** Moves a wave on. It is replaced, not changed. */
export function applyToWave(run: RolloutRun, event: RolloutEvent): void {
  const index = event.wave ?? -1
  const before = run.waves[index]
  if (before === undefined) throw new Error(`rollout ${run.id}: event ${event.seq} is of wave ${event.wave}, which it does not have`)
  const state = nextWaveState(before.state, event.kind)
  run.waves = run.waves.with(index, { ...before, state, ...consequence(before, event) })
}

function consequence(before: WaveRun, { kind, at, detail }: RolloutEvent): Partial<WaveRun> {
  switch (kind) {
    case 'wave-opened':
      return { openedAt: at }
    case 'wave-reached':
      return before.state === 'passed' ? { reachedAt: at, passedAt: null, isLetThrough: false } : { reachedAt: at }
    case 'wave-activated':
      return { activatedAt: at, reachedAt: null, isLetThrough: false, ...eventDetails.evidence.parse(detail) }
    case 'wave-passed':
      return { passedAt: at, ...eventDetails.evidence.parse(detail) }
    case 'verdict':
      return eventDetails.evidence.parse(detail)
    default:
      return { isLetThrough: true }
  }
}
