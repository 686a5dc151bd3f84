import { readFileSync } from 'node:fs'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { RpcClient } from '../../../shared/rpc/client.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import type { RolloutPlan } from '../../../shared/domain/rollout/plan.ts'
import { printLine } from './output.ts'

/** Most characters of a rollout file: what the console takes. */
const MOST = 200_000

type Findings = OutputOf<'rollouts.check'>['findings']

/** The text of a file, or of standard input for `-`. @throws Problem `usage`, `input.too-large` */
export function readPlanText(file: string): string {
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new Problem('usage', `${file === '-' ? 'Standard input' : file} cannot be read: ${messageOf(error)}`, {
      hint: '`muster rollouts init FILE` writes one.',
      cause: error,
    })
  }
  if (text.length > MOST) throw new Problem('input.too-large', `${file} has ${text.length} characters; a rollout file has at most ${MOST}.`)
  return text
}

/**
 * The plan of a file, with what the console says of it. What keeps it from being started does not keep it from being written down.
 * @throws Problem `rollout.invalid` with everything that cannot be read
 */
export async function planOfFile(rpc: RpcClient, file: string): Promise<{ plan: RolloutPlan; findings: Findings }> {
  const { plan, findings } = await rpc.call('rollouts.check', { text: readPlanText(file) })
  if (plan === null) throw invalid(file, findings)
  return { plan, findings }
}

/** The problem of a file with errors. */
function invalid(file: string, findings: Findings): Problem {
  const errors = findings.filter(({ severity }) => severity === 'error')
  const [first] = errors
  const more = errors.slice(1).map(({ message }) => `\n${message}`)
  return new Problem('rollout.invalid', `${file === '-' ? 'The plan' : file}: ${first?.message ?? 'it has errors.'}${more.join('')}`)
}

/** What a check found, errors first. */
export function printFindings(findings: Findings): void {
  for (const { severity, message } of findings) printLine(`${severity.padEnd(7)}  ${message}`)
}
