import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import { versionStages } from '../../../shared/domain/version-stage.ts'
import type { Standing } from '../../../shared/rpc/contract/approvals.ts'
import { addPolicyCommand } from './approval-policy-command.ts'
import { referenceOf } from './model-reference.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

/** `muster models approve`, `withdraw`, `gates`, `approvals`, `policy` */
export function addApprovalCommands(models: Command): void {
  models
    .command('approve <name@version>')
    .description('Approve a version, so that it may be released. You are who --person, MUSTER_AS or the account says.')
    .option('--why <text>', 'why; it stays with the decision', '')
    .option('--despite-gates', 'although a gate is not passed, or nothing was measured')
    .action((reference: string, flags: { why: string; despiteGates?: boolean }, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const of = { ...referenceOf(reference), why: flags.why, isDespiteGates: flags.despiteGates === true }
        const done = await rpc.call('approvals.approve', of)
        return { json: done, text: () => printLine(actedWords(done, 'approved')) }
      }),
    )
  models
    .command('withdraw <name@version>')
    .description('Withdraw a version: it is not released any more. Devices that have it keep it.')
    .option('--why <text>', 'why; it stays with the decision', '')
    .action((reference: string, flags: { why: string }, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const done = await rpc.call('approvals.withdraw', { ...referenceOf(reference), why: flags.why })
        return { json: done, text: () => printLine(actedWords(done, 'withdrawn')) }
      }),
    )
  models
    .command('gates <name@version>')
    .description('Show the stage of a version, how it meets the gates of the policy, and who decided what.')
    .option('--check', 'exit 5 unless every gate is passed')
    .action((reference: string, flags: { check?: boolean }, command: Command) => showGates(command, reference, flags.check === true))
  models
    .command('approvals [model]')
    .description('List versions that wait for a decision, and what was decided of late.')
    .option('--stage <stage>', `only ${versionStages.join(', ')}`)
    .action((model: string | undefined, flags: { stage?: string }, command: Command) => listApprovals(command, model, flags.stage))
  addPolicyCommand(models)
}

function actedWords({ model, version, isChanged, sentence }: Standing & { isChanged: boolean }, done: string): string {
  return isChanged ? `${model}@${version} is ${done}. ${sentence}` : `Nothing changes: ${model}@${version} is ${done} already.`
}

function showGates(command: Command, reference: string, isChecked: boolean): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('approvals.show', referenceOf(reference))
    const open = shown.gates.filter(({ state }) => state !== 'pass')
    if (isChecked && open.length > 0)
      throw new Problem('approval.gate-failed', `${shown.model}@${shown.version}: ${open.map(({ sentence }) => sentence).join(' ')}`)
    return { json: shown, text: () => printStanding(shown) }
  })
}

function printStanding(shown: Standing): void {
  printLine(`${shown.model}@${shown.version}  ${shown.stage}`)
  printLine(`  ${shown.sentence}`)
  if (shown.missing !== null) printLine(`  ${shown.missing}`)
  if (shown.gates.length === 0) printLine('  The policy has no gates.')
  for (const { gate, state, sentence } of shown.gates)
    printLine(`  ${state.padEnd(19)} ${gate.metric} ${gate.kind} ${gate.value}: ${sentence}`)
  for (const one of shown.decisions) {
    const despite = one.isDespiteGates ? ', despite the gates' : ''
    printLine(`  ${timeText(one.at)} ${one.by}: ${one.act}, ${one.from} to ${one.to}${despite}${one.why === '' ? '' : `: ${one.why}`}`)
  }
}

function listApprovals(command: Command, model: string | undefined, text: string | undefined): Promise<void> {
  const stage = versionStages.find((one) => one === text)
  if (text !== undefined && stage === undefined) throw new Problem('usage', `--stage: '${text}' is none of ${versionStages.join(', ')}.`)
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('approvals.list', {
      ...(model === undefined ? {} : { model }),
      ...(stage === undefined ? {} : { stage }),
    })
    return {
      json: shown,
      text() {
        if (shown.versions.length === 0) printLine('No version is there.')
        else
          printTable(
            ['version', 'stage', 'since', 'imported by', 'gates passed', 'next'],
            shown.versions.map((one) => [
              ...[`${one.model}@${one.version}`, one.stage, timeText(one.since), one.importedBy],
              `${one.gates.filter(({ state }) => state === 'pass').length} of ${one.gates.length}`,
              one.missing ?? (one.canApprove ? 'may be released as it is' : 'nothing'),
            ]),
          )
      },
    }
  })
}
