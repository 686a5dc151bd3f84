/** The level of the sequence, and the sample size at which it is narrowest. */
export interface SequenceRule {
  alpha: number
  bestAt: number
}

/** Level 0.05, narrowest at 5000 values of both arms. */
export const defaultSequenceRule: SequenceRule = { alpha: 0.05, bestAt: 5000 }

/** A difference that may be read after every window. */
export interface SequenceEstimate {
  difference: number
  standardError: number
  /** difference +- this holds at all times together with probability 1 - alpha. */
  halfWidth: number
  /** Always-valid p, 0 to 1; at most alpha where the interval leaves out 0. Keep the running minimum. */
  p: number
}

/** The tuning constant of the sequence, rho^2 = (-2 ln alpha + ln(1 - 2 ln alpha)) / bestAt. */
export function sequenceTuning({ alpha, bestAt }: SequenceRule): number {
  return (-2 * Math.log(alpha) + Math.log(1 - 2 * Math.log(alpha))) / bestAt
}

/**
 * Asymptotic confidence sequence of a difference (Waudby-Smith et al., arXiv 2103.06476, equation 9; as GrowthBook, `gbstats/frequentist`):
 * half-width = s sqrt(2 (n r^2 + 1) / (n r)^2 ln(sqrt(n r^2 + 1) / alpha)) with s^2 = SE^2 n. It is an asymptotic bound: begin at 100 values and 10
 * events per arm. With a standard error of 0 the p is 1 and the interval the point. Null without values.
 * @param n values of both arms
 */
export function confidenceSequence(
  difference: number,
  standardError: number,
  n: number,
  rule = defaultSequenceRule,
): SequenceEstimate | null {
  if (!(n > 0) || !Number.isFinite(difference) || !(standardError >= 0 && standardError < Number.POSITIVE_INFINITY)) return null
  const tuning = sequenceTuning(rule)
  const t = n * tuning + 1
  const halfWidth = standardError * Math.sqrt(((2 * t) / (n * tuning)) * Math.log(Math.sqrt(t) / rule.alpha))
  if (standardError === 0) return { difference, standardError, halfWidth: 0, p: 1 }
  const z2 = (difference / standardError) ** 2
  return { difference, standardError, halfWidth, p: Math.min(1, Math.sqrt(t) * Math.exp((-tuning * n * z2) / (2 * t))) }
}

/** Difference of two proportions, canary - baseline, with its unpooled standard error sqrt(p1 (1 - p1) / n1 + p2 (1 - p2) / n2). */
export function proportionSequence(
  baseline: { successes: number; trials: number },
  canary: { successes: number; trials: number },
  rule = defaultSequenceRule,
): SequenceEstimate | null {
  if (baseline.trials === 0 || canary.trials === 0) return null
  const [a, b] = [baseline.successes / baseline.trials, canary.successes / canary.trials]
  const error = Math.sqrt((a * (1 - a)) / baseline.trials + (b * (1 - b)) / canary.trials)
  return confidenceSequence(b - a, error, baseline.trials + canary.trials, rule)
}

/** Mean, variance (n - 1) and number of the values of one arm. */
export interface ArmMean {
  n: number
  mean: number
  variance: number
}

/** Difference of two means, canary - baseline; take the logarithm of latencies first. */
export function meanSequence(baseline: ArmMean, canary: ArmMean, rule = defaultSequenceRule): SequenceEstimate | null {
  if (baseline.n < 2 || canary.n < 2) return null
  const error = Math.sqrt(baseline.variance / baseline.n + canary.variance / canary.n)
  return confidenceSequence(canary.mean - baseline.mean, error, baseline.n + canary.n, rule)
}
