import type { Command } from 'commander'
import { rolloutStates } from '../../../shared/domain/rollout/life.ts'
import { oneOf } from './alert-flags.ts'
import { withConsole } from './program.ts'
import { addRolloutActCommands } from './rollout-act-commands.ts'
import { addRolloutDeviceCommands } from './rollout-device-commands.ts'
import { addRolloutFileCommands } from './rollout-file-commands.ts'
import { addRolloutLogCommands } from './rollout-log-commands.ts'
import { addRolloutWatchCommand } from './rollout-watch-command.ts'
import { printRollout, printRollouts, rolloutOf, wholeOf } from './rollout-words.ts'

/** `muster rollouts …` and `muster why` */
export function addRolloutCommands(program: Command): void {
  const rollouts = program
    .command('rollouts')
    .description('Rollouts: releases that prove themselves wave by wave.')
    .addHelpText(
      'after',
      `
In a pipeline:
  muster rollouts check release.yaml
  muster rollouts plan release.yaml
  muster --json rollouts start --file release.yaml --watch --timeout 7200

A file:  muster rollouts init release.yaml`,
    )
  rollouts
    .command('list')
    .description('List rollouts, the newest first.')
    .option('--state <states>', `only those that are, separated by commas: ${rolloutStates.join(', ')}`)
    .option('--deployment <name>', 'only those to a deployment')
    .option('--model <name>', 'only those of a model')
    .option('--comparisons', 'only A/B and shadow tests')
    .option('--before <rollout>', 'only older ones than this')
    .option('--limit <n>', 'so many at most', '50')
    .action((flags: ListFlags, command: Command) => list(command, flags))
  rollouts
    .command('show <rollout>')
    .description('Show a rollout: waves, gates and the evidence beside them, cost, and what may be done.')
    .action((rollout: string, _: unknown, command: Command) => show(command, rolloutOf(rollout)))
  addRolloutFileCommands(rollouts)
  addRolloutActCommands(rollouts)
  addRolloutWatchCommand(rollouts)
  addRolloutDeviceCommands(rollouts, program)
  addRolloutLogCommands(rollouts)
}

interface ListFlags {
  state?: string
  deployment?: string
  model?: string
  comparisons?: boolean
  before?: string
  limit: string
}

function list(command: Command, flags: ListFlags): Promise<void> {
  const input = {
    limit: wholeOf('--limit', flags.limit),
    ...(flags.state === undefined ? {} : { state: flags.state.split(',').map((one) => oneOf('--state', one.trim(), rolloutStates)) }),
    ...(flags.deployment === undefined ? {} : { deployment: flags.deployment }),
    ...(flags.model === undefined ? {} : { model: flags.model }),
    ...(flags.comparisons === true ? { isComparison: true } : {}),
    ...(flags.before === undefined ? {} : { before: rolloutOf(flags.before) }),
  }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('rollouts.list', input)
    return { json: shown, text: () => printRollouts(shown) }
  })
}

function show(command: Command, rollout: number): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('rollouts.show', { rollout })
    return { json: shown, text: () => printRollout(shown) }
  })
}
