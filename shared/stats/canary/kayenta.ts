import { shiftOfValues, type ShiftEstimate } from './hodges-lehmann.ts'

/** The verdict of Kayenta on one metric. */
export type KayentaClass = 'Pass' | 'High' | 'Low' | 'Nodata'

/** What Kayenta's judge says of one metric, for those who come from it. */
export interface KayentaJudgement {
  classification: KayentaClass
  shift: ShiftEstimate | null
  /** Mean of the experiment by mean of the control; null if undefined. */
  meanRatio: number | null
}

/** Level of the interval, and the share of the shift that it must clear (`MannWhitneyClassifier.scala`). */
const [LEVEL, TOLERANCE] = [0.98, 0.25] as const

/**
 * Kayenta's judgement (`NetflixACAJudge.scala`): High if the 98 % interval of the shift is above a quarter of |shift| and the ratio of means is at
 * least `allowedIncrease`, Low likewise. Its tolerance is relative to the shift itself, so it asks for precision, not for size; ties get no random
 * noise here. Nodata if a side is empty.
 * @throws RangeError if a value is not finite
 */
export function kayentaJudgement(control: readonly number[], experiment: readonly number[], allowedIncrease = 1): KayentaJudgement {
  const shift = shiftOfValues(control, experiment, LEVEL)
  if (shift === null) return { classification: 'Nodata', shift, meanRatio: null }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const meanRatio = mean(control) === 0 ? null : mean(experiment) / mean(control)
  const needed = TOLERANCE * Math.abs(shift.shift)
  const isHigh = shift.low > needed && (meanRatio === null || meanRatio >= allowedIncrease)
  const isLow = shift.high < -needed && (meanRatio === null || meanRatio <= 1 / allowedIncrease)
  return { classification: isHigh ? 'High' : isLow ? 'Low' : 'Pass', shift, meanRatio }
}

/** Score of a group of metrics, 100 pass / (pass + high + low + missing required), 0 to 100; a group without data counts as 100. */
export function kayentaScore(of: { pass: number; high: number; low: number; missingRequired: number }): number {
  const all = of.pass + of.high + of.low + of.missingRequired
  return all === 0 ? 100 : (100 * of.pass) / all
}
