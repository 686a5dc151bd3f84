import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import { retentionDays, retentionKinds, type RetentionKind } from '../../../shared/domain/retention.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'

interface RetentionFlags {
  set: string[]
}

/** `muster telemetry retention` */
export function addRetentionCommand(telemetry: Command): void {
  telemetry
    .command('retention')
    .description('How much telemetry is stored and how many days each kind is kept; sums per day are kept for ever.')
    .option(
      '--set <kind=days>',
      `keep a kind so many days, or kind=usual; may be repeated. Kinds: ${retentionKinds.join(', ')}`,
      (value: string, before: string[]) => [...before, value],
      [],
    )
    .action((flags: RetentionFlags, command: Command) => retention(command, flags))
}

function retention(command: Command, { set }: RetentionFlags): Promise<void> {
  const days = Object.fromEntries(set.map(chosen))
  return withConsole(command, async ({ rpc }) => {
    const shown = set.length === 0 ? await rpc.call('telemetry.store', {}) : await rpc.call('telemetry.setRetention', { days })
    return { json: shown, text: () => printStore(shown) }
  })
}

function chosen(text: string): [RetentionKind, number | null] {
  const [name, value = ''] = text.split('=')
  const kind = retentionKinds.find((one) => one === name)
  if (kind === undefined) throw new Problem('usage', `--set: '${name ?? ''}' is none of ${retentionKinds.join(', ')}.`)
  if (value === 'usual') return [kind, null]
  const days = retentionDays.safeParse(/^\d+$/u.test(value) ? Number(value) : Number.NaN)
  if (!days.success) throw new Problem('usage', `--set: '${value}' is no number of days from 1 to 36500, nor usual.`)
  return [kind, days.data]
}

function printStore({ fileBytes, freeBytes, waiting, kinds }: OutputOf<'telemetry.store'>): void {
  printLine(`${fileBytes} bytes, ${freeBytes} of them free for what comes next`)
  printLine(
    `${waiting.windows} windows, ${waiting.distributions} distributions and ${waiting.hoursOfLabels} hours of labels wait to be summed up`,
  )
  printTable(
    ['kind', 'days', 'usual', 'rows', 'oldest', 'what'],
    kinds.map((one) => [
      ...[one.kind, one.days, one.usualDays, one.rows],
      ...[one.oldestAt === null ? null : new Date(one.oldestAt).toISOString(), one.what],
    ]),
  )
}
