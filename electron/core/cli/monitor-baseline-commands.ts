import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import { bundleSliceOf, withSlice, type SliceFlags } from './monitor-flags.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'
import { timeOf } from './time-flag.ts'

/** `muster monitor references`, `baseline` */
export function addMonitorBaselineCommands(monitor: Command): void {
  withSlice(monitor.command('references <deployment> <model>'))
    .description('What NAME@VERSION can be compared with, and what is missing for the others.')
    .action((deployment: string, model: string, flags: SliceFlags, command: Command) => references(command, { deployment, model, flags }))
  monitor
    .command('baseline <device> <deployment>')
    .description('Make a healthy period the baseline of a device, or forget it, so that the next healthy windows make another.')
    .option('--from <time>', 'begin of the period: ISO time, or 15m, 24h, 7d')
    .option('--through <time>', 'its end')
    .option('--forget', 'forget the baseline')
    .action((device: string, deployment: string, flags: BaselineFlags, command: Command) =>
      baseline(command, { device, deployment, flags }),
    )
}

function references(command: Command, of: { deployment: string; model: string; flags: SliceFlags }): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('monitoring.references', bundleSliceOf(of.flags, of.deployment, of.model))
    return {
      json: shown,
      text: () =>
        printTable(
          ['kind', 'state', 'name', 'rows', 'why'],
          shown.references.map(({ kind, state, name, rows, why }) => [kind, state, name, rows, why]),
        ),
    }
  })
}

interface BaselineFlags {
  from?: string
  through?: string
  forget?: boolean
}

function baseline(command: Command, of: { device: string; deployment: string; flags: BaselineFlags }): Promise<void> {
  const { device, deployment, flags } = of
  const isPeriod = flags.from !== undefined && flags.through !== undefined
  if (isPeriod === (flags.forget === true)) throw new Problem('usage', 'Give --from and --through, or --forget.')
  const period = isPeriod
    ? { from: timeOf('--from', flags.from!), through: timeOf('--through', flags.through!) }
    : { from: null, through: null }
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('monitoring.setBaseline', { device, deployment, ...period })
    const { name, why } = shown.reference
    return { json: shown, text: () => printLine(isPeriod ? `The baseline is ${name}.` : `The baseline is forgotten. ${why ?? ''}`) }
  })
}
