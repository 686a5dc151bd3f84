import type { Command } from 'commander'
import { Problem } from '../../../shared/domain/problem.ts'
import { progressText, scopeOf, withScope, type ScopeFlags } from './label-scope.ts'
import { printLine, printTable } from './output.ts'
import { withConsole } from './program.ts'

interface SettingFlags {
  labellers?: string
  target?: string
}

/** `muster labels progress`, `agreement`, `settings` */
export function addLabelReportCommands(labels: Command): void {
  withScope(labels.command('progress'))
    .description('How many labels there are, and what they say of the accuracy.')
    .action((flags: ScopeFlags, command: Command) => progress(command, flags))
  withScope(labels.command('agreement'))
    .description('How far labellers agree.')
    .action((flags: ScopeFlags, command: Command) => agreement(command, flags))
  labels
    .command('settings')
    .description('Show the rules of the desk, or change them.')
    .option('--labellers <n>', 'labellers who must agree on a row, 1 to 9')
    .option('--target <share>', 'half the width of the interval to come to, such as 0.02')
    .action((flags: SettingFlags, command: Command) => settings(command, flags))
}

function progress(command: Command, flags: ScopeFlags): Promise<void> {
  const scope = scopeOf(flags)
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('labelling.progress', scope)
    return {
      json: shown,
      text() {
        for (const line of progressText(shown)) printLine(line)
      },
    }
  })
}

function agreement(command: Command, flags: ScopeFlags): Promise<void> {
  const scope = scopeOf(flags)
  return withConsole(command, async ({ rpc }) => {
    const shown = await rpc.call('labelling.agreement', scope)
    return {
      json: shown,
      text() {
        if (shown.agreement === null) printLine('Insufficient data: no row has labels of two people yet.')
        else
          printLine(
            `${shown.rows} rows with two labels or more: ${share(shown.agreement)} of the pairs agree${shown.kappa === null ? '' : `, kappa ${shown.kappa.toFixed(3)}`}`,
          )
        if (shown.pairs.length > 0)
          printTable(
            ['a', 'b', 'rows', 'agree', 'kappa'],
            shown.pairs.map((pair) => [
              pair.a,
              pair.b,
              pair.rows,
              share(pair.agreement),
              pair.kappa === null ? null : Number(pair.kappa.toFixed(3)),
            ]),
          )
        if (shown.labellers.length > 0)
          printTable(
            ['labeller', 'labels', 'skipped', 'as settled'],
            shown.labellers.map((one) => [one.by, one.labels, one.skipped, one.agreement === null ? null : share(one.agreement)]),
          )
      },
    }
  })
}

function share(value: number): string {
  return `${(value * 100).toFixed(1)} %`
}

function settings(command: Command, { labellers, target }: SettingFlags): Promise<void> {
  const change = {
    ...(labellers === undefined ? {} : { labellersNeeded: numberOf('--labellers', labellers) }),
    ...(target === undefined ? {} : { targetHalfWidth: numberOf('--target', target) }),
  }
  return withConsole(command, async ({ rpc }) => {
    if (Object.keys(change).length > 0) await rpc.call('labelling.set', change)
    const shown = await rpc.call('labelling.settings', {})
    return {
      json: shown,
      text() {
        printLine(`labellers who must agree  ${shown.labellersNeeded}`)
        printLine(`interval to come to       ±${(shown.targetHalfWidth * 100).toFixed(2)} points`)
        printLine(shown.sampling)
      },
    }
  })
}

function numberOf(flag: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new Problem('usage', `${flag}: '${text}' is no number.`)
  return value
}
