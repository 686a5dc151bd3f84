import { defaultSequenceRule, proportionSequence, sequenceTuning } from '../../../../shared/stats/canary/confidence-sequence.ts'
import { addErrorWindow, emptyErrorEProcess, errorEvidence } from '../../../../shared/stats/canary/error-e-process.ts'
import { kayentaJudgement } from '../../../../shared/stats/canary/kayenta.ts'
import { mannWhitney, mannWhitneyFromBins } from '../../../../shared/stats/canary/mann-whitney.ts'
import { msprtRatio } from '../../../../shared/stats/canary/msprt.ts'
import { normalTwoSided } from '../../../../shared/stats/math/normal-distribution.ts'
import { newcombeInterval } from '../../../../shared/stats/proportion-interval.ts'
import { fisherExact, twoProportionZ } from '../../../../shared/stats/quality/two-proportions.ts'
import type { OracleFunction } from './oracle-functions.ts'

type Pair = [number, number]
const proportion = ([successes, trials]: Pair) => ({ successes, trials })

/** Canary and A/B comparisons. */
export const canaryFns: Record<string, OracleFunction> = {
  two_proportions: ({ input }) => {
    const [a, b] = [proportion(input['baseline'] as Pair), proportion(input['canary'] as Pair)]
    const z = twoProportionZ(a, b)
    const fisher = fisherExact(a, b)
    const interval = newcombeInterval(a, b)!
    return {
      diff: b.successes / b.trials - a.successes / a.trials,
      z_pooled: z.z,
      p_two_sided: z.twoSided,
      p_one_sided_worse: z.greater,
      newcombe95: [interval.low, interval.high],
      fisher_two_sided: fisher.twoSided,
      fisher_canary_greater: fisher.greater,
    }
  },
  mann_whitney: ({ input }) => {
    const { u, p, effect } = mannWhitney(input['x'] as number[], input['y'] as number[])!
    return { U_y: u, p_two_sided_asymptotic: p, cles: effect }
  },
  mann_whitney_histogram: ({ input }) => {
    const { u, z, p, effect, effectError } = mannWhitneyFromBins(input['baseline'] as number[], input['canary'] as number[])!
    return { U_y: u, z_continuity: z, p_two_sided_asymptotic: p, cles: effect, cles_error_bound: effectError }
  },
  acs_two_proportions: ({ input, params }) => {
    const rule = { ...defaultSequenceRule, alpha: params['alpha'] as number, bestAt: params['n_star'] as number }
    let least = 1
    const running: number[] = []
    const snapshots = (input['snapshots'] as { baseline: Pair; canary: Pair }[]).map(({ baseline, canary }) => {
      const estimate = proportionSequence(proportion(baseline), proportion(canary), rule)!
      least = Math.min(least, estimate.p)
      running.push(least)
      return {
        baseline,
        canary,
        rho: Math.sqrt(sequenceTuning(rule)),
        diff: estimate.difference,
        se: estimate.standardError,
        half_width: estimate.halfWidth,
        always_valid_p: estimate.p,
        fixed_n_p: normalTwoSided(estimate.difference / estimate.standardError),
      }
    })
    return { snapshots, running_min_p: running }
  },
  msprt: ({ input }) => ({
    lambda_: (input['items'] as [number, number, number, number][]).map(([difference, n, variance, mixture]) =>
      msprtRatio({ difference, n, variance, mixture }),
    ),
  }),
  eprocess_rate_ratio_grid: ({ input }) => {
    const process = emptyErrorEProcess()
    return {
      e_after_each: (input['windows'] as [number, number, number, number][]).map(([kc, kb, nc, nb]) => {
        addErrorWindow(process, { canaryErrors: kc, baselineErrors: kb, canaryRequests: nc, baselineRequests: nb })
        return errorEvidence(process)
      }),
    }
  },
  kayenta_judge: ({ input }) => {
    const { classification, shift, meanRatio } = kayentaJudgement(input['control'] as number[], input['experiment'] as number[])
    return { classification, ci98_approx: [shift!.low, shift!.high], shift_approx: shift!.shift, mean_ratio: meanRatio }
  },
}
