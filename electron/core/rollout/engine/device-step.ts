import { inFlightStates, type RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutDevice } from '../rollout-run.ts'
import type { Draft } from './draft.ts'
import { failDevice, versionOf } from './failing.ts'
import type { DeviceFacts, Facts } from './facts.ts'
import { progressOf } from './progress.ts'
import { isFailure } from './tally.ts'
import { momentWords, spanWords } from './words.ts'

/** What a stage of the way is judged by. */
interface Heard {
  facts: DeviceFacts
  now: number
  patientUntil: number
}

const wayStates: ReadonlySet<RolloutDeviceState> = new Set([...inFlightStates, 'staged', 'shadowing', 'splitting'])

/** What a device says, or that it says nothing for too long. @param facts null: it is not in the fleet any more */
export function stepDevice(draft: Draft, device: RolloutDevice, { facts, all }: { facts: DeviceFacts | null; all: Facts }): void {
  const { state } = device
  const isOut = state === 'superseded' || state === 'skipped'
  if (facts === null) {
    if (!isOut && state !== 'reverted') skip(draft, device.device, { reason: 'gone', why: 'it is not in the fleet any more' })
  } else if (isOut) mayReturn(draft, device, { facts, all })
  else if (facts.takenBy !== null && !isGoingBack(device, facts.takenBy)) supersede(draft, device, facts.takenBy)
  else if (state === 'pending') stepPending(draft, device, { facts, all })
  else if (state === 'reverting') mayBeBack(draft, device, facts)
  else if (state === 'committed') mayFallBack(draft, device, { facts, now: all.now })
  else if (isFailure(state)) stepFailed(draft, device, { facts, all })
  else if (state === 'unreachable') stepUnreachable(draft, device, heardOf(facts, all))
  else if (wayStates.has(state)) stepOnWay(draft, device, heardOf(facts, all))
}

function heardOf(facts: DeviceFacts, { now, patientUntil = 0 }: Facts): Heard {
  return { facts, now, patientUntil }
}

/** An order to take back, on a device that a rollout of a higher rank has but has not ordered anything of: it is told of as it goes. */
function isGoingBack({ state }: RolloutDevice, takenBy: NonNullable<DeviceFacts['takenBy']>): boolean {
  return state === 'reverting' && takenBy.order === null
}

/** True while the rollout takes devices up, also again. One that is done takes nobody up for a version that may not be ordered any more. */
export function takesDevices({ run }: Pick<Draft, 'run'>, facts: Facts): boolean {
  if (run.state === 'completed' && isForbidden(facts)) return false
  return (run.state === 'running' || run.state === 'completed') && run.begunAt !== null && run.decided === null
}

/** True if the version may not become the active one any more. */
export function isForbidden(facts: Facts): boolean {
  return (facts.forbidden?.('active') ?? null) !== null
}

function skip(draft: Draft, device: string, { reason, why }: { reason: string; why: string }): void {
  draft.device(device, 'skip', `${device} is out of the rollout: ${why}.`, { reason })
}

function supersede(draft: Draft, { device, state }: RolloutDevice, takenBy: NonNullable<DeviceFacts['takenBy']>): void {
  if (state === 'reverted') return
  const by = takenBy.rollout === null ? `order ${takenBy.order ?? ''}`.trim() : `rollout ${takenBy.rollout}, which outranks this one`
  draft.device(device, 'supersede', `${device} was taken by ${by}.`, { takenBy })
}

function mayReturn(draft: Draft, { device }: RolloutDevice, { facts, all }: { facts: DeviceFacts; all: Facts }): void {
  if (!takesDevices(draft, all) || facts.takenBy !== null || facts.unfit !== null || !all.isTarget(device)) return
  draft.device(device, 'return', `${device} is in the rollout again.`)
  // It may serve the version still, or again: an order would only repeat what stands.
  stepPending(draft, draft.run.devices.get(device)!, { facts, all })
}

function stepPending(draft: Draft, device: RolloutDevice, { facts, all }: { facts: DeviceFacts; all: Facts }): void {
  const id = device.device
  const isThere = facts.place === 'active' && facts.standing?.digest === draft.run.target?.digest
  if (draft.run.state === 'reverting' || draft.run.state === 'reverted' || draft.run.state === 'stopped') return
  if (!all.isTarget(id)) skip(draft, id, { reason: 'left', why: 'its target does not match the device any more' })
  else if (facts.unfit !== null) skip(draft, id, { reason: 'unfit', why: facts.unfit.replace(/\.$/, '') })
  else if (isThere && !draft.run.plan.isComparison) draft.device(id, 'commit', `${id} serves ${versionOf(draft)} already.`)
  else stepPenalty(draft, device, { facts, now: all.now })
}

/** Makes a penalty from another rollout of the same version visible, and its end. */
function stepPenalty(draft: Draft, device: RolloutDevice, { facts, now }: { facts: DeviceFacts; now: number }): void {
  const { penaltyUntil } = facts
  const about = { device: device.device, wave: device.wave }
  if (penaltyUntil !== null && penaltyUntil > now) {
    draft.wake(penaltyUntil)
    if (device.notBefore === penaltyUntil) return
    const sentence = `${device.device} failed too often with ${versionOf(draft)} and waits until ${momentWords(penaltyUntil)}.`
    draft.mark('penalty', sentence, { ...about, detail: { until: penaltyUntil } })
  } else if (device.notBefore !== null) draft.mark('penalty-lifted', `${device.device} does not wait any more.`, about)
}

