import { Option, type Command } from 'commander'
import { costsCsv } from '../../../shared/domain/cost-csv.ts'
import { amountText, moneyText } from '../../../shared/domain/money.ts'
import { Problem } from '../../../shared/domain/problem.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'
import { timeOf } from './time-flag.ts'

type Report = OutputOf<'costs.report'>
type By = NonNullable<InputOf<'costs.report'>['by']>

interface ReportFlags {
  since: string
  until?: string
  query: string
  by: By
  limit: string
  csv?: boolean
}

const keys: By[] = ['device', 'cause', 'link', 'site', 'day', 'rollout']

const help = `
Money is bytes x the price of the link, hours of CPU, and gigabytes that lay on disks, from the ledgers of devices, in whole days (UTC), at the prices
of now. A rollout has the bytes of bundles that its devices received while they were on their way in it.

Examples:
  muster costs report --since 30d --by link
  muster costs report --since 2026-01-01T00:00:00Z --until 2026-02-01T00:00:00Z --by device --csv > january.csv`

/** `muster costs report` */
export function addCostReportCommand(costs: Command): void {
  costs
    .command('report')
    .description('What a period cost, by transfer, computing and storage.')
    .addOption(new Option('--by <key>', 'a row for each').choices(keys).default('device'))
    .option('-q, --query <query>', 'of the devices that a query selects; default: all, also those that have left the fleet', '')
    .option('--since <time>', 'from this time on: ISO time, or 24h, 30d', '30d')
    .option('--until <time>', 'up to this time; default: now')
    .option('--limit <n>', 'rows that are listed, those that cost most first', '100')
    .option('--csv', 'rows as CSV')
    .addHelpText('after', help)
    .action((flags: ReportFlags, command: Command) => report(command, flags))
}

function report(command: Command, flags: ReportFlags): Promise<void> {
  const limit = Number(flags.limit)
  if (!Number.isInteger(limit) || limit < 1) throw new Problem('usage', `--limit: '${flags.limit}' is no number of rows.`)
  const through = flags.until === undefined ? Date.now() : timeOf('--until', flags.until)
  const { by, query } = flags
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('costs.report', { from: timeOf('--since', flags.since), through, query, by, limit })
    return {
      json: shown,
      text: () => (flags.csv === true ? void process.stdout.write(costsCsv(by, shown.currency, shown.rows)) : printReport(by, shown)),
    }
  })
}

function printReport(by: By, { currency, total, rows, totalRows, perThousandInferences, ...shown }: Report): void {
  printLine(`${timeText(shown.from)} to ${timeText(shown.through)}: ${moneyText(total.total, currency)}`)
  printLine(
    `Transfer ${moneyText(total.transfer, currency)}, computing ${moneyText(total.compute, currency)}, storage ${moneyText(total.storage, currency)}`,
  )
  printLine(
    perThousandInferences === null
      ? 'No inferences: what one costs is not known.'
      : `${total.inferences} inferences; 1,000 of them cost ${moneyText(perThousandInferences, currency)}`,
  )
  if (rows.length === 0) printLine('No use was reported in this time.')
  else
    printTable(
      [by, 'devices', 'transfer', 'computing', 'storage', `total ${currency}`, 'share', 'received', 'sent', 'CPU s', 'inferences'],
      rows.map((row) => [
        ...[row.key === '' ? `no ${by}` : row.key, row.devices, ...[row.transfer, row.compute, row.storage, row.total].map(amountText)],
        total.total === 0 ? null : `${((100 * row.total) / total.total).toFixed(1)} %`,
        ...[row.bytesIn, row.bytesOut, Number(row.cpuSeconds.toFixed(1)), row.inferences],
      ]),
    )
  if (totalRows > rows.length) printLine(`… and ${totalRows - rows.length} more; --limit lists them`)
  const budget = budgetText(shown.budget, currency)
  if (budget !== null) printLine(budget)
}

function budgetText({ monthly, spentThisMonth, onItsWay, isSpent, freesAt }: Report['budget'], currency: string): string | null {
  if (monthly === null) return null
  const way = onItsWay === 0 ? '' : ` and ${moneyText(onItsWay, currency)} on its way`
  const spent = `Budget of the month (whole fleet, UTC): ${moneyText(spentThisMonth, currency)}${way} of ${moneyText(monthly, currency)}`
  return isSpent ? `${spent}. It is spent: rollouts hold their offers until ${timeText(freesAt)}.` : `${spent}.`
}
