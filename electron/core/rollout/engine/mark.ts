import type { RolloutEvent } from '../../../../shared/domain/rollout/event.ts'
import type { RolloutDevice, RolloutRun } from '../rollout-run.ts'
import { newDevice } from './changed-device.ts'
import { eventDetails } from './event-detail.ts'
import type { Live } from './live.ts'
import { emptyTally, isFailure, recountDevice } from './tally.ts'
import { waitingWave } from './wave-event.ts'

/** Applies an event that moves neither the rollout, nor a wave, nor a device. @throws Error for one that it does not know */
export function applyMark(live: Live, event: RolloutEvent): void {
  const { run } = live
  const { detail } = event
  switch (event.kind) {
    case 'edited':
      edit(live, event)
      return
    case 'target':
      assignWaves(live, event)
      return
    case 'join':
      putDevice(live, newDevice(event.device ?? '', event.wave ?? 0, event.at))
      return
    case 'acknowledged':
      acknowledge(live)
      return
    case 'held':
      run.held = eventDetails.held.parse(detail).held
      return
    case 'released':
      run.held = null
      return
    case 'halted':
      halt(run, event)
      return
    case 'promoted':
      run.decided = 'promote'
      return
    case 'priority':
      run.plan = { ...run.plan, priority: eventDetails.priority.parse(detail).priority }
      if (run.state === 'draft' || run.state === 'awaiting-approval') noteEditor(run, event.actor)
      return
    case 'penalty':
    case 'penalty-lifted':
      applyPenalty(live, event)
      return
    case 'note':
    case 'alias-moved':
      return
    default:
      throw new Error(`rollout ${run.id}: event ${event.seq} is of an unknown kind, '${event.kind}'`)
  }
}

/** Puts a device in place of what it was, in the run and in the counts. */
export function putDevice({ run, tally }: Live, device: RolloutDevice): void {
  recountDevice(tally, run.devices.get(device.device), device)
  run.devices.set(device.device, device)
}

function edit(live: Live, { detail, seq, actor }: RolloutEvent): void {
  const { run } = live
  if (run.state !== 'draft') throw new Error(`rollout ${run.id}: event ${seq} edits a plan that has been started`)
  run.plan = eventDetails.plan.parse(detail).plan
  noteEditor(run, actor)
  run.waves = run.plan.waves.map(waitingWave)
  live.tally = emptyTally(run.waves.length)
}

/** Who changes what is to be approved had a hand in it, and is not a second person. */
function noteEditor(run: RolloutRun, actor: string): void {
  if (!run.editedBy.includes(actor)) run.editedBy = [...run.editedBy, actor]
}

function assignWaves(live: Live, { detail, at, seq }: RolloutEvent): void {
  const { run } = live
  if (run.begunAt !== null) throw new Error(`rollout ${run.id}: event ${seq} makes its waves a second time`)
  const { waves, boundaries } = eventDetails.target.parse(detail)
  run.waves = run.waves.map((wave, index) => ({ ...wave, boundary: boundaries[index] ?? null }))
  run.begunAt = at
  for (const [wave, devices] of waves.entries()) for (const device of devices) putDevice(live, newDevice(device, wave, at))
}

/** The pause stays what it was; only that devices keep from the version comes to it. */
function halt(run: RolloutRun, { detail, seq }: RolloutEvent): void {
  if (run.state !== 'paused') throw new Error(`rollout ${run.id}: event ${seq} halts a rollout that is ${run.state}`)
  run.held = eventDetails.cause.parse(detail).held
  run.isHalted = true
}

/** Failures, and devices that are away: whoever lets the rollout go on has seen them. */
function acknowledge(live: Live): void {
  const seen = (device: RolloutDevice): boolean => isFailure(device.state) || device.state === 'unreachable'
  for (const device of unacknowledged(live.run)) if (seen(device)) putDevice(live, { ...device, isAcknowledged: true })
}

function unacknowledged(run: RolloutRun): RolloutDevice[] {
  return [...run.devices.values()].filter((device) => !device.isAcknowledged)
}

function applyPenalty(live: Live, event: RolloutEvent): void {
  const device = live.run.devices.get(event.device ?? '')
  // A penalty may be lifted that another rollout gave.
  if (device === undefined) return
  const mayWait = device.state === 'pending' || device.notBefore !== null
  if (!mayWait) return
  const lifted = device.state === 'pending' ? null : event.at
  putDevice(live, { ...device, notBefore: event.kind === 'penalty' ? eventDetails.penalty.parse(event.detail).until : lifted })
}
