import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import { offlineGate, type ApprovalPolicy, type OfflineGate } from '../../../shared/rpc/contract/approvals.ts'
import { printLine } from './output.ts'
import { withConsole } from './program.ts'

interface Flags {
  required?: string
  secondPerson?: string
  rollouts?: string
  gate?: string[]
  gates?: boolean
}

/** `muster models policy` */
export function addPolicyCommand(models: Command): void {
  models
    .command('policy')
    .description('Show what approval needs, or change it with the flags below.')
    .option('--required <yes|no>', 'only approved versions are released')
    .option('--second-person <yes|no>', 'who imported a version, or wrote a rollout, does not approve it')
    .option('--rollouts <yes|no>', 'each rollout is approved besides its version')
    .option('--gate <gate...>', 'gates that take the place of those there are, such as "accuracy at-least 0.9", "accuracy not-worse 0.02"')
    .option('--no-gates', 'take every gate away')
    .action((flags: Flags, command: Command) => policy(command, flags))
}

function policy(command: Command, flags: Flags): Promise<void> {
  const change = changeOf(flags)
  return withConsole(command, async ({ rpc }) => {
    const before = await rpc.call('approvals.policy', {})
    const shown = Object.keys(change).length === 0 ? before : await rpc.call('approvals.setPolicy', { ...before, ...change })
    return { json: shown, text: () => printPolicy(shown) }
  })
}

function changeOf(flags: Flags): Partial<ApprovalPolicy> {
  const gates = flags.gates === false ? [] : flags.gate?.map(gateOf)
  return {
    ...(flags.required === undefined ? {} : { isRequired: yesOrNo('--required', flags.required) }),
    ...(flags.secondPerson === undefined ? {} : { needsSecondPerson: yesOrNo('--second-person', flags.secondPerson) }),
    ...(flags.rollouts === undefined ? {} : { rolloutsNeedApproval: yesOrNo('--rollouts', flags.rollouts) }),
    ...(gates === undefined ? {} : { gates }),
  }
}

function yesOrNo(name: string, text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes'
  throw new Problem('usage', `${name}: '${text}' is neither yes nor no.`)
}

function gateOf(text: string): OfflineGate {
  const [metric, kind, value, ...rest] = text.trim().split(/\s+/)
  const parsed = offlineGate.safeParse({ metric, kind, value: value === undefined ? undefined : Number(value) })
  if (parsed.success && rest.length === 0) return parsed.data
  throw new Problem(
    'usage',
    `--gate: '${text}' is no gate. Write METRIC at-least NUMBER, METRIC at-most NUMBER or METRIC not-worse NUMBER.`,
  )
}

function printPolicy(shown: ApprovalPolicy): void {
  const word = (is: boolean): string => (is ? 'yes' : 'no')
  printLine(`approval is required to release   ${word(shown.isRequired)}`)
  printLine(`by a second person                ${word(shown.needsSecondPerson)}`)
  printLine(`rollouts need approval            ${word(shown.rolloutsNeedApproval)}`)
  if (shown.gates.length === 0) printLine('gates                             none')
  for (const { metric, kind, value } of shown.gates) printLine(`gate                              ${metric} ${kind} ${value}`)
}
