import type { Command } from 'commander'
import { idOf } from './alert-flags.ts'
import { spanOf } from './monitor-flags.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

interface SilenceFlags {
  rule?: string
  query: string
  deployment?: string
  for: string
  reason: string
}

/** `muster alerts silence`, `unsilence`, `silences` */
export function addAlertSilenceCommands(alerts: Command): void {
  alerts
    .command('silence')
    .description('Keep alerts quiet for a time, also those that come later; they are kept and shown all the same.')
    .requiredOption('--for <time>', 'how long, such as 2h or 3d')
    .requiredOption('--reason <text>', 'why')
    .option('--rule <rule>', 'only of this rule')
    .option('-q, --query <query>', 'only of these devices', '')
    .option('--deployment <name>', 'only of this deployment')
    .action((flags: SilenceFlags, command: Command) => silence(command, flags))
  alerts
    .command('unsilence <silence>')
    .description('End a silence now.')
    .action((id: string, _: unknown, command: Command) =>
      withConsole(command, async ({ rpc }) => {
        const made = await rpc.call('alerts.unsilence', { silence: idOf('silence', id) })
        return { json: made, text: () => printLine(`Silence ${id} is over.`) }
      }),
    )
  alerts
    .command('silences')
    .description('List silences that are in force.')
    .action((_: unknown, command: Command) => list(command))
}

function silence(command: Command, flags: SilenceFlags): Promise<void> {
  const input = {
    ...{ rule: flags.rule ?? null, query: flags.query, deployment: flags.deployment ?? null },
    ...{ forMs: spanOf('--for', flags.for), reason: flags.reason },
  }
  return withConsole(command, async ({ rpc }) => {
    const made = await rpc.call('alerts.silence', input)
    const text = `Silence ${made.silence} until ${timeText(made.until)}; it keeps ${made.alerts} open alerts quiet.`
    return { json: made, text: () => printLine(text) }
  })
}

function list(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('alerts.silences', {})
    return {
      json: shown,
      text() {
        if (shown.silences.length === 0) printLine('Nothing is silenced.')
        else {
          printTable(
            ['silence', 'rule', 'devices', 'deployment', 'until', 'alerts', 'by', 'reason'],
            shown.silences.map((one) => [
              ...[one.silence, one.rule, one.query === '' ? 'all' : one.query, one.deployment],
              ...[timeText(one.until), one.alerts, one.by, one.reason],
            ]),
          )
        }
      },
    }
  })
}
