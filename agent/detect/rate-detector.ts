import { z } from 'zod'
import { addOutcomes, bernoulliCusum, type BernoulliCusumRule } from '../../shared/stats/sequential/bernoulli-cusum.ts'

const count = z.number().nonnegative()

/** What a detector of a rate remembers beside its rule. */
export const rateState = z.object({
  /** The sum, nats. */
  s: count,
  /** What was counted since the sum was last 0: the change lies about there. */
  bad: count,
  trials: count,
  /** Of an alarm that is not over: since when, windows since then, and the evidence that the rate is back, nats; null: it watches. */
  raised: z.object({ at: z.number(), windows: count, back: count }).nullable(),
})
export type RateState = z.infer<typeof rateState>

/** A rate that rose. */
export interface RateAlarm {
  rate: number
  samples: number
  p0: number
  h: number
}

/** A change is over once a rate as of before is so much likelier than the risen one: 1,000 times. */
const BACK = Math.log(1000)
/** And not before so many windows: one change is one event. */
const COOL_DOWN = 6

/** A detector that has seen nothing. */
export function freshRate(): RateState {
  return { s: 0, bad: 0, trials: 0, raised: null }
}

/** True if there is nothing to remember of it. */
export function isFreshRate({ s, raised }: RateState): boolean {
  return s === 0 && raised === null
}

/**
 * Counts a closed window. After an alarm it is silent until a second sum, of the same two rates the other way round, says that the rate is back.
 * @returns the alarm, once per change
 */
export function addWindow(state: RateState, rule: BernoulliCusumRule, of: { bad: number; trials: number; at: number }): RateAlarm | null {
  if (state.raised !== null) {
    comeBack(state, state.raised, rule, of)
    return null
  }
  const cusum = { ...bernoulliCusum(rule), s: state.s }
  const isAlarm = addOutcomes(cusum, of.bad, of.trials)
  state.bad += of.bad
  state.trials += of.trials
  const { bad, trials } = state
  state.s = cusum.s
  if (cusum.s === 0) Object.assign(state, { bad: 0, trials: 0 })
  if (!isAlarm) return null
  state.raised = { at: of.at, windows: 0, back: 0 }
  return { rate: bad / trials, samples: trials, p0: rule.p0, h: rule.h }
}

function comeBack(
  state: RateState,
  raised: NonNullable<RateState['raised']>,
  rule: BernoulliCusumRule,
  of: { bad: number; trials: number },
): void {
  // The rate of the good ones is to rise from 1 - p1 to 1 - p0.
  const mirror = { ...bernoulliCusum({ p0: 1 - rule.p1, p1: 1 - rule.p0, h: BACK }), s: raised.back }
  addOutcomes(mirror, of.trials - of.bad, of.trials, false)
  raised.back = Math.min(mirror.s, BACK)
  raised.windows += 1
  if (raised.back >= BACK && raised.windows >= COOL_DOWN) state.raised = null
}
