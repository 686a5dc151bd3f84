import { budgetHold, holdOfAll, monthHold } from '../engine/hold.ts'
import { wavesAtWork } from '../engine/offers.ts'
import { paceOfAll, paceOfOne, rateNow } from '../engine/pacing.ts'
import { inFlight } from '../engine/tally.ts'
import { bytesWords, counted } from '../engine/words.ts'
import { isToActivate, isWaiting, type Answer, type Case, type Rule, type Under } from './case.ts'
import { gateReason, momentWords, small } from './words.ts'

/** Reasons for which a device has not got the order yet. */
export const waitingRules = {
  incompatible: (of) => {
    const { under } = of
    const unfit = under?.here?.unfit ?? (under?.isTarget === true && under.own?.state === 'skipped' ? under.own.skipped : null)
    if (under === null || unfit == null || !(isWaiting(under) || under.own?.state === 'skipped')) return null
    return {
      sentence: `${of.not}: it cannot be in the rollout: ${unfit.replace(/\.$/, '')}.`,
      change: 'Deploy an active version that takes the same inputs, or use the method replace.',
    }
  },

  wave: waiting((of, under) => {
    if (under.own === null) return { sentence: `${of.not}: it joins a wave of rollout ${under.run.id} at the next look.`, change: null }
    const { wave } = under.own
    if (wavesAtWork(under).includes(wave)) return null
    const before = under.run.waves.findIndex(({ state }) => state !== 'passed')
    const reason = before < wave ? gateReason(under, before) : null
    return {
      sentence: `${of.not}: waiting for wave ${wave + 1}; ${reason ?? 'it begins at the next look'}.`,
      change:
        reason === null ? null : `The gate of wave ${before + 1}, or a person: muster rollouts let-through ${under.run.id} ${before + 1}.`,
    }
  }),

  'download-window': waiting((of, { here, run }) => {
    if (here === null || run.plan.windows.download === null || here.downloadFrom <= of.now) return null
    return {
      sentence: `${of.not}: its download window opens at ${momentWords(here.downloadFrom, of.now)} ('${run.plan.windows.download.cron}').`,
      change: 'Time.',
    }
  }),

  'quiet-hours': waiting((of, { here }) => {
    if (here?.quietUntil == null || here.quietUntil <= of.now) return null
    return {
      sentence: `${of.not}: its link (${here.offer.link}) has quiet hours until ${momentWords(here.quietUntil, of.now)}.`,
      change: 'Time, or other quiet hours in the price sheet.',
    }
  }),

  budget: waiting((of, { run, tally, facts, here }) => {
    const offer = here?.offer ?? { bytes: 0, money: 0 }
    const ofMonth = facts.isMonthSpent ? holdOfAll({ ...run, despiteAlerts: true }, facts) : monthHold(facts, 0, offer)
    if (ofMonth !== null)
      return {
        sentence: `${of.not}: ${small(ofMonth.sentence)}.`,
        change: 'The next month, or a higher monthly budget in the price sheet.',
      }
    const held = budgetHold(run, tally, offer)
    if (held === null) return null
    return {
      sentence: `${of.not}: the budget of the rollout is spent: ${small(held.sentence)}.`,
      change: 'A rollout with a higher budget.',
    }
  }),

  'in-flight': paced((of, { run, tally, facts }) => {
    if (paceOfAll(run, tally, facts.now)?.reason !== 'in-flight') return null
    const now = inFlight(tally)
    return {
      sentence: `${of.not}: ${counted(now, 'device')} ${now === 1 ? 'is on its way' : 'are on their way'}, and at most ${run.plan.pacing.maxInFlight} may be.`,
      change: 'One of them answers.',
    }
  }),

  rate: paced((of, { run, tally, facts }) => {
    const pace = paceOfAll(run, tally, facts.now)
    const rate = rateNow(run.plan.pacing, tally.byState.committed.size)
    if (pace?.reason !== 'rate' || rate === null) return null
    const when = pace.until === null ? '' : `; the next order may go at ${momentWords(pace.until, of.now)}`
    return {
      sentence: `${of.not}: the rate is ${Number(rate.toPrecision(4))} per minute after ${counted(tally.byState.committed.size, 'device')} that committed${when}.`,
      change: 'Time; the rate grows with the devices that have committed.',
    }
  }),

  'group-budget': paced((of, under) => {
    const { perGroup } = under.run.plan.pacing
    const group = under.here?.group ?? null
    if (perGroup === null || group === null || paceOf(under) !== 'group-budget') return null
    const now = under.tally.groups.get(group) ?? 0
    return {
      sentence: `${of.not}: ${counted(now, 'device')} with ${perGroup.attribute} ${group} ${now === 1 ? 'is on its way' : 'are on their way'}, and at most ${perGroup.atOnce} may be.`,
      change: 'One of them answers.',
    }
  }),

  bandwidth: waiting((of, under) => {
    const { run, tally, here } = under
    if (here === null || paceOf(under) !== 'bandwidth') return null
    const most = bytesWords(run.plan.pacing.bytesPerSecond ?? 0)
    const { bytes, seconds } = here.offer
    const used =
      tally.unknownTransfers > 0
        ? `${counted(tally.unknownTransfers, 'transfer')} of unknown speed ${tally.unknownTransfers === 1 ? 'is' : 'are'} on the way`
        : `the transfers on their way need ${bytesWords(tally.bytesPerSecond)} per second`
    const own = seconds === null ? 'its own an unknown part' : `its own ${bytesWords(bytes / Math.max(seconds, 1))}`
    return { sentence: `${of.not}: ${used}, ${own}, and at most ${most} may be used.`, change: 'A transfer ends.' }
  }),

  next: (of) => {
    const { under } = of
    if (under === null || of.entry?.row.status !== 'online') return null
    if (isToActivate(under))
      return { sentence: `${of.not}: it gets the order of rollout ${under.run.id} to activate it next.`, change: null }
    if (!isWaiting(under)) return null
    return { sentence: `${of.not}: it gets the order of rollout ${under.run.id} next.`, change: null }
  },
} satisfies Partial<Record<string, Rule>>

/** A rule for devices that wait for the order. */
function waiting(answer: (of: Case, under: Under) => Answer | null): Rule {
  return (of) => (of.under !== null && isWaiting(of.under) ? answer(of, of.under) : null)
}

/** A rule for devices that wait for the order, or for the one that activates the version. */
function paced(answer: (of: Case, under: Under) => Answer | null): Rule {
  return (of) => (of.under !== null && (isWaiting(of.under) || isToActivate(of.under)) ? answer(of, of.under) : null)
}

/** What of the pace holds this one device. An activation sends nothing. */
function paceOf(under: Under): string | null {
  const { run, tally, here } = under
  if (here === null) return null
  const sent = isToActivate(under) ? { bytes: 0, seconds: 0 } : here.offer
  return paceOfOne(run.plan, tally, { group: here.group, bytes: sent.bytes, seconds: sent.seconds })?.reason ?? null
}
