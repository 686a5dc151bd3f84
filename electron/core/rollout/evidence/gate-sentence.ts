import type { GateEvidence, MetricEvidence } from '../../../../shared/rpc/contract/gate-evidence.ts'
import { verdictOf } from './judge-metrics.ts'
import { counted, percent } from './figures.ts'

/** The verdict of all metrics in words: what decides it, and what the number of devices can show. */
export function gateSentence(metrics: readonly MetricEvidence[], incumbent: string, bound: GateEvidence['sizeBound']): string {
  return `${verdictSentence(metrics, incumbent)} ${boundSentence(bound)}`
}

function verdictSentence(metrics: readonly MetricEvidence[], incumbent: string): string {
  const verdict = verdictOf(metrics)
  const required = metrics.filter(({ role }) => role === 'required')
  if (verdict === 'fail') {
    const failed = metrics.filter((one) => one.verdict === 'fail')
    return `Fail, worse than ${incumbent}. ${failed.map(({ sentence }) => sentence).join(' ')}`
  }
  if (verdict === 'pass') {
    const passed = metrics.filter((one) => one.verdict === 'pass').map(({ metric }) => metric)
    return `Pass: not worse than ${incumbent} by more than is accepted in ${listed(passed)}.`
  }
  if (metrics.length === 0) return 'Not enough evidence: every metric is off.'
  const open = (required.length === 0 ? metrics : required).filter((one) => one.verdict !== 'pass')
  return `Not enough evidence against ${incumbent}. ${open.map(({ sentence }) => sentence).join(' ')}`
}

function boundSentence({ failures, devices, high }: GateEvidence['sizeBound']): string {
  if (devices === 0) return 'No device has committed it or failed yet.'
  const failed = failures === 0 ? 'No failure' : failures === 1 ? '1 failure' : `${counted(failures)} failures`
  return `${failed} in ${counted(devices)} ${devices === 1 ? 'device bounds' : 'devices bound'} the failure rate at ${percent(high)} (95 %).`
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`
}
