import type { RolloutDetail, RolloutSummary } from '../../../../shared/rpc/contract/rollouts.ts'
import { namedCounts, waitingGate, waveAtWork, waveBrief, type ViewKnowledge } from './gate-view.ts'
import type { Live } from './live.ts'
import { isInFlight, reached, targeted } from './tally.ts'
import { capital, counted, doing, momentWords } from './words.ts'
import type { RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'

type Standing = Pick<RolloutSummary, 'sentence' | 'targeted' | 'reached' | 'committed' | 'counts' | 'wave' | 'waves' | 'verdict' | 'heldBy'>

/** How a rollout stands, as lists show it. */
export function standingOf(live: Live, known: ViewKnowledge): Standing {
  const { run, tally } = live
  const counts = Object.fromEntries(Object.entries(tally.byState).map(([state, set]) => [state, set.size])) as Record<
    RolloutDeviceState,
    number
  >
  return {
    sentence: standingSentence(live, known).slice(0, 1000),
    ...{ targeted: targeted(tally), reached: reached(tally), committed: counts.committed, counts: namedCounts(counts) },
    ...{ wave: waveAtWork(run), waves: run.plan.waves.length, verdict: newestVerdict(live) },
    heldBy: heldByWords(live, known)?.slice(0, 500) ?? null,
  }
}

/** Of the waves that ask for a verdict, where any does: one that asks for none has evidence that nobody waited for. */
function newestVerdict({ run }: Live): RolloutSummary['verdict'] {
  const seen = run.waves.map(({ evidence }, index) => ({ evidence, isAsked: run.plan.waves[index]?.gate.verdict !== 'ignore' }))
  const newest =
    seen.findLast(({ evidence, isAsked }) => evidence !== null && isAsked) ?? seen.findLast(({ evidence }) => evidence !== null)
  return newest?.evidence?.verdict ?? null
}

/** What keeps a rollout from going on, for people; null: nothing does. */
export function heldByWords(live: Live, known: ViewKnowledge): string | null {
  const { run } = live
  if (run.state === 'awaiting-approval') return 'A person must approve it.'
  if (run.state === 'paused') return run.held?.sentence ?? 'A person paused it.'
  if (run.state === 'scheduled' || (run.state === 'running' && run.begunAt === null)) return scheduledWords(live, known)
  if (run.state !== 'running') return null
  return run.held?.sentence ?? comparisonWords(live) ?? waitingGate(live, known)
}

function scheduledWords({ run }: Live, { now }: ViewKnowledge): string {
  const { startAt } = run.plan.windows
  if (startAt !== null && startAt > now) return `It begins at ${momentWords(startAt)}.`
  return 'No device matches its target yet.'
}

function comparisonWords({ run }: Live): string | null {
  const isWaiting = run.plan.isComparison && run.decided === null && run.waves.every(({ state }) => state === 'passed')
  return isWaiting ? 'A person must promote or discard the version.' : null
}

function standingSentence(live: Live, known: ViewKnowledge): string {
  const { run, tally } = live
  const { committed, reverted, reverting, unreachable } = tally.byState
  const because = run.held === null ? '' : ` ${run.held.sentence}`
  switch (run.state) {
    case 'draft':
      return 'A draft: nothing was sent.'
    case 'awaiting-approval':
    case 'scheduled':
      return capital(heldByWords(live, known) ?? '')
    case 'running':
      return runningSentence(live, known)
    case 'paused':
      return `Paused.${because}`
    case 'completed': {
      const away = unreachable.size === 0 ? '' : `; ${unreachable.size} cannot be reached and get it when they connect`
      return `Done: ${counted(committed.size, 'device')} committed${away}.`
    }
    case 'stopped':
      return `Stopped: ${doing(committed.size, 'device', ['keeps', 'keep'])} the version.${because}`
    case 'reverting':
      return `Goes back: ${reverted.size} of ${counted(reverted.size + reverting.size, 'device')} have back what they had.${because}`
    case 'reverted': {
      const left = reverting.size === 0 ? '' : `; ${reverting.size} offline get it back when they connect`
      return `Went back: ${doing(reverted.size, 'device', ['has back what it had', 'have back what they had'])}${left}.${because}`
    }
  }
}

function runningSentence(live: Live, known: ViewKnowledge): string {
  const held = heldByWords(live, known)
  const wave = waveAtWork(live.run)
  const where = wave === null ? `${counted(live.tally.byState.committed.size, 'device')} committed` : waveBrief(live, wave)
  return `${capital(where)}.${held === null ? '' : ` ${capital(held)}`}`
}

/** What pausing, halting, stopping and going back would do now, in words. */
export function effectsOf({ run, tally }: Live): RolloutDetail['effects'] {
  const sizes = Object.entries(tally.byState) as [RolloutDeviceState, Set<string>][]
  const sum = (wanted: (state: RolloutDeviceState) => boolean): number =>
    sizes.reduce((all, [state, set]) => all + (wanted(state) ? set.size : 0), 0)
  const flying = sum(isInFlight)
  const kept = tally.byState.committed.size + tally.byState.probing.size
  const waiting = tally.byState.pending.size
  const braked = flying - tally.byState.probing.size + tally.byState.staged.size
  const ordered = [...run.devices.values()].filter(({ state, last }) => last !== null && !isOut(state)).length
  const serving = [...run.devices.values()].filter(
    ({ state, last }) => last !== null && (state === 'committed' || state === 'probing'),
  ).length
  return {
    pause: `${doing(waiting, 'device', ['gets', 'get'])} no order for now; ${doing(flying, 'device', ['finishes', 'finish'])} what was begun.`,
    halt: `${doing(braked, 'device', ['has', 'have'])} the order and not yet activated the version: ${braked === 1 ? 'it keeps' : 'they keep'} from it until the rollout goes on.`,
    stop: `${doing(kept, 'device', ['keeps', 'keep'])} the version; ${doing(ordered - serving, 'device', ['does', 'do'])} not come to serve it any more, and ${doing(waiting, 'device', ['gets', 'get'])} no order.`,
    revert: `${doing(ordered, 'device', ['gets back what it had', 'get back what they had'])}, ${serving} of them serving the version now; ${doing(waiting, 'device', ['gets', 'get'])} no order.`,
  }
}

function isOut(state: RolloutDeviceState): boolean {
  return state === 'superseded' || state === 'skipped' || state === 'reverted' || state === 'reverting' || state === 'pending'
}
