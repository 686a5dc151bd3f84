import type { Verdict } from '../../../shared/domain/rollout/judge.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { GateEvidence } from '../../../shared/rpc/contract/gate-evidence.ts'
import type { EvidenceQuestion, EvidenceReader } from './evidence/evidence.ts'

/** What a comparison is asked of, beside the evidence. */
export interface ComparisonOf {
  /** Null: the version is on no device yet. */
  question: EvidenceQuestion | null
  /** The version, for people: digits 1.1.0. */
  version: string
  /** What a person decided already; null: nothing. */
  decided: 'promote' | 'discard' | null
}

/** The answer of `rollouts.comparison`: both sides with their intervals, whether that is enough, and what to do. */
export function comparisonOf(evidence: EvidenceReader, { question, version, decided }: ComparisonOf): ResultOf<'rollouts.comparison'> {
  if (question === null) {
    const nothing = { evidence: null, series: [], latency: { candidate: null, incumbent: null }, pairs: [] }
    return { ...nothing, isEnough: false, advice: `Wait: ${version} is on no device yet.` }
  }
  const compared = evidence.compare(question)
  const verdict = compared.evidence?.verdict ?? 'not enough evidence'
  return { ...compared, isEnough: verdict !== 'not enough evidence', advice: adviceOf(compared.evidence, { verdict, version, decided }) }
}

function adviceOf(evidence: GateEvidence | null, of: { verdict: Verdict; version: string; decided: ComparisonOf['decided'] }): string {
  const { verdict, version, decided } = of
  if (decided !== null) return `Decided: ${version} was ${decided === 'promote' ? 'promoted' : 'discarded'}.`
  const named = (wanted: Verdict): string[] => (evidence?.metrics ?? []).filter((one) => one.verdict === wanted).map(({ metric }) => metric)
  if (verdict === 'pass') return `Promote ${version}: it is not worse in ${named('pass').join(', ')} by more than is accepted.`
  if (verdict === 'fail') return `Discard ${version}: it is worse in ${named('fail').join(', ')}, beyond chance.`
  return waitFor(evidence, version)
}

function waitFor(evidence: GateEvidence | null, version: string): string {
  const metrics = evidence?.metrics ?? []
  const required = metrics.filter(({ role }) => role === 'required')
  const open = (required.length === 0 ? metrics : required).filter(({ verdict }) => verdict !== 'pass')
  if (open.length === 0) return `Wait: no metric of ${version} is looked at.`
  const missing = open.map(({ metric, needs }) => (needs === null ? metric : `${metric} (about ${needs.toLocaleString('en-GB')} more)`))
  return `Wait: there is not enough evidence yet of ${missing.join(', ')}.`
}
