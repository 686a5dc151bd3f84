import type { RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'
import type { Draft } from './draft.ts'
import type { Facts } from './facts.ts'
import { doing, spanWords } from './words.ts'

/** Devices of a stopped rollout that have not come to serve the version: they do not get it any more. */
const unfinished: readonly RolloutDeviceState[] = [
  'offered',
  'fetching',
  'staged',
  'shadowing',
  'splitting',
  'activating',
  'unreachable',
  'rejected',
  'failed',
  'timed-out',
  'fell-back',
]

/** Gives devices back what they had: of a stopped rollout those that do not serve the version, of one that goes back all that got an order. */
export function takeBack(draft: Draft, facts: Facts): void {
  const { state } = draft.run
  const isAll = state === 'reverting' || state === 'reverted'
  if (!isAll && state !== 'stopped') return
  const states: readonly RolloutDeviceState[] = isAll ? [...unfinished, 'probing', 'committed'] : unfinished
  for (const one of states) for (const device of draft.tally.byState[one]) giveBack(draft, device, facts)
}

function giveBack(draft: Draft, id: string, facts: Facts): void {
  const device = draft.run.devices.get(id)!
  // Without an order it had the version before, and nothing is to be given back.
  if (device.last === null) return
  const known = facts.of(id)
  if (known === null || known.takenBy !== null) return
  const { previous } = device
  const what = previous === null ? 'what it had' : `${previous.model} ${previous.version}`
  draft.device(id, 'revert', `${id} is ordered to take back ${what}.`)
  draft.giveBack(id)
}

/** Ends a rollout that goes back once every device that can be reached has back what it had. */
export function mayBeReverted(draft: Draft, facts: Facts): void {
  const { run, tally } = draft
  if (run.state !== 'reverting') return
  const { afterSeconds } = run.plan.unreachable
  const left = tally.byState.reverting
  for (const id of left) {
    const known = facts.of(id)
    if (known === null) continue
    const lostAt = Math.max(run.devices.get(id)!.since, known.lastSeenAt ?? 0) + afterSeconds * 1000
    if (known.isOnline) return
    if (lostAt > facts.now) return draft.wake(lostAt)
  }
  const back = tally.byState.reverted.size
  const away = left.size === 0 ? '' : `; ${left.size} offline for more than ${spanWords(afterSeconds * 1000)} get it back when they connect`
  draft.rollout('all-back', `${doing(back, 'device', ['has back what it had', 'have back what they had'])}${away}.`)
}
