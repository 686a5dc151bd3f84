import type { Command } from 'commander'
import { rolloutDeviceStates } from '../../../shared/domain/rollout/life.ts'
import { oneOf } from './alert-flags.ts'
import { referenceOf } from './model-reference.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { rolloutOf, waveOf, wholeOf } from './rollout-words.ts'

/** `muster rollouts devices|explain|retry|penalties|lift-penalty` and `muster why` */
export function addRolloutDeviceCommands(rollouts: Command, program: Command): void {
  rollouts
    .command('devices <rollout>')
    .description('List the devices of a rollout, each with its one sentence.')
    .option('--state <states>', `only those that are, separated by commas: ${rolloutDeviceStates.join(', ')}`)
    .option('--wave <n>', 'only those of a wave; the first is 1')
    .option('-q, --query <query>', 'only these devices', '')
    .option('--offset <n>', 'from this one on', '0')
    .option('--limit <n>', 'so many at most', '100')
    .action((rollout: string, flags: DeviceFlags, command: Command) => devices(command, rolloutOf(rollout), flags))
  explainCommand(rollouts.command('explain <device> [deployment]'))
  explainCommand(program.command('why <device> [deployment]'))
  rollouts
    .command('retry <rollout>')
    .description('Offer the version once more to devices that failed, penalties included.')
    .option('-q, --query <query>', 'only to these devices', '')
    .action((rollout: string, flags: { query: string }, command: Command) => retry(command, rolloutOf(rollout), flags.query))
  rollouts
    .command('penalties')
    .description('List devices that wait after failing too often with a version.')
    .option('--model <name>', 'only of a model')
    .action((flags: { model?: string }, command: Command) => penalties(command, flags.model))
  rollouts
    .command('lift-penalty <device> <name@version>')
    .description('Lift the penalty of a device: it is offered the version again.')
    .option('--reason <text>', 'why; kept in the log', '')
    .action((device: string, reference: string, flags: { reason: string }, command: Command) =>
      lift(command, { device, ...referenceOf(reference), why: flags.reason }),
    )
}

interface DeviceFlags {
  state?: string
  wave?: string
  query: string
  offset: string
  limit: string
}

function devices(command: Command, rollout: number, flags: DeviceFlags): Promise<void> {
  const input = {
    ...{ rollout, query: flags.query, offset: wholeOf('--offset', flags.offset), limit: wholeOf('--limit', flags.limit) },
    ...(flags.state === undefined ? {} : { state: flags.state.split(',').map((one) => oneOf('--state', one.trim(), rolloutDeviceStates)) }),
    ...(flags.wave === undefined ? {} : { wave: waveOf(flags.wave) }),
  }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('rollouts.devices', input)
    return {
      json: shown,
      text() {
        printTable(
          ['device', 'status', 'wave', 'state', 'since', 'tries', 'active', 'why'],
          shown.devices.map((one) => [
            ...[one.device, one.status, one.wave + 1, one.state, timeText(one.since), one.attempts],
            ...[one.active === null ? null : `${one.active.model}@${one.active.version}`, one.why],
          ]),
        )
        const more = shown.total - input.offset - shown.devices.length
        if (more > 0) printLine(`… and ${more} more devices.`)
      },
    }
  })
}

function explainCommand(verb: Command): void {
  verb
    .description('Say why a device is where it is: the first true reason, the number that decides it, and what would change it.')
    .action((device: string, deployment: string | undefined, _: unknown, command: Command) => explain(command, device, deployment))
}

function explain(command: Command, device: string, deployment: string | undefined): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('rollouts.explain', { device, ...(deployment === undefined ? {} : { deployment }) })
    return {
      json: shown,
      text() {
        if (shown.explanations.length === 0) printLine(`${device} has no deployment, and no rollout has it.`)
        for (const one of shown.explanations) {
          printLine(one.sentence)
          if (one.change !== null) printLine(`  What would change it: ${one.change}`)
        }
      },
    }
  })
}

function retry(command: Command, rollout: number, query: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const done = await rpc.call('rollouts.retry', { rollout, query })
    return { json: done, text: () => printLine(done.sentence) }
  })
}

function penalties(command: Command, model: string | undefined): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('rollouts.penalties', model === undefined ? {} : { model })
    return {
      json: shown,
      text() {
        if (shown.penalties.length === 0) printLine('No device waits.')
        else {
          printTable(
            ['device', 'version', 'failures', 'until', 'problem'],
            shown.penalties.map((one) => [
              ...[one.device, `${one.model}@${one.version}`, one.failures, timeText(one.until)],
              one.problem === null ? null : `${one.problem.message} (${one.problem.code})`,
            ]),
          )
        }
      },
    }
  })
}

function lift(command: Command, input: { device: string; model: string; version: string; why: string }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const done = await rpc.call('rollouts.liftPenalty', input)
    const text = done.isChanged ? `${done.device} does not wait any more.` : `${done.device} has no penalty. Nothing changed.`
    return { json: done, text: () => printLine(text) }
  })
}
