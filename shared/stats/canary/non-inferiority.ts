import type { Proportion } from '../proportion-interval.ts'
import { defaultSequenceRule, proportionSequence, type SequenceEstimate, type SequenceRule } from './confidence-sequence.ts'

/** When a canary is good enough. */
export interface PromotionRule extends SequenceRule {
  /** Rise of the error rate that is accepted: the larger of an absolute share and a share of the baseline's rate. */
  absoluteMargin: number
  relativeMargin: number
  leastTrials: number
  leastEvents: number
}

/** Half a percentage point or a quarter of the baseline's rate; 100 requests and 10 errors per arm before the sequence holds. */
export const defaultPromotionRule: PromotionRule = {
  ...defaultSequenceRule,
  absoluteMargin: 0.005,
  relativeMargin: 0.25,
  leastTrials: 100,
  leastEvents: 10,
}

/** A verdict that may be read at any time. */
export interface PromotionVerdict {
  state: 'pass' | 'fail' | 'inconclusive'
  /** Null while there is nothing to compare. */
  estimate: SequenceEstimate | null
  margin: number | null
  baseline: Proportion
  canary: Proportion
  rule: PromotionRule
}

/**
 * Whether the error rate of a canary is not worse than that of its baseline by the margin: pass if the upper limit of the confidence sequence of
 * (canary - baseline) is below it, fail if the lower limit is above it, else inconclusive. Until an arm has `leastTrials` it is inconclusive; with
 * fewer than `leastEvents` errors in an arm, those are added to its count for the standard error only, so that no errors at all do not look certain.
 */
export function promotionVerdict(baseline: Proportion, canary: Proportion, rule = defaultPromotionRule): PromotionVerdict {
  const margin = baseline.trials === 0 ? null : Math.max(rule.absoluteMargin, rule.relativeMargin * (baseline.successes / baseline.trials))
  const plain = proportionSequence(baseline, canary, rule)
  const isEarly = Math.min(baseline.trials, canary.trials) < rule.leastTrials
  if (plain === null || margin === null || isEarly) return { state: 'inconclusive', estimate: plain, margin, baseline, canary, rule }
  const padded = proportionSequence(padEvents(baseline, rule), padEvents(canary, rule), rule)!
  const halfWidth = Math.max(plain.halfWidth, padded.halfWidth)
  const estimate = { ...plain, standardError: Math.max(plain.standardError, padded.standardError), halfWidth }
  const state = estimate.difference + halfWidth < margin ? 'pass' : estimate.difference - halfWidth > margin ? 'fail' : 'inconclusive'
  return { state, estimate, margin, baseline, canary, rule }
}

function padEvents({ successes, trials }: Proportion, { leastEvents }: PromotionRule): Proportion {
  return { successes: Math.min(trials, Math.max(successes, leastEvents)), trials }
}
