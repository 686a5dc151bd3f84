import type { ResultOf } from '../../../../shared/rpc/contract.ts'

/** What a check says of a plan. */
export type Finding = ResultOf<'rollouts.check'>['findings'][number]

/** Makes a finding; long texts are cut to what the contract takes. */
export function finding(severity: Finding['severity'], code: string, path: string, message: string): Finding {
  return { severity, code, path: path.slice(0, 200), message: message.length > 1000 ? `${message.slice(0, 999)}…` : message }
}
