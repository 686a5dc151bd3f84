import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { designEffect } from '../../../../shared/stats/canary/design-effect.ts'
import { proportionBounds } from '../../../../shared/stats/canary/proportion-bounds.ts'
import type { Look, MetricRule } from './evidence-parts.ts'
import { counted, percent } from './figures.ts'
import { noteOf } from './note.ts'
import { noArm } from './rate-evidence.ts'

const METHOD = 'exact bounds of a share that hold at all times (Robbins 1970), rows of devices weighed by their clusters'
/** Further than a thousand times of what there is, or than this many rows where there are few, tells nobody anything. */
const FURTHEST = 1000
const FURTHEST_ROWS = 10_000_000

/** Rows for which the shadow says what the active bundle says, against one less the margin. */
export function agreementEvidenceOf(look: Look, rule: MetricRule): MetricEvidence {
  const { shadows } = look
  const compared = shadows.reduce((sum, { sums }) => sum + sums.compared, 0)
  const agreed = shadows.reduce((sum, { sums }) => sum + sums.agreed, 0)
  const base = {
    metric: rule.metric,
    role: rule.role,
    incumbent: noArm,
    margin: rule.margin,
    alpha: rule.alpha,
    eValue: null,
    method: METHOD,
  }
  if (compared === 0) {
    const sentence =
      look.question.method === 'shadow'
        ? 'Agreement: the shadow has compared no row yet.'
        : 'Agreement: only a shadow can be compared row by row.'
    return { ...base, verdict: 'not enough evidence', sentence, candidate: noArm, difference: null, low: null, high: null, needs: null }
  }
  const effect = designEffect(
    shadows.map(({ device, sums }) => ({ device, trials: sums.compared, events: sums.agreed })),
    { areTotals: true },
  )
  const [least, share] = [1 - rule.margin, agreed / compared]
  const bounds = (times: number) => proportionBounds((agreed * times) / effect, (compared * times) / effect, rule.alpha)!
  const { low, high } = bounds(1)
  const isPass = low > least && compared >= rule.leastRequests
  const verdict = isPass ? 'pass' : high < least ? 'fail' : 'not enough evidence'
  const needs =
    verdict === 'not enough evidence'
      ? needsOf({ compared, least, leastRows: rule.leastRequests, share }, (times) => bounds(times).low)
      : null
  const said = `Agreement: ${percent(share)} of ${counted(compared)} rows (${percent(low)} to ${percent(high)}), at least ${percent(least)} is asked`
  const more =
    verdict !== 'not enough evidence'
      ? ''
      : needs === null
        ? '; at this share no number of rows makes it pass'
        : `; it takes about ${counted(needs)} more rows`
  const note = noteOf(look)
  return {
    ...base,
    ...{ verdict, sentence: `${said}${more}${note === '' ? '' : `; ${note}`}.`, needs },
    candidate: { n: compared, events: agreed, value: share, low, high },
    // The incumbent agrees with itself.
    incumbent: { ...noArm, value: 1 },
    ...{ difference: share - 1, low: low - 1, high: high - 1 },
  }
}

function needsOf(
  { compared, least, leastRows, share }: { compared: number; least: number; leastRows: number; share: number },
  lowAt: (times: number) => number,
): number | null {
  const atLeast = leastRows / compared
  const furthest = Math.max(FURTHEST, atLeast, FURTHEST_ROWS / compared)
  if (share <= least || lowAt(furthest) <= least) return null
  let [short, enough] = [Math.max(1, atLeast), furthest]
  if (lowAt(short) > least) enough = short
  while (enough / short > 1.01) {
    const middle = Math.sqrt(short * enough)
    if (lowAt(middle) > least) enough = middle
    else short = middle
  }
  return Math.max(1, Math.ceil(compared * (enough - 1)))
}
