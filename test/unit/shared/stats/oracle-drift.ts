import { chiSquareHomogeneity, likelihoodRatioHomogeneity } from '../../../../shared/stats/drift/chi-square-homogeneity.ts'
import { addCounts } from '../../../../shared/stats/drift/counts.ts'
import { cramersV } from '../../../../shared/stats/drift/cramers-v.ts'
import { hellinger } from '../../../../shared/stats/drift/hellinger.ts'
import { jsDistance, jsDivergence } from '../../../../shared/stats/drift/jensen-shannon.ts'
import { klDivergence } from '../../../../shared/stats/drift/kullback-leibler.ts'
import { ksDistance, ksEffectiveSize, ksFromBins, ksLimitP, ksP } from '../../../../shared/stats/drift/kolmogorov-smirnov.ts'
import { ksExactP } from '../../../../shared/stats/drift/ks-exact.ts'
import { medianHeuristic, mmdSquared } from '../../../../shared/stats/drift/mmd.ts'
import { benjaminiHochberg, bonferroni, holm } from '../../../../shared/stats/drift/multiple-testing.ts'
import { psi, psiAdjusted, psiCritical, psiNullMean } from '../../../../shared/stats/drift/psi.ts'
import { evidentlyNumeric, nannymlContinuous } from '../../../../shared/stats/drift/tool-parity.ts'
import { lInfinity, totalVariation } from '../../../../shared/stats/drift/total-variation.ts'
import { wasserstein, wassersteinFromBins, wassersteinNormalised } from '../../../../shared/stats/drift/wasserstein.ts'
import { kolmogorovExactTail } from '../../../../shared/stats/math/kolmogorov-distribution.ts'
import { emptyMoments, addMoment } from '../../../../shared/stats/sketch/moments.ts'
import { binOf, coarsenCounts, quantileEdges } from '../../../../shared/stats/reference-bins.ts'
import type { OracleFunction } from './oracle-functions.ts'

type Numbers = number[]
const ascending = (values: Numbers): Numbers => values.toSorted((a, b) => a - b)
const sum = (counts: Numbers): number => counts.reduce((total, count) => total + count, 0)

/** Counts of the bins between the edges. */
export function binnedCounts(edges: Numbers, values: Numbers): Numbers {
  const counts = Array.from({ length: edges.length + 1 }, () => 0)
  for (const value of values) counts[binOf(edges, value)]! += 1
  return counts
}

/** With ddof 0. */
function deviation(values: Numbers): number {
  const moments = emptyMoments()
  for (const value of values) addMoment(moments, value)
  return Math.sqrt(moments.m2 / moments.n)
}

function fromCounts(reference: Numbers, current: Numbers): Record<string, unknown> {
  const [m, n, bins] = [sum(reference), sum(current), reference.length]
  const index = psi(reference, current)!
  const likelihood = likelihoodRatioHomogeneity(reference, current)
  const chi2 = chiSquareHomogeneity(reference, current)
  return {
    psi_textbook: psi(reference, current, 'textbook'),
    psi_halfcount_floor: index,
    psi_evidently_eps: psi(reference, current, 'evidently'),
    'psi_deepchecks_floor_0.01': psi(reference, current, 'deepchecks'),
    js_divergence_base2: jsDivergence(reference, current),
    js_distance_base2: jsDistance(reference, current),
    js_distance_base_e: jsDistance(reference, current, 'e'),
    hellinger: hellinger(reference, current),
    total_variation: totalVariation(reference, current),
    l_infinity: lInfinity(reference, current)!.distance,
    kl_ref_cur_nats: klDivergence(reference, current),
    g_test_stat: likelihood.statistic,
    g_test_p: likelihood.p,
    cramers_v_bias_corrected: cramersV(reference, current),
    chi2_homogeneity_stat: chi2.statistic,
    chi2_df: chi2.df,
    chi2_homogeneity_p: chi2.p,
    psi_null_mean: psiNullMean(bins, n, m),
    psi_adjusted: psiAdjusted(index, bins, n, m),
    'psi_critical_alpha_0.01': psiCritical(0.01, bins, n, m),
  }
}

function perFeature(reference: Numbers, current: Numbers): Record<string, unknown> {
  const edges = quantileEdges(ascending(reference), 10)
  const [r, c] = [binnedCounts(edges, reference), binnedCounts(edges, current)]
  const chi2 = chiSquareHomogeneity(r, c)
  const d = ksDistance(reference, current)!
  return {
    bins: r.length,
    ref_counts: r,
    cur_counts: c,
    psi: psi(r, c),
    js_distance_base2: jsDistance(r, c),
    hellinger: hellinger(r, c),
    ks_d: d,
    ks_p_kolmogorov: ksLimitP(d, reference.length, current.length),
    ks_d_binned: ksFromBins(r, c)!.lower,
    w1_over_std: wassersteinNormalised(wasserstein(reference, current)!, deviation(reference)),
    chi2_stat: chi2.statistic,
    chi2_df: chi2.df,
    chi2_p: chi2.p,
  }
}

