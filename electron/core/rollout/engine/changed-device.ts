import type { RolloutEvent } from '../../../../shared/domain/rollout/event.ts'
import type { DeviceHappening, RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import type { RolloutDevice } from '../rollout-run.ts'
import type { Wanted } from '../../store/fleet/terms.ts'
import { eventDetails, type EventDetail } from './event-detail.ts'

/** A device that has just come into its wave. */
export function newDevice(device: string, wave: number, at: number): RolloutDevice {
  return {
    ...{ device, wave, state: 'pending', since: at, attempts: 0, order: null, counter: null, previous: null, last: null },
    ...{
      failures: 0,
      isAcknowledged: false,
      deadline: null,
      bytes: 0,
      money: 0,
      problem: null,
      notBefore: null,
      takenBy: null,
      skipped: null,
    },
  }
}

/** The device after something happened to it. */
export function changedDevice(
  before: RolloutDevice,
  change: { happening: DeviceHappening; state: RolloutDeviceState; event: RolloutEvent; plan: RolloutPlan },
): RolloutDevice {
  const { happening, state, event, plan } = change
  // It begins anew; what it was offered before was offered all the same.
  if (happening === 'return') {
    const { order, counter, previous, last, bytes, money } = before
    const fresh = { ...newDevice(before.device, before.wave, event.at), bytes, money }
    // An order from before may still stand, or be given back by whoever took the device; of a device that was skipped nothing is known any more.
    return before.state === 'superseded' ? { ...fresh, order, counter, previous, last } : fresh
  }
  const moved: RolloutDevice = {
    ...before,
    state,
    since: event.at,
    isAcknowledged: false,
    ...consequences[happening]?.(before, event.detail),
  }
  return { ...moved, deadline: deadlineOf(moved, { before, plan }) }
}

type Consequence = (before: RolloutDevice, detail: EventDetail) => Partial<RolloutDevice>

const failed: Consequence = (before, detail) => ({ ...eventDetails.failure.parse(detail), failures: before.failures + 1 })

/** What an event changes besides the state. */
const consequences: Partial<Record<DeviceHappening, Consequence>> = {
  offer: (before, detail) => ({ ...ordered(before, detail), attempts: before.attempts + 1 }),
  activate: (before, detail) => ordered(before, detail),
  fail: failed,
  'fall-back': failed,
  reject: (_, detail) => eventDetails.failure.parse(detail),
  'time-out': (_, detail) => eventDetails.failure.parse(detail),
  retry: () => ({ notBefore: null }),
  commit: () => ({ problem: null, notBefore: null }),
  supersede: (_, detail) => ({ ...eventDetails.taken.parse(detail), notBefore: null }),
  skip: (_, detail) => ({ skipped: eventDetails.skip.parse(detail).reason, notBefore: null }),
  revert: (before, detail) => {
    const { order = before.order, counter = before.counter } = eventDetails.order.parse(detail)
    return { order, counter, notBefore: null }
  },
}

function ordered(before: RolloutDevice, detail: EventDetail): Partial<RolloutDevice> {
  const { slot, group, bytes, seconds, money, previous, order = null, counter = null } = eventDetails.offer.parse(detail)
  return {
    ...{ order, counter, last: { slot, group, bytes, seconds }, problem: null, notBefore: null },
    previous: previous === undefined ? before.previous : (previous as Wanted | null),
    bytes: before.bytes + bytes,
    money: before.money + money,
  }
}

/** When it counts as timed out; null: nothing says that it must go on by itself. */
function deadlineOf({ state, since, last }: RolloutDevice, { before, plan }: { before: RolloutDevice; plan: RolloutPlan }): number | null {
  // Who went away before it took the order up may never have got it; who went away on it may have been broken by it.
  if (state === 'unreachable') return before.state === 'offered' || before.state === 'activating' ? null : before.deadline
  // Staged as it was ordered, it waits for the rollout, not the rollout for it.
  if (state === 'staged' && last?.slot === 'beside') return null
  const stage = state === 'activating' ? 'offered' : state
  return isStage(stage) ? since + plan.timeouts[stage] * 1000 : null
}

function isStage(state: RolloutDeviceState): state is keyof RolloutPlan['timeouts'] {
  return state === 'offered' || state === 'fetching' || state === 'staged' || state === 'probing'
}
