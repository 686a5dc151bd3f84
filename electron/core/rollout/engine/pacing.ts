import type { PacingRules } from '../../../../shared/domain/rollout/plan.ts'
import type { RolloutRun } from '../rollout-run.ts'
import { inFlight, type Tally } from './tally.ts'
import { counted, percent } from './words.ts'

/** Why a device has to wait for its turn: a reason of `explain`, in words, and when the clock alone may end it. */
export interface PaceHold {
  reason: 'in-flight' | 'rate' | 'group-budget' | 'bandwidth'
  sentence: string
  until: number | null
}

/** What keeps every device from an order now; null: nothing does. */
export function paceOfAll(run: RolloutRun, tally: Tally, now: number): PaceHold | null {
  const { maxInFlight } = run.plan.pacing
  const flying = inFlight(tally)
  if (maxInFlight !== null && flying >= maxInFlight)
    return { reason: 'in-flight', sentence: `${counted(flying, 'device')} on their way, at most ${maxInFlight} may be.`, until: null }
  const rate = rateNow(run.plan.pacing, tally.byState.committed.size)
  if (rate === null) return null
  const until = nextOfferAt(run.offeredAt, rate, now)
  if (until <= now) return null
  return { reason: 'rate', sentence: `${Number(rate.toPrecision(3))} per minute are offered.`, until }
}

/** What keeps one device from an order now, besides what holds all. @param offer what it would be sent */
export function paceOfOne(
  plan: { pacing: PacingRules },
  tally: Tally,
  offer: { group: string | null; bytes: number; seconds: number | null },
): PaceHold | null {
  const { perGroup, bytesPerSecond } = plan.pacing
  const together = offer.group === null ? 0 : (tally.groups.get(offer.group) ?? 0)
  if (perGroup !== null && together >= perGroup.atOnce) {
    const sentence = `${counted(together, 'device')} of ${perGroup.attribute} ${offer.group} on their way, at most ${perGroup.atOnce} may be.`
    return { reason: 'group-budget', sentence, until: null }
  }
  if (bytesPerSecond === null || offer.bytes === 0 || isRoomy(tally, offer, bytesPerSecond)) return null
  const used = tally.unknownTransfers > 0 ? 1 : Math.min(1, tally.bytesPerSecond / bytesPerSecond)
  return { reason: 'bandwidth', sentence: `The transfers under way take ${percent(used)} of the bandwidth.`, until: null }
}

/** Offers per minute after so many devices have committed; null: as many as there are. */
export function rateNow({ perMinute }: PacingRules, committed: number): number | null {
  if (perMinute === null) return null
  const { base, factor, every, max } = perMinute
  return Math.min(max, base * factor ** Math.floor(committed / every))
}

/** When the next offer keeps to a rate: in no minute more than it, or one offer in the time that a slower rate takes for one. */
function nextOfferAt(offeredAt: readonly number[], rate: number, now: number): number {
  const atOnce = Math.max(1, Math.floor(rate))
  const spanMs = (60_000 * atOnce) / rate
  const oldest = offeredAt.at(-atOnce)
  return oldest === undefined ? now : oldest + Math.ceil(spanMs)
}

/** One transfer is always allowed: a limit below the speed of a link would starve the rollout. An unknown speed may be all that there is. */
function isRoomy(tally: Tally, { bytes, seconds }: { bytes: number; seconds: number | null }, limit: number): boolean {
  const isIdle = tally.bytesPerSecond === 0 && tally.unknownTransfers === 0
  if (isIdle) return true
  if (seconds === null || tally.unknownTransfers > 0) return false
  return tally.bytesPerSecond + bytes / Math.max(seconds, 1) <= limit
}
