import type { RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'
import type { Draft } from './draft.ts'
import type { DeviceFacts, Facts } from './facts.ts'
import { counted, doing, spanWords } from './words.ts'

/** Devices of a stopped rollout that have not come to serve the version: they do not get it any more. */
const unfinished: readonly RolloutDeviceState[] = [
  'pending',
  'superseded',
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
  if (known === null || !mayBeTakenBack(draft, known)) return
  // An order from before may still be in force on a device that waits or was lost: a stop leaves it where it serves.
  const isOut = device.state === 'pending' || device.state === 'superseded'
  if (isOut && draft.run.state === 'stopped' && (known.place === 'active' || known.place === 'probing')) return
  const { previous } = device
  const what = previous === null ? 'what it had' : `${previous.model} ${previous.version}`
  draft.device(id, 'revert', `${id} is ordered to take back ${what}.`)
  draft.giveBack(id)
}

/** Who outranks this rollout and has not ordered anything there yet would find, and later give back, what this one takes back. */
function mayBeTakenBack({ run }: Draft, { takenBy, standing, isOrderedByOther }: DeviceFacts): boolean {
  if (isOrderedByOther === true) return false
  return takenBy === null || (takenBy.order === null && standing !== null && standing.digest === run.target?.digest)
}

/** Ends a rollout that goes back once every device has back what it had, cannot be reached, or had as long for it as an order may take. */
export function mayBeReverted(draft: Draft, facts: Facts): void {
  const { run, tally } = draft
  if (run.state !== 'reverting') return
  const left = tally.byState.reverting
  const stuck: string[] = []
  for (const id of left) {
    const known = facts.of(id)
    if (known === null) continue
    const { since } = run.devices.get(id)!
    const until = known.isOnline
      ? Math.max(since + run.plan.timeouts.offered * 1000, facts.patientUntil ?? 0)
      : Math.max(since, known.lastSeenAt ?? 0) + run.plan.unreachable.afterSeconds * 1000
    if (until > facts.now) return draft.wake(until)
    if (known.isOnline) stuck.push(id)
  }
  const back = doing(tally.byState.reverted.size, 'device', ['has back what it had', 'have back what they had'])
  draft.rollout('all-back', `${back}${awayWords(draft, left.size - stuck.length)}${stuckWords(draft, stuck)}.`)
}

function awayWords({ run }: Draft, away: number): string {
  if (away === 0) return ''
  return `; ${away} offline for more than ${spanWords(run.plan.unreachable.afterSeconds * 1000)} get it back when they connect`
}

function stuckWords({ run }: Draft, stuck: readonly string[]): string {
  if (stuck.length === 0) return ''
  const named = stuck.length > 3 ? `${stuck.slice(0, 3).join(', ')} and ${stuck.length - 3} more` : stuck.join(', ')
  return `; ${counted(stuck.length, 'device')} could not go back within ${spanWords(run.plan.timeouts.offered * 1000)}: ${named}`
}
