import type { RolloutRun } from '../rollout-run.ts'
import type { Draft } from './draft.ts'
import type { Facts, DeviceFacts } from './facts.ts'
import type { Tally } from './tally.ts'
import { bytesWords } from './words.ts'

type Held = { code: 'alert' | 'budget'; sentence: string }

const monthSpent = 'The budget of this month is spent.'

/** What holds every offer and passes by itself; null: nothing does. */
export function holdOfAll(run: RolloutRun, facts: Pick<Facts, 'alert' | 'isMonthSpent'>): Held | null {
  if (facts.alert !== null && !run.despiteAlerts) return { code: 'alert', sentence: `An alert holds releases: ${facts.alert}` }
  if (facts.isMonthSpent) return { code: 'budget', sentence: monthSpent }
  return null
}

/** True for a hold of every offer; a budget of the rollout holds only what costs more than is left of it. */
export function isHoldOfAll(held: RolloutRun['held']): boolean {
  return held?.code === 'alert' || held?.sentence === monthSpent
}

/** What the budget of the rollout says of one more offer; null: it is within. */
export function budgetHold(run: RolloutRun, tally: Tally, offer: Pick<DeviceFacts['offer'], 'bytes' | 'money'>): Held | null {
  const { bytes, money } = run.plan.budget
  if (bytes !== null && tally.bytes + offer.bytes > bytes)
    return {
      code: 'budget',
      sentence: `${bytesWords(tally.bytes)} of ${bytesWords(bytes)} are offered, and the next device needs ${bytesWords(offer.bytes)}.`,
    }
  const spent = tally.moneyMillionths / 1e6
  if (money !== null && spent + offer.money > money + 1e-9)
    return {
      code: 'budget',
      sentence: `${spent.toFixed(2)} of ${money.toFixed(2)} are spent, and the next device costs ${offer.money.toFixed(2)}.`,
    }
  return null
}

/** What the budget of the month says of one more offer in a decision that has offered `offered` so far; null: it is within. */
export function monthHold(facts: Pick<Facts, 'monthLeft'>, offered: number, offer: Pick<DeviceFacts['offer'], 'money'>): Held | null {
  const left = facts.monthLeft ?? null
  if (left === null || offered + offer.money <= left + 1e-9) return null
  return {
    code: 'budget',
    sentence: `The budget of this month has ${Math.max(0, left - offered).toFixed(2)} left, and the next device costs ${offer.money.toFixed(2)}.`,
  }
}

/** Writes down what holds the rollout from now on. The same cause with other numbers is no news. */
export function setHold(draft: Draft, held: Held | null): void {
  const before = draft.run.held
  if (before?.code === held?.code) return
  if (before !== null) draft.mark('released', `Not held any more: ${before.sentence}`)
  if (held !== null) draft.mark('held', `Held: ${held.sentence}`, { detail: { held } })
}
