import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import {
  defaultSequenceRule,
  meanSequence,
  type ArmMean,
  type SequenceEstimate,
} from '../../../../shared/stats/canary/confidence-sequence.ts'
import type { RegressionSums } from '../../../../shared/stats/regression.ts'
import type { Look, MetricRule } from './evidence-parts.ts'
import { counted, figure, percent } from './figures.ts'
import { mergedLabels, type LabelCell, type LabelWindow } from './labels.ts'
import { noteOf } from './note.ts'
import { noArm } from './rate-evidence.ts'

const METHOD = 'confidence sequence of the difference of mean absolute errors (Waudby-Smith et al., arXiv 2103.06476)'
/** The sequence is a bound for large samples. */
const LEAST_ROWS = 30

/** Mean absolute error against that of the incumbent: it may grow by the margin, a share of the incumbent's. */
export function regressionEvidenceOf(look: Look, rule: MetricRule, windows: readonly LabelWindow[]): MetricEvidence {
  const used = windows.filter(({ candidate, incumbent }) => rowsOf(candidate) > 0 && rowsOf(incumbent) > 0)
  const candidate = meanOf(used.flatMap((window) => window.candidate))
  const incumbent = meanOf(used.flatMap((window) => window.incumbent))
  const arms = { candidate: armOf(candidate), incumbent: armOf(incumbent) }
  const base = { metric: rule.metric, role: rule.role, alpha: rule.alpha, eValue: null, method: METHOD }
  const estimate =
    candidate === null || incumbent === null ? null : meanSequence(incumbent, candidate, { ...defaultSequenceRule, alpha: rule.alpha })
  if (candidate === null || incumbent === null || estimate === null) {
    const nothing = { difference: null, low: null, high: null, needs: null, margin: rule.margin }
    return {
      ...base,
      ...arms,
      ...nothing,
      verdict: 'not enough evidence',
      sentence: 'Accuracy: too few labelled rows on both sides at the same time.',
    }
  }
  const margin = rule.margin * incumbent.mean
  const { verdict, low, high } = judge(estimate, { candidate, incumbent, margin, leastRows: rule.leastRequests })
  const note = noteOf(look)
  const begin = `Mean absolute error: ${figure(candidate.mean)} over ${counted(candidate.n)} labels against ${figure(incumbent.mean)} over ${counted(incumbent.n)}`
  const sentence = `${begin}; the difference is ${figure(low)} to ${figure(high)}, and ${figure(margin)} (${percent(rule.margin)}) is accepted${note === '' ? '' : `; ${note}`}.`
  return { ...base, ...arms, verdict, sentence, difference: estimate.difference, low, high, margin, needs: null }
}

function judge(
  { difference, halfWidth }: SequenceEstimate,
  of: { candidate: ArmMean; incumbent: ArmMean; margin: number; leastRows: number },
): { verdict: MetricEvidence['verdict']; low: number; high: number } {
  const [low, high, rows] = [difference - halfWidth, difference + halfWidth, Math.min(of.candidate.n, of.incumbent.n)]
  if (rows >= of.leastRows && (high < of.margin || high === 0)) return { verdict: 'pass', low, high }
  if (rows >= LEAST_ROWS && low > 0 && difference > of.margin) return { verdict: 'fail', low, high }
  return { verdict: 'not enough evidence', low, high }
}

function rowsOf(cells: readonly LabelCell[]): number {
  return cells.reduce((sum, { state }) => sum + state.regression.rows, 0)
}

/** Mean and variance of the absolute errors, from their sums. */
function meanOf(cells: readonly LabelCell[]): ArmMean | null {
  const sums: RegressionSums | undefined = mergedLabels(cells)?.regression
  if (sums === undefined || sums.rows < 2) return null
  const mean = sums.absolute / sums.rows
  const variance = (Math.max(0, sums.squared / sums.rows - mean * mean) * sums.rows) / (sums.rows - 1)
  return Number.isFinite(mean) && Number.isFinite(variance) ? { n: sums.rows, mean, variance } : null
}

const Z = 1.959963984540054

function armOf(of: ArmMean | null): MetricEvidence['candidate'] {
  if (of === null) return noArm
  const half = Z * Math.sqrt(of.variance / of.n)
  return { n: of.n, events: null, value: of.mean, low: Math.max(0, of.mean - half), high: of.mean + half }
}
