import type { RolloutDevice } from '../rollout-run.ts'
import type { Draft } from './draft.ts'
import { wakeForSilence } from './device-step.ts'
import { versionOf } from './failing.ts'
import type { DeviceFacts, Facts } from './facts.ts'
import { gatePhase, isTwoStep } from './gate.ts'
import { budgetHold, holdOfAll, isHoldOfAll, monthHold, setHold } from './hold.ts'
import { isStagedFirst, slotOfOffer } from './order-slot.ts'
import { paceOfAll, paceOfOne } from './pacing.ts'
import { bytesWords, waveWords } from './words.ts'

/** Whether a device got its order; `all`: no other one would get one now either. */
type Outcome = 'ordered' | 'waits' | 'all'

/** Offers the version to devices of open waves, as far as pace, windows and budgets let it; who has it already beside is activated first. */
export function offerAll(draft: Draft, facts: Facts): void {
  if (draft.run.state !== 'running' || draft.run.begunAt === null) return
  const held = holdOfAll(draft.run, facts)
  if (held !== null) return setHold(draft, held)
  if (isHoldOfAll(draft.run.held)) setHold(draft, null)
  const waves = wavesAtWork(draft)
  for (const device of toActivate(draft, waves)) if (activate(draft, device, facts) === 'all') return
  for (const wave of waves) {
    for (const device of draft.tally.waves[wave]!.pending) if (offer(draft, device, facts) === 'all') return
  }
  // Nobody is left whom the budget keeps from an offer.
  if (draft.run.held?.code === 'budget') setHold(draft, null)
}

/** Waves that have begun; after a gate that was shut again the later ones wait. */
export function wavesAtWork({ run }: Pick<Draft, 'run'>): number[] {
  const first = run.waves.findIndex(({ state }) => state !== 'passed')
  const through = first === -1 ? run.waves.length : run.waves[first]!.state === 'waiting' ? first : first + 1
  return Array.from({ length: through }, (_, wave) => wave)
}

function* toActivate(draft: Draft, waves: readonly number[]): Iterable<RolloutDevice> {
  const { run, tally } = draft
  if (!isTwoStep(run.plan) && !isStagedFirst(run.plan)) return
  const isAtWork = new Set(waves.filter((wave) => gatePhase(run, wave) === 'active'))
  for (const state of ['staged', 'shadowing', 'splitting'] as const) {
    for (const id of tally.byState[state]) {
      const device = draft.run.devices.get(id)!
      if (device.last?.slot === 'beside' && isAtWork.has(device.wave)) yield device
    }
  }
}

function activate(draft: Draft, device: RolloutDevice, facts: Facts): Outcome {
  const pace = paceOfAll(draft.run, draft.tally, facts.now)
  if (pace !== null) return waitForAll(draft, pace.until)
  const known = facts.of(device.device)
  if (known === null || known.takenBy !== null) return 'waits'
  if (known.activationFrom > facts.now) return waitUntil(draft, known.activationFrom)
  if (isKeptBack(draft, facts, 'active')) return 'all'
  const transfer = { group: known.group, bytes: 0, seconds: 0 }
  if (paceOfOne(draft.run.plan, draft.tally, transfer) !== null) return 'waits'
  draft.device(device.device, 'activate', `${device.device} is ordered to make ${versionOf(draft)} active.`, {
    ...{ slot: 'active', ...transfer, money: 0 },
  })
  draft.order({ device: device.device, slot: 'active' })
  wakeForSilence(draft, device.device, known)
  return 'ordered'
}

function offer(draft: Draft, id: string, facts: Facts): Outcome {
  const pace = paceOfAll(draft.run, draft.tally, facts.now)
  if (pace !== null) return waitForAll(draft, pace.until)
  const device = draft.run.devices.get(id)!
  // A penalty is seen without asking for what else is known.
  if (device.notBefore !== null && device.notBefore > facts.now) return waitUntil(draft, device.notBefore)
  const known = facts.of(id)
  if (known === null || known.takenBy !== null || known.unfit !== null || !facts.isTarget(id)) return 'waits'
  const slot = slotOfOffer(draft.run, { wave: device.wave, facts: known, now: facts.now })
  const from = offerFrom(known, slot)
  if (from > facts.now) return waitUntil(draft, from)
  if (isKeptBack(draft, facts, slot)) return 'all'
  const { bytes, seconds, money } = known.offer
  const held = budgetHold(draft.run, draft.tally, known.offer) ?? monthHold(facts, draft.moneyOffered, known.offer)
  if (held !== null) {
    setHold(draft, held)
    return 'all'
  }
  if (draft.run.held !== null) setHold(draft, null)
  if (paceOfOne(draft.run.plan, draft.tally, { group: known.group, bytes, seconds }) !== null) return 'waits'
  const tries = device.attempts === 0 ? '' : `, try ${device.attempts + 1}`
  const where = waveWords(device.wave, draft.run.plan.waves[device.wave]!.name)
  draft.device(id, 'offer', `${id} is offered ${versionOf(draft)} in ${where}${tries}: about ${bytesWords(bytes)}.`, {
    ...{ slot, group: known.group, bytes, seconds, money },
    ...previousOf(draft, device, known),
  })
  draft.order({ device: id, slot })
  wakeForSilence(draft, id, known)
  return 'ordered'
}

/** A version that may not be ordered any more, as after it was withdrawn, makes the rollout wait for a person. @returns true if it does */
function isKeptBack(draft: Draft, facts: Facts, slot: 'beside' | 'active'): boolean {
  const why = facts.forbidden?.(slot) ?? null
  if (why === null) return false
  const sentence = `Paused: ${why}`
  draft.rollout('pause', sentence, { held: { code: 'person', sentence } })
  return true
}

/** When nothing of the device's own keeps it from the order. */
function offerFrom(known: DeviceFacts, slot: 'beside' | 'active'): number {
  const downloadFrom = Math.max(known.downloadFrom, known.quietUntil ?? 0, known.penaltyUntil ?? 0)
  return slot === 'active' ? Math.max(downloadFrom, known.activationFrom) : downloadFrom
}

/** What a revert gives back is what stood there before the first offer; later the version itself may stand there. */
function previousOf(draft: Draft, device: RolloutDevice, { standing }: DeviceFacts): { previous?: DeviceFacts['standing'] } {
  const isOwn = standing !== null && standing.digest === draft.run.target?.digest
  return device.attempts > 0 || isOwn ? {} : { previous: standing }
}

function waitUntil(draft: Draft, at: number): Outcome {
  draft.wake(at)
  return 'waits'
}

function waitForAll(draft: Draft, until: number | null): Outcome {
  if (until !== null) draft.wake(until)
  return 'all'
}
