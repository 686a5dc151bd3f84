import type { Command } from 'commander'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { printLine, printTable, timeText } from './output.ts'
import { withConsole } from './program.ts'

type Figure = OutputOf<'overview.show'>['figures']['accuracy']

/** `muster overview`, `muster search` */
export function addOverviewCommands(program: Command): void {
  program
    .command('overview')
    .description('The fleet at a glance: states, what needs attention, versions in the field, live figures.')
    .action((_: unknown, command: Command) => overview(command))
  program
    .command('search <text>')
    .description('Find devices, models, versions, deployments, saved queries and pages.')
    .action((text: string, _: unknown, command: Command) => search(command, text))
}

function overview(command: Command): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('overview.show', {})
    return { json: shown, text: () => printOverview(shown) }
  })
}

function printOverview(shown: OutputOf<'overview.show'>): void {
  printLine(shown.sentence.map(({ text }) => text).join('; '))
  printLine('')
  const { requestsPerSecond, errorRate, p95Ms, accuracy } = shown.figures
  printTable(
    ['figure', 'now', 'change', 'interval at 95 %', 'rests on'],
    [
      ['requests/s', ...figureCells(requestsPerSecond, 2)],
      ['error rate', ...figureCells(errorRate, 4)],
      ['p95 ms', ...figureCells(p95Ms, 3)],
      ['accuracy', ...figureCells(accuracy, 4)],
    ],
  )
  if (shown.needsAttention.length > 0) {
    printLine('')
    printLine(`Needs attention (${shown.attentionTotal}):`)
    for (const one of shown.needsAttention) {
      printLine(`  ${one.severity.padEnd(7)}  ${one.sentence}`)
      printLine(`           ${one.action.text}`)
    }
  }
  if (shown.versions.length > 0) {
    printLine('')
    printTable(
      ['deployment', 'version', 'ordered', 'active'],
      shown.versions.map((one) => [one.deployment, `${one.model}@${one.version}`, one.desired, one.active]),
    )
  }
  if (shown.recentEvents.length > 0) printLine('')
  for (const event of shown.recentEvents.slice(0, 10))
    printLine(`  ${timeText(event.at)}  ${event.device}  ${event.severity.padEnd(7)}  ${event.message}`)
}

function figureCells({ value, change, low, high, samples }: Figure, digits: number): (string | number | null)[] {
  const interval = low === null || high === null ? null : `${low.toFixed(digits)} to ${high.toFixed(digits)}`
  const sign = change !== null && change > 0 ? '+' : ''
  return [value === null ? null : value.toFixed(digits), change === null ? null : `${sign}${change.toFixed(digits)}`, interval, samples]
}

function search(command: Command, text: string): Promise<void> {
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('search.all', { text })
    return {
      json: shown,
      text() {
        if (shown.results.length === 0) printLine(`Nothing is called '${text}'.`)
        else {
          printTable(
            ['kind', 'name', 'what'],
            shown.results.map((one) => [one.kind, one.title, one.detail]),
          )
        }
      },
    }
  })
}
