import { readFileSync } from 'node:fs'
import { text as textOf } from 'node:stream/consumers'
import type { Command } from 'commander'
import { parse as parseYaml, stringify as yamlText } from 'yaml'
import { amountText, moneyText } from '../../../shared/domain/money.ts'
import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import type { InputOf, OutputOf } from '../../../shared/rpc/contract.ts'
import { addCostReportCommand } from './cost-report-command.ts'
import { referenceOf } from './model-reference.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'

type Sheet = OutputOf<'costs.sheet'>
type Forecast = OutputOf<'costs.forecast'>

/** Most bytes of a file with a price sheet; fifty links with ten windows each have a tenth of it. */
const MOST_BYTES = 200_000

const fileHelp = `
The file, YAML or JSON; what is left out is as in a new fleet:
  currency: EUR
  links:
    - name: ethernet               # the label link of a device names its link
      pricePerGigabyte: 0
      megabitsPerSecond: 100       # usual speed of one device; null: not known
    - name: cellular
      pricePerGigabyte: 8.5
      megabitsPerSecond: 4
      quiet:                       # no download begins in these hours
        - { cron: "0 7 * * 1-5", minutes: 660, timeZone: site }
  defaultLink: ethernet
  computePerHour: 0.004
  storagePerGigabyteMonth: 0.02
  monthlyBudget: 250               # rollouts hold their offers beyond it; null: none

Examples:
  muster costs sheet --yaml > prices.yaml
  muster costs set prices.yaml`

/** `muster costs …` */
export function addCostCommands(program: Command): void {
  const costs = program
    .command('costs')
    .description('What the fleet costs: prices, forecasts before a release, reports from the ledgers after it.')
  addCostReportCommand(costs)
  costs
    .command('sheet')
    .description('Show the price sheet: links, computing, storage, and the budget of the month.')
    .option('--yaml', 'as a file that `muster costs set` takes')
    .action((flags: { yaml?: boolean }, command: Command) => sheet(command, flags.yaml === true))
  costs
    .command('set <file>')
    .description('Replace the price sheet with a file, or with - for standard input.')
    .addHelpText('after', fileHelp)
    .action((file: string, _: unknown, command: Command) => set(command, file))
  costs
    .command('forecast <name@version>')
    .description('What sending a version to devices takes: bytes that they lack, money, time per link. Nothing is sent.')
    .option('-q, --query <query>', 'to the devices that a query selects; default: the whole fleet', '')
    .addHelpText('after', "\nExample:\n  muster costs forecast digits@1.2.0 --query 'site = lyon'")
    .action((reference: string, { query }: { query: string }, command: Command) => forecast(command, reference, query))
}

function sheet(command: Command, asYaml: boolean): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('costs.sheet', {})
    return { json: shown, text: () => (asYaml ? void process.stdout.write(yamlText(shown)) : printSheet(shown)) }
  })
}

function printSheet(shown: Sheet): void {
  const { currency } = shown
  printTable(
    ['link', `${currency} per GB`, 'Mbit/s', 'quiet hours'],
    shown.links.map(({ name, pricePerGigabyte, megabitsPerSecond, quiet }) => [
      name === shown.defaultLink ? `${name} (usual)` : name,
      ...[pricePerGigabyte, megabitsPerSecond],
      quiet.map(({ cron, minutes, timeZone }) => `${cron} for ${minutes} min (${timeZone})`).join(' · ') || 'none',
    ]),
  )
  const { computePerHour, storagePerGigabyteMonth, monthlyBudget, valuePerThousandInferences } = shown
  printLine(
    `Computing: ${moneyText(computePerHour, currency)} per hour of CPU; storage: ${moneyText(storagePerGigabyteMonth, currency)} per GB and month`,
  )
  if (valuePerThousandInferences !== null) printLine(`Value: ${moneyText(valuePerThousandInferences, currency)} per 1,000 inferences`)
  printLine(monthlyBudget === null ? 'No budget for the month.' : `Budget: ${moneyText(monthlyBudget, currency)} a month, over all devices`)
}

function set(command: Command, file: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const kept = await rpc.call('costs.setSheet', readSheet(file === '-' ? await textOf(process.stdin) : readText(file), file))
    return {
      json: kept,
      text() {
        printLine('The price sheet is kept; reports and forecasts use it from now on.')
        printSheet(kept)
      },
    }
  })
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Problem('usage', `The file ${file} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

/** A price sheet as its file says it; the console checks what is in it. @throws Problem `input.invalid` */
function readSheet(text: string, file: string): InputOf<'costs.setSheet'> {
  if (Buffer.byteLength(text) > MOST_BYTES)
    throw new Problem('input.invalid', `${file} is larger than ${MOST_BYTES / 1000} kB. Nothing was changed.`)
  let value: unknown
  try {
    // A price sheet repeats nothing: aliases are refused, so that a text cannot grow.
    value = parseYaml(text, { maxAliasCount: 0 })
  } catch (error) {
    throw new Problem('input.invalid', `${file} is neither YAML nor JSON: ${messageOf(error)}`, { cause: error })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem('input.invalid', `${file} is no price sheet: it must name currency, links and so on. Nothing was changed.`)
  return value
}

function forecast(command: Command, reference: string, query: string): Promise<void> {
  const of = referenceOf(reference)
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('costs.forecast', { ...of, query })
    return { json: shown, text: () => printForecast(reference, shown) }
  })
}

function printForecast(reference: string, shown: Forecast): void {
  const { currency } = shown
  printLine(
    `${reference} to ${shown.devices} devices: ${shown.bytes} bytes, ${moneyText(shown.money, currency)}. Where devices fetch together the console sends ${shown.published} bytes.`,
  )
  if (shown.byLink.length === 0) return
  printTable(
    ['link', 'devices', 'bytes', currency, 'slowest device'],
    shown.byLink.map((one) => [
      one.isQuietNow ? `${one.link} (quiet hours)` : one.link,
      ...[one.devices, one.bytes, amountText(one.money)],
      one.secondsPerDevice === null ? 'speed not known' : `${one.secondsPerDevice.toFixed(1)} s`,
    ]),
  )
}
