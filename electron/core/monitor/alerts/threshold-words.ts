import type { AlertCondition } from '../../../../shared/domain/alert.ts'
import { defaultDriftRule } from '../../../../shared/stats/drift/score-window.ts'
import { defaultRateRule } from '../../../../shared/stats/quality/rate-verdict.ts'
import { duration } from '../../devices/why.ts'
import type { Thresholds } from './budget.ts'
import { percent } from './look.ts'

/** What a rule fires at, in words: what follows from the budget of false alarms, or what the rule says itself. */
export function thresholdWords(condition: AlertCondition, { q, rateAlpha, detectorSamples, qualityAlpha }: Thresholds): string {
  const { warn, alarm, windows, of } = defaultDriftRule
  switch (condition.kind) {
    case 'drift':
      return `Adjusted PSI (of categories: JS distance) from ${condition.level === 'alarm' ? alarm : warn}, q = ${level(q)} over the features of a window, ${windows} of the last ${of} windows.`
    case 'data-quality':
      return `A rise of ${percent(defaultRateRule.rise)} (outliers: 1 point), p < ${level(rateAlpha)}, ${windows} of the last ${of} windows.`
    case 'detector':
      return `As the devices are configured; detectorSamples = ${detectorSamples} is right for the fleet as it is.`
    case 'quality':
      return `A fall of ${percent(condition.drop)}, and a confidence sequence at level ${level(qualityAlpha)} that leaves out no fall.`
    case 'budget':
      return `More than ${percent(Math.min(1, condition.burn * (1 - condition.objective)))} of the requests fail over ${duration(condition.longMs)}, by the lower bound of the 95 % interval, and over a twelfth of it.`
    case 'absence':
      return `${duration(condition.forMs)} without; time in which the console did not listen does not count.`
    case 'trust':
      return 'It is so or not: no budget allows it.'
    case 'threshold':
      return `Set by hand; it does not follow from the budget.`
  }
}

function level(value: number): string {
  return value >= 0.01 ? String(Number(value.toFixed(3))) : value.toPrecision(2)
}