function mayBeBack(draft: Draft, { device }: RolloutDevice, { place }: DeviceFacts): void {
  if (place === 'back') draft.device(device, 'all-back', `${device} has back what it had.`)
}

function mayFallBack(draft: Draft, device: RolloutDevice, { facts, now }: { facts: DeviceFacts; now: number }): void {
  if (facts.place === 'back' || facts.place === 'refused') failDevice(draft, device, { happening: 'fall-back', facts, now })
}

function stepFailed(draft: Draft, device: RolloutDevice, { facts, all }: { facts: DeviceFacts; all: Facts }): void {
  const { device: id, state, notBefore } = device
  if (facts.place === 'active') return commit(draft, id)
  if (state === 'timed-out' && facts.place === 'refused') {
    const happening = progressOf(device, facts, draft.run.plan.method) === 'reject' ? 'reject' : 'fail'
    return failDevice(draft, device, { happening, facts, now: all.now })
  }
  if (notBefore === null || !takesDevices(draft, all) || !all.isTarget(id)) return
  // A device that went silent has not answered: offering again would hide it from the rules that end a rollout.
  if (state === 'timed-out' && !facts.isOnline) return
  if (notBefore > all.now) draft.wake(notBefore)
  else draft.device(id, 'retry', `${id} is tried again.`)
}

function stepUnreachable(draft: Draft, device: RolloutDevice, heard: Heard): void {
  const { facts } = heard
  const id = device.device
  if (facts.place === 'active') return commit(draft, id)
  if (facts.isOnline || facts.place === 'refused') {
    draft.device(id, 'find', `${id} is there again.`)
    return stepOnWay(draft, draft.run.devices.get(id)!, heard)
  }
  mayTimeOut(draft, device, heard)
}

/** What happened while the console was away is in reports that may still be on their way. */
function deadlineOf({ deadline }: RolloutDevice, { patientUntil }: Heard): number | null {
  return deadline === null ? null : Math.max(deadline, patientUntil)
}

function mayTimeOut(draft: Draft, device: RolloutDevice, heard: Heard): void {
  const { facts, now } = heard
  const deadline = deadlineOf(device, heard)
  if (deadline === null) return
  if (deadline <= now) failDevice(draft, device, { happening: 'time-out', facts, now })
  else draft.wake(deadline)
}

function stepOnWay(draft: Draft, device: RolloutDevice, heard: Heard): void {
  const { facts, now } = heard
  const happening = progressOf(device, facts, draft.run.plan.method)
  if (happening === 'fail' || happening === 'reject') return failDevice(draft, device, { happening, facts, now })
  if (happening === 'commit') return commit(draft, device.device)
  if (happening !== null) {
    draft.device(device.device, happening, `${device.device} ${wayWords[happening as keyof typeof wayWords]}.`)
    return watchTime(draft, draft.run.devices.get(device.device)!, heard)
  }
  watchTime(draft, device, heard)
}

const wayWords = {
  fetch: 'fetches the bundle',
  stage: 'has the bundle, checked',
  shadow: 'runs the version as a shadow',
  split: 'answers a share of the keys with the version',
  probe: 'tries the version',
} as const

function commit(draft: Draft, device: string): void {
  draft.device(device, 'commit', `${device} has committed ${versionOf(draft)}.`)
}

/** What comes first: the end of its stage, or that it has been away for too long. */
function watchTime(draft: Draft, device: RolloutDevice, heard: Heard): void {
  const { facts, now } = heard
  const lostAt = lostTime(draft, device, facts)
  const deadline = deadlineOf(device, heard)
  const isLostFirst = lostAt !== null && (deadline === null || lostAt < deadline)
  const at = isLostFirst ? lostAt : deadline
  if (at === null) return
  if (at > now) return draft.wake(at)
  if (!isLostFirst) return failDevice(draft, device, { happening: 'time-out', facts, now })
  const { afterSeconds } = draft.run.plan.unreachable
  draft.device(device.device, 'lose', `${device.device} has been offline for ${spanWords(afterSeconds * 1000)} and cannot be reached.`)
  // After a long time without a look both may be over.
  mayTimeOut(draft, draft.run.devices.get(device.device)!, heard)
}

/** When a device that is offline counts as unreachable; null: it is online, or does not have to be reached. */
function lostTime({ run }: Pick<Draft, 'run'>, { state, since }: RolloutDevice, { isOnline, lastSeenAt }: DeviceFacts): number | null {
  if (isOnline || !inFlightStates.includes(state)) return null
  return Math.max(since, lastSeenAt ?? 0) + run.plan.unreachable.afterSeconds * 1000
}

/** A device that has just got an order is looked at again when it may count as silent. */
export function wakeForSilence(draft: Draft, id: string, facts: DeviceFacts): void {
  const device = draft.run.devices.get(id)!
  for (const at of [lostTime(draft, device, facts), device.deadline]) if (at !== null) draft.wake(at)
}
