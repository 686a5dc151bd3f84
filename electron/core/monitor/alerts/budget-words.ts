import type { AlarmBudget, Judged, Thresholds } from './budget.ts'

/** What follows from a budget, in words. */
export function budgetWords(budget: AlarmBudget, judged: Judged, thresholds: Thresholds): string[] {
  const { driftWindows, rateWindows, ratesPerWindow, inferences, qualitySubjects } = judged
  const { q, rateAlpha, detectorSamples, qualityAlpha, expected } = thresholds
  return [
    `The whole fleet may give ${counted(budget.falseAlarms, 'false alarm')} in ${counted(budget.perDays, 'day')}.`,
    `Drift: ${numberText(driftWindows)} windows are judged a day; an alarm needs a finding at q = ${levelText(q)} in 2 of 3 windows.`,
    `Bad values: ${numberText(rateWindows)} windows with ${numberText(ratesPerWindow)} rates each are judged a day; an alarm needs p < ${levelText(rateAlpha)} in 2 of 3 windows.`,
    `Detectors on devices: ${numberText(inferences)} requests came within a day; ${numberText(detectorSamples)} inferences between two false alarms are right. Set it with: muster config set --fleet detectorSamples=${detectorSamples}`,
    `Accuracy: ${numberText(qualitySubjects)} versions are judged by a confidence sequence at level ${levelText(qualityAlpha)}, which may be looked at as often as one likes.`,
    `At most ${levelText(expected)} false alarms are to be expected in the period; the effect that an alarm needs as well makes it fewer.`,
  ]
}

function counted(value: number, thing: string): string {
  return `${numberText(value)} ${thing}${value === 1 ? '' : 's'}`
}

function levelText(value: number): string {
  return value >= 0.01 ? String(Number(value.toFixed(3))) : value.toPrecision(2)
}

const groups = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 })

function numberText(value: number): string {
  return groups.format(value)
}
