import type { MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { distributionShift } from '../../../../shared/stats/canary/distribution-shift.ts'
import { countsAt } from './counts.ts'
import type { Look, MetricRule } from './evidence-parts.ts'
import { counted, figure } from './figures.ts'
import { noteOf } from './note.ts'
import { isMostlyNamed, saidBy, type Said } from './outcome-counts.ts'
import { noArm } from './rate-evidence.ts'
import { saidInPairs } from './shadow-outcomes.ts'

const METHOD = 'PSI less its bias, with its chi-square evidence (Yurdakul 2018); alpha is spent over the doublings of the data'

/** How far what the version says is from what the incumbent says at the same time. */
export function outcomeEvidenceOf(look: Look, rule: MetricRule): MetricEvidence {
  const windows = countsAt(look).filter(({ candidate, incumbent }) => candidate.length > 0 && incumbent.length > 0)
  const said =
    look.shadows.length > 0 && windows.length === 0
      ? saidInPairs(look)
      : saidBy(
          windows.flatMap(({ candidate }) => candidate),
          windows.flatMap(({ incumbent }) => incumbent),
        )
  const base = { metric: rule.metric, role: rule.role, margin: rule.margin, alpha: rule.alpha, method: METHOD, eValue: null, needs: null }
  const names = said === null ? [] : [...new Set([...said.candidate.bins.keys(), ...said.incumbent.bins.keys()])]
  const counts = (side: Said): number[] => names.map((name) => side.bins.get(name) ?? 0)
  const shift =
    said === null || said.candidate.values === 0 || said.incumbent.values === 0
      ? null
      : distributionShift(
          {
            ...{ baseline: counts(said.incumbent), canary: counts(said.candidate) },
            effective: { baseline: said.incumbent.effective, canary: said.candidate.effective },
          },
          { alpha: rule.alpha, margin: rule.margin, leastValues: rule.leastRequests },
        )
  if (said === null || shift === null || shift.value === null) {
    const sentence = 'Outcomes: nothing that both said at the same time was counted in the same bins.'
    const nothing = { candidate: noArm, incumbent: noArm, difference: null, low: null, high: null }
    return { ...base, ...nothing, verdict: 'not enough evidence', sentence }
  }
  const note = noteOf(look)
  const isNamed = isMostlyNamed(said.candidate) && isMostlyNamed(said.incumbent)
  const verdict = shift.state === 'inconclusive' || (shift.state === 'pass' && !isNamed) ? 'not enough evidence' : shift.state
  const begin = `Outcomes: PSI ${figure(shift.value)} between ${counted(said.candidate.values)} and ${counted(said.incumbent.values)} of the incumbent`
  const end = {
    pass: `at most ${figure(shift.high!)}, and ${figure(rule.margin)} is accepted`,
    fail: `${figure(rule.margin)} is accepted, and chance alone makes that in one of ${figure(1 / Math.max(shift.p!, 1e-300))} looks`,
    'not enough evidence': `it may be up to ${figure(shift.high!)}, and ${figure(rule.margin)} is accepted`,
  }[verdict]
  const unnamed = isNamed ? '' : '; less than half of it are classes that both count by name'
  return {
    ...base,
    ...{ verdict, sentence: `${begin}; ${end}${unnamed}${note === '' ? '' : `; ${note}`}.` },
    candidate: { ...noArm, n: said.candidate.values, value: shift.value, low: shift.low, high: shift.high },
    incumbent: { ...noArm, n: said.incumbent.values, value: 0 },
    ...{ difference: shift.value, low: shift.low, high: shift.high },
  }
}