/** Drift, binning, distances and multiple testing. */
export const driftFns: Record<string, OracleFunction> = {
  drift_from_counts: ({ input }) => fromCounts(input['reference'] as Numbers, input['current'] as Numbers),
  drift_from_merged_counts: ({ input }) => {
    const merged = (input['devices'] as Numbers[]).reduce((all, counts) => addCounts(all, counts))
    return { merged, ...fromCounts(input['reference'] as Numbers, merged) }
  },
  psi_per_device: ({ input }) => {
    const devices = (input['devices'] as Numbers[]).map((counts) => psi(input['reference'] as Numbers, counts)!)
    return { per_device: devices, mean: sum(devices) / devices.length }
  },
  reference_quantile_bins: ({ input, params }) => {
    const [reference, current] = [input['reference'] as Numbers, input['current'] as Numbers]
    const edges = quantileEdges(ascending(reference), params['bins'] as number)
    const [r, c] = [binnedCounts(edges, reference), binnedCounts(edges, current)]
    return { edges, ref_counts: r, cur_counts: c, ...fromCounts(r, c) }
  },
  coarsen: ({ input }) => {
    const coarse = (counts: Numbers): Numbers =>
      coarsenCounts({ edges: input['edges_100'] as Numbers, counts }, input['edges_10'] as Numbers)
    return { ref_counts_10: coarse(input['ref_counts_100'] as Numbers), cur_counts_10: coarse(input['cur_counts_100'] as Numbers) }
  },
  evidently_numeric: ({ input }) => {
    const [reference, current] = [input['reference'] as Numbers, input['current'] as Numbers]
    const scores = evidentlyNumeric(reference, current)!
    return {
      n_edges: scores.edges.length,
      edges: scores.edges,
      ref_counts: scores.reference,
      cur_counts: scores.current,
      psi: scores.psi,
      js_distance_base_e: scores.jsDistance,
      wasserstein_normed: wassersteinNormalised(wasserstein(reference, current)!, deviation(reference)),
      ks_p: ksExactP(ksDistance(reference, current)!, reference.length, current.length),
    }
  },
  nannyml_js: ({ input }) => {
    const scores = nannymlContinuous(input['reference'] as Numbers, input['current'] as Numbers)!
    return { n_edges: scores.edges.length, leftover: scores.leftover, js_distance_base2: scores.jsDistance, hellinger: scores.hellinger }
  },
  ks_two_sample: ({ input }) => {
    const [x, y] = [input['x'] as Numbers, input['y'] as Numbers]
    const d = ksDistance(x, y)!
    const effective = ksEffectiveSize(x.length, y.length)
    return {
      d,
      n_eff: effective,
      p_kolmogorov: ksLimitP(d, x.length, y.length),
      p_stephens: ksP(d, x.length, y.length),
      p_scipy_asymp_kstwo: kolmogorovExactTail(d, Math.round(effective)),
      p_exact: ksExactP(d, x.length, y.length),
    }
  },
  ks_binned: ({ input, expected }) => {
    const { lower, upper } = ksFromBins(input['ref_counts'] as Numbers, input['cur_counts'] as Numbers)!
    const truth = expected['d_true'] as number
    // The values behind the bins are not in the case: their distance must lie within the bounds.
    return { d_lower: lower, d_upper: upper, d_true: truth >= lower && truth <= upper ? truth : null }
  },
  wasserstein_1: ({ input }) => {
    const [x, y] = [input['x'] as Numbers, input['y'] as Numbers]
    const w1 = wasserstein(x, y)!
    return { w1, std_ref_ddof0: deviation(x), w1_over_std: wassersteinNormalised(w1, deviation(x)) }
  },
  wasserstein_binned: ({ input, expected }) => {
    const middles = input['midpoints'] as Numbers
    const bounds = [...middles.map((middle) => middle - 0.5), middles.at(-1)! + 0.5]
    const { distance, error } = wassersteinFromBins(bounds, input['ref_counts'] as Numbers, input['cur_counts'] as Numbers)!
    const truth = expected['w1_true_clipped'] as number
    return { w1_binned: distance, error_bound: error, w1_true_clipped: Math.abs(truth - distance) <= error ? truth : null }
  },
  mmd2_unbiased: ({ input }) => {
    const [x, y] = [input['x'] as Numbers[], input['y'] as Numbers[]]
    const sigma2 = medianHeuristic(x, y)!
    return { sigma2_median_heuristic: sigma2, mmd2: mmdSquared(x, y, sigma2), mmd2_sigma2_1: mmdSquared(x, y, 1) }
  },
  adjust_p: ({ input }) => {
    const p = input['p'] as Numbers
    const bh = benjaminiHochberg(p)
    return { bh, bonferroni: bonferroni(p), holm: holm(p), bh_reject_q05: bh.map((value) => value <= 0.05) }
  },
  per_feature_drift: ({ input }) => {
    const { X: rows } = input['dataset'] as { X: Numbers[] }
    const half = Math.floor(rows.length / 2)
    const inReference = input['reference'] === 'rows with even index' ? (i: number) => i % 2 === 0 : (i: number) => i < half
    const column = (feature: number, side: boolean): Numbers => rows.filter((_, i) => inReference(i) === side).map((row) => row[feature]!)
    return { features: rows[0]!.map((_, feature) => perFeature(column(feature, true), column(feature, false))) }
  },
}
