import type { Policy } from '../domain/pipeline.ts'

/** Findings of the validation: values by `<stage>.<cause>.<policy>`. Also filled where the request is then refused. */
export type Findings = Map<string, number>

/** What the validation of a pipeline finds, by stage. */
export type Cause =
  | `input.${'missing' | 'not-finite' | 'type'}`
  | `feature.${'not-finite' | 'out-of-range' | 'unseen-category' | 'out-of-domain'}`
  | `output.${'not-finite' | 'range' | 'sum-to-one' | 'unknown-label'}`

/** Counts a finding. */
export function countFinding(findings: Findings, cause: Cause, policy: Policy): void {
  const key = `${cause}.${policy}`
  findings.set(key, (findings.get(key) ?? 0) + 1)
}
