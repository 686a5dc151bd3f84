import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { awaitJob } from './jobs.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'

/** `muster sample …` */
export function addSampleCommands(program: Command): void {
  const sample = program
    .command('sample')
    .description('The sample fleet: local agents with sample models and real rows, for trying Muster.')
  sample
    .command('start')
    .description('Import the sample models, enrol five local agents, deploy to them and send them rows. What exists already is kept.')
    .action((_: unknown, command: Command) => start(command))
  sample
    .command('status')
    .description('State of the sample fleet.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const shown = await rpc.call('sampleFleet.show', {})
        return { json: shown, text: () => printSample(shown) }
      }),
    )
  sample
    .command('stop')
    .description('Stop the agents and the rows; the devices stay enrolled.')
    .action((_: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const stopped = await rpc.call('sampleFleet.stop', {})
        return { json: stopped, text: () => printLine(`The sample fleet is ${stopped.state === 'none' ? 'not there' : stopped.state}.`) }
      }),
    )
  sample
    .command('remove')
    .description('Stop the sample fleet, take its devices out of the fleet and delete their folders. Models and telemetry stay.')
    .option('--yes', 'without asking')
    .action((flags: { yes?: boolean }, command: Command) => remove(command, flags.yes === true))
}

function start(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const { job } = await rpc.call('sampleFleet.start', {})
    await awaitJob(rpc, job, 'start the sample fleet')
    const shown = await rpc.call('sampleFleet.show', {})
    return { json: shown, text: () => printSample(shown) }
  })
}

function remove(command: Command, isSure: boolean): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    if (!isSure) {
      const { removal } = await rpc.call('sampleFleet.show', {})
      throw new Problem('usage', removal, { hint: 'Add --yes to do it.' })
    }
    const removed = await rpc.call('sampleFleet.remove', {})
    return { json: removed, text: () => printLine(`Taken out of the fleet: ${removed.devices.join(', ') || 'nothing'}.`) }
  })
}

function printSample(shown: OutputOf<'sampleFleet.show'>): void {
  printLine(`Sample fleet: ${shown.state}`)
  if (shown.problem !== null) printLine(`  attention ${shown.problem.message}`)
  if (shown.load !== null)
    printLine(
      `  rows      ${shown.load.requestsPerSecond.toFixed(1)} answered per second, ${shown.load.answered} in all, ${shown.load.failed} failed`,
    )
  printTable(
    ['agent', 'state', 'pid', 'address', 'restarts', 'problem'],
    shown.agents.map((one) => [one.device, one.state, one.pid, one.url, one.restarts, one.problem]),
  )
}
