import type { RolloutEvent } from '../../../../shared/domain/rollout/event.ts'
import {
  nextDeviceState,
  nextRolloutState,
  rolloutTransitions,
  deviceTransitions,
  type DeviceHappening,
  type RolloutHappening,
} from '../../../../shared/domain/rollout/life.ts'
import type { RolloutRun } from '../rollout-run.ts'
import { changedDevice } from './changed-device.ts'
import { eventDetails } from './event-detail.ts'
import type { Live } from './live.ts'
import { applyMark, putDevice } from './mark.ts'
import { emptyTally, type Tally } from './tally.ts'
import { applyToWave, isWaveEvent, waitingWave } from './wave-event.ts'

const rolloutHappenings = new Set<string>(Object.values(rolloutTransitions).flatMap((row) => Object.keys(row)))
const deviceHappenings = new Set<string>(Object.values(deviceTransitions).flatMap((row) => Object.keys(row)))

/** A rollout from its first event. @throws Error if it is another one */
export function startLive(created: RolloutEvent): Live {
  if (created.kind !== 'created') throw new Error(`rollout ${created.rollout}: the first event is '${created.kind}', not 'created'`)
  const { plan } = eventDetails.plan.parse(created.detail)
  const run: RolloutRun = {
    ...{ id: created.rollout, plan, state: 'draft', target: null, createdAt: created.at, createdBy: created.actor },
    ...{ editedBy: [], startedBy: null },
    ...{ startedAt: null, begunAt: null, resumedAt: null, endedAt: null, waves: plan.waves.map(waitingWave), devices: new Map() },
    ...{
      acknowledged: 0,
      held: null,
      despiteAlerts: false,
      offeredAt: [],
      isHalted: false,
      approvals: [],
      decided: null,
      seq: created.seq,
    },
  }
  return { run, tally: emptyTally(plan.waves.length) }
}

/**
 * Moves a rollout on by one event: the only thing that ever changes one. Devices are replaced, never changed, so that a copy of the map is a copy of them.
 * @throws Error for an event that cannot follow, and changes nothing then: that is a bug, or a log that was changed
 */
export function applyEvent(live: Live, event: RolloutEvent): void {
  const { run } = live
  if (event.rollout !== run.id) throw new Error(`rollout ${run.id}: event ${event.seq} is of rollout ${event.rollout}`)
  if (event.seq <= run.seq) throw new Error(`rollout ${run.id}: event ${event.seq} comes after ${run.seq}`)
  if (event.device !== null && deviceHappenings.has(event.kind)) applyToDevice(live, event, event.kind as DeviceHappening)
  else if (event.device === null && rolloutHappenings.has(event.kind)) applyToRollout(live, event, event.kind as RolloutHappening)
  else if (isWaveEvent(event.kind)) applyToWave(run, event)
  else applyMark(live, event)
  run.acknowledged = acknowledgedFailures(live.tally)
  run.seq = event.seq
}

function acknowledgedFailures({ acknowledged }: Tally): number {
  return acknowledged.failed + acknowledged.rejected + acknowledged['timed-out'] + acknowledged['fell-back']
}

function applyToDevice(live: Live, event: RolloutEvent, happening: DeviceHappening): void {
  const { run } = live
  const before = run.devices.get(event.device ?? '')
  if (before === undefined) throw new Error(`rollout ${run.id}: event ${event.seq} is of ${event.device}, which is not in it`)
  const state = nextDeviceState(before.state, happening)
  requireTo(event, state)
  putDevice(live, changedDevice(before, { happening, state, event, plan: run.plan }))
  if (happening === 'offer' || happening === 'activate') run.offeredAt = [...run.offeredAt.filter(isRecent(run, event.at)), event.at]
}

/** Offers that still say something about the rate: those of the last minute, or of the time in which a slow rate makes one offer. */
function isRecent({ plan }: RolloutRun, now: number): (at: number) => boolean {
  const rate = plan.pacing.perMinute
  if (rate === null) return () => false
  const keptMs = 60_000 / Math.min(1, rate.base, rate.max)
  return (at) => at > now - keptMs
}

function applyToRollout(live: Live, event: RolloutEvent, happening: RolloutHappening): void {
  const { run } = live
  const from = run.state
  const state = nextRolloutState(from, happening)
  requireTo(event, state)
  const { detail, at } = event
  if (from === 'draft') {
    const { target, despiteAlerts } = eventDetails.start.parse(detail)
    Object.assign(run, { target, despiteAlerts, startedAt: at, startedBy: event.actor })
  }
  if (from === 'awaiting-approval' && happening !== 'stop') {
    const { why } = eventDetails.why.parse(detail)
    run.approvals = [...run.approvals, { at, by: event.actor, decision: happening === 'approve' ? 'approved' : 'refused', why }]
  }
  if (happening === 'refuse') Object.assign(run, { target: null, startedAt: null, startedBy: null, despiteAlerts: false })
  if (happening === 'resume') run.resumedAt = at
  if (happening === 'revert') run.decided = eventDetails.decided.parse(detail).decided ?? run.decided
  // Why it ended stays to be read; whatever lets it go on clears it.
  if (happening === 'pause' || happening === 'stop' || happening === 'revert') run.held = eventDetails.cause.parse(detail).held
  else if (happening !== 'all-back') run.held = null
  run.isHalted = happening === 'pause' && eventDetails.halt.parse(detail).halt
  run.endedAt = state === 'completed' || state === 'stopped' || state === 'reverted' ? at : null
  run.state = state
}

function requireTo(event: RolloutEvent, state: string): void {
  if (event.to !== null && event.to !== state)
    throw new Error(`rollout ${event.rollout}: event ${event.seq} '${event.kind}' says '${event.to}', the table '${state}'`)
}
